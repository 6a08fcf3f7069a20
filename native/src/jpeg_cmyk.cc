#include "jpeg_cmyk.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "fault.h"
#include "jpeg_messages.h"
#include "jpeg_segments.h"

namespace eitherside {
namespace {

namespace ex = jxl::extras;

// Where an ICC profile's header tells the colour space of its device.
constexpr size_t kSpaceAt = 16;

void give_up(j_common_ptr) {
  jmp_buf nowhere = {};
  longjmp(nowhere, 1);
}

void say_nothing(j_common_ptr) {}

std::vector<uint8_t> profile_of(jpeg_decompress_struct* info) {
  JOCTET* bytes = nullptr;
  unsigned int size = 0;
  std::vector<uint8_t> profile;
  if (jpeg_read_icc_profile(info, &bytes, &size)) profile.assign(bytes, bytes + size);
  std::free(bytes);
  const bool is_cmyk = profile.size() > kSpaceAt + 4 && memcmp(profile.data() + kSpaceAt, "CMYK", 4) == 0;
  return is_cmyk ? profile : std::vector<uint8_t>();
}

// Both have 0 for full ink: so files of Adobe's programs do, and so JPEG XL does.
void store_row(const uint8_t* cmyk, size_t width, bool inverted, uint8_t* colour, uint8_t* black) {
  const uint8_t flip = inverted ? 0 : 255;
  for (size_t x = 0; x < width; ++x, cmyk += 4, colour += 3) {
    const uint32_t k = cmyk[3] ^ flip;
    for (size_t c = 0; c < 3; ++c) {
      const uint32_t ink = cmyk[c] ^ flip;
      colour[c] = static_cast<uint8_t>(black == nullptr ? (ink * k + 127) / 255 : ink);
    }
    if (black != nullptr) black[x] = static_cast<uint8_t>(k);
  }
}

void describe(const jpeg_decompress_struct& info, Packed* packed) {
  packed->info.xsize = info.image_width;
  packed->info.ysize = info.image_height;
  packed->info.bits_per_sample = 8;
  packed->info.num_color_channels = 3;
  JxlColorEncodingSetToSRGB(&packed->color_encoding, JXL_FALSE);
  if (packed->icc.empty()) return;
  packed->primary_color_representation = Packed::kIccIsPrimary;
  packed->info.num_extra_channels = 1;
  ex::PackedExtraChannel black = {};
  JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_BLACK, &black.ec_info);
  packed->extra_channels_info.push_back(std::move(black));
}

}  // namespace

bool read_cmyk_jpeg(Call& call, Bytes bytes, Packed* packed) {
  jpeg_decompress_struct info = {};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  errors.error_exit = &give_up;
  errors.output_message = &say_nothing;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_save_markers(&info, JPEG_APP0 + 2, 0xFFFF);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_CMYK;
  packed->icc = profile_of(&info);
  packed->metadata.exif = exif_of_jpeg(bytes);
  describe(info, packed);
  jpeg_start_decompress(&info);
  const bool has_black = !packed->icc.empty();
  auto frame = ex::PackedFrame::Create(info.output_width, info.output_height,
                                       {3, JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0});
  auto plane = ex::PackedImage::Create(info.output_width, info.output_height,
                                       {1, JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0});
  if (!frame.ok() || !plane.ok()) return call.fail("memory_limit", "no memory for a frame");
  ex::PackedFrame made = std::move(frame).value_();
  ex::PackedImage black = std::move(plane).value_();
  std::vector<uint8_t> row(size_t{info.output_width} * 4);
  while (info.output_scanline < info.output_height) {
    const size_t y = info.output_scanline;
    JSAMPROW rows[] = {row.data()};
    jpeg_read_scanlines(&info, rows, 1);
    store_row(row.data(), info.output_width, info.saw_Adobe_marker != 0, made.color.pixels(y, 0, 0),
              has_black ? black.pixels(y, 0, 0) : nullptr);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  if (has_black) made.extra_channels.push_back(std::move(black));
  packed->frames.push_back(std::move(made));
  return true;
}

}  // namespace eitherside
