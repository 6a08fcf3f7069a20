#include "jpeg_shrink.h"

#include <jxl/encode.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "fault.h"
#include "jpeg_messages.h"
#include "lib/jxl/base/exif.h"

namespace eitherside {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;
constexpr int kIccMarker = JPEG_APP0 + 2;
constexpr char kExifHead[] = "Exif\0";

[[noreturn]] void on_error(j_common_ptr) {
  note_jpeg_error();
  fault("corrupt", last_note());
}

// libjpeg's decompressor at the size of a scope.
struct Decompressor {
  jpeg_decompress_struct info = {};
  jpeg_error_mgr errors = {};

  explicit Decompressor(Bytes bytes) {
    info.err = jpeg_std_error(&errors);
    errors.error_exit = &on_error;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
    jpeg_save_markers(&info, kExifMarker, 0xFFFF);
    jpeg_save_markers(&info, kIccMarker, 0xFFFF);
  }
  ~Decompressor() {
    jpeg_destroy_decompress(&info);
    forget_jpeg_errors();
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

void read_markers(jpeg_decompress_struct* info, Packed* packed) {
  for (jpeg_saved_marker_ptr marker = info->marker_list; marker != nullptr; marker = marker->next) {
    constexpr size_t kHead = sizeof(kExifHead);
    if (marker->marker == kExifMarker && marker->data_length > kHead &&
        memcmp(marker->data, kExifHead, kHead) == 0) {
      packed->metadata.exif.assign(marker->data + kHead, marker->data + marker->data_length);
      break;
    }
  }
  JOCTET* icc = nullptr;
  unsigned int size = 0;
  if (jpeg_read_icc_profile(info, &icc, &size) == TRUE) {
    packed->icc.assign(icc, icc + size);
    std::free(icc);
  }
  packed->primary_color_representation =
      packed->icc.empty() ? Packed::kColorEncodingIsPrimary : Packed::kIccIsPrimary;
  JxlColorEncodingSetToSRGB(&packed->color_encoding, info->num_components == 1 ? JXL_TRUE : JXL_FALSE);
  packed->info.orientation = JXL_ORIENT_IDENTITY;
  jxl::InterpretExif(packed->metadata.exif, &packed->info.orientation);
}

void describe(const jpeg_decompress_struct& jpeg, JxlBasicInfo* info) {
  const JxlOrientation orientation = info->orientation;
  JxlEncoderInitBasicInfo(info);
  info->xsize = jpeg.output_width;
  info->ysize = jpeg.output_height;
  info->bits_per_sample = 8;
  info->num_color_channels = static_cast<uint32_t>(jpeg.output_components);
  info->orientation = orientation;
  info->uses_original_profile = JXL_TRUE;
}

}  // namespace

bool read_shrunk_jpeg(Call& call, Bytes bytes, uint32_t denominator, Packed* packed, bool* done) {
  const FaultScope scope("corrupt");
  clear_notes();
  Decompressor decompressor(bytes);
  jpeg_decompress_struct& info = decompressor.info;
  *done = jpeg_read_header(&info, TRUE) == JPEG_HEADER_OK && info.arith_code == FALSE &&
          (info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_GRAYSCALE);
  if (!*done) return true;
  if (!check_limits(call, info.image_width, info.image_height, 1)) return false;
  read_markers(&info, packed);
  info.scale_num = 1;
  info.scale_denom = denominator;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  const auto channels = static_cast<uint32_t>(info.output_components);
  auto made = jxl::extras::PackedFrame::Create(info.output_width, info.output_height,
                                               {channels, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0});
  if (!made.ok()) return call.fail_with_note("memory_limit", "no memory for the image");
  jxl::extras::PackedFrame frame = std::move(made).value_();
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = static_cast<uint8_t*>(frame.color.pixels()) + info.output_scanline * frame.color.stride;
    jpeg_read_scanlines(&info, &row, 1);
  }
  describe(info, &packed->info);
  jpeg_finish_decompress(&info);
  packed->frames.push_back(std::move(frame));
  // What is damaged is left to the ordinary reader, which says how.
  *done = *jpeg_warning() == 0;
  return true;
}

}  // namespace eitherside
