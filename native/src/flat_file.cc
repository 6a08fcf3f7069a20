#include "flat_file.h"

#include <string.h>

#include <algorithm>

#include "fault.h"
#include "lib/extras/exif.h"

namespace eitherside {

PixelRequest FlatFile::request(const JxlBasicInfo& info, bool has_black) const {
  PixelRequest request;
  request.first_frame_only = to_ != Format::apng;
  request.want_metadata = keep_metadata_;
  request.unpremultiply = true;
  // Big endian as the writers of PNG and PNM take samples.
  request.format = {
      0, info.bits_per_sample > 8 || info.exponent_bits_per_sample > 0 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
      JXL_BIG_ENDIAN, 0};
  if (to_ == Format::jpeg) request.format.data_type = JXL_TYPE_UINT8;
  if (to_ == Format::pfm) request.format = {info.num_color_channels, JXL_TYPE_FLOAT, JXL_LITTLE_ENDIAN, 0};
  // The other formats know no black channel.
  request.srgb = has_black;
  request.codestream_depth = to_ == Format::pnm && info.exponent_bits_per_sample == 0 &&
                             info.bits_per_sample <= 16 &&
                             (info.alpha_bits == 0 || info.alpha_bits == info.bits_per_sample);
  return request;
}

void FlatFile::describe(const JxlReader& reader, const PixelRequest& request, const JxlPixelFormat& format) {
  const JxlFacts& facts = reader.facts();
  format_ = format;
  packed_.info = facts.info;
  packed_.info.orientation = JXL_ORIENT_IDENTITY;
  packed_.info.num_extra_channels = 0;
  packed_.color_encoding = facts.encoding;
  packed_.icc = facts.icc;
  packed_.primary_color_representation =
      facts.has_encoding ? Packed::kColorEncodingIsPrimary : Packed::kIccIsPrimary;
  take_metadata(reader.metadata());
  set_depth(request);
}

void FlatFile::set_size(uint32_t width, uint32_t height) {
  packed_.info.xsize = width;
  packed_.info.ysize = height;
}

void FlatFile::take_metadata(const Metadata& metadata) {
  if (!keep_metadata_) return;
  // ISO/IEC 18181-2: the first four bytes of an Exif box are the offset of the TIFF header.
  if (metadata.exif.size() > 4) {
    packed_.metadata.exif.assign(metadata.exif.begin() + 4, metadata.exif.end());
    jxl::ResetExifOrientation(packed_.metadata.exif);
  }
  packed_.metadata.xmp = metadata.xmp;
  packed_.metadata.jumbf = metadata.jumbf;
}

void FlatFile::set_depth(const PixelRequest& request) {
  JxlBasicInfo& info = packed_.info;
  const bool has_alpha = format_.num_channels % 2 == 0;
  if (format_.data_type == JXL_TYPE_FLOAT) {
    info.bits_per_sample = 32;
    info.exponent_bits_per_sample = 8;
  } else if (!request.codestream_depth) {
    info.bits_per_sample = format_.data_type == JXL_TYPE_UINT8 ? 8 : 16;
    info.exponent_bits_per_sample = 0;
  }
  info.alpha_bits = has_alpha ? info.bits_per_sample : 0;
  info.alpha_exponent_bits = has_alpha ? info.exponent_bits_per_sample : 0;
  info.num_extra_channels = has_alpha ? 1 : 0;
  info.num_color_channels = format_.num_channels < 3 ? 1 : 3;
  if (request.unpremultiply) info.alpha_premultiplied = JXL_FALSE;
}

void FlatFile::add_frame(const FrameFacts& facts, Buffer&& samples) {
  waiting_.emplace_back(facts, std::move(samples));
}

void FlatFile::add_frame(const FrameFacts& facts, jxl::extras::PackedImage&& colour) {
  if (!packed_.frames.empty()) packed_.frames.back().frame_info.is_last = JXL_FALSE;
  jxl::extras::PackedFrame frame(std::move(colour));
  frame.frame_info.duration = facts.ticks;
  frame.frame_info.layer_info.xsize = packed_.info.xsize;
  frame.frame_info.layer_info.ysize = packed_.info.ysize;
  frame.frame_info.is_last = JXL_TRUE;
  frame.name = facts.name;
  packed_.frames.push_back(std::move(frame));
}

bool FlatFile::copy_frames() {
  for (auto& [facts, samples] : waiting_) {
    auto image = jxl::extras::PackedImage::Create(packed_.info.xsize, packed_.info.ysize, format_);
    if (!image.ok()) return call_.fail_with_note("memory_limit", "no memory for a frame");
    jxl::extras::PackedImage colour = std::move(image).value_();
    memcpy(colour.pixels(), samples.data(), std::min(colour.pixels_size, samples.size()));
    samples = Buffer();
    add_frame(facts, std::move(colour));
  }
  waiting_.clear();
  return true;
}

bool FlatFile::write(Buffer* file) {
  if (!copy_frames()) return false;
  frames_ = packed_.frames.size();
  if (to_ == Format::jpeg) flatten();
  if (to_ != Format::apng) packed_.info.have_animation = JXL_FALSE;
  return write_packed(call_, to_, &packed_, file);
}

// JPEG has no alpha: what shows through is white.
void FlatFile::flatten() {
  if (packed_.info.alpha_bits == 0) return;
  const jxl::extras::PackedImage& from = packed_.frames.front().color;
  const uint32_t colours = packed_.info.num_color_channels;
  auto made =
      jxl::extras::PackedFrame::Create(from.xsize, from.ysize, {colours, JXL_TYPE_UINT8, JXL_BIG_ENDIAN, 0});
  if (!made.ok()) fault("memory_limit", "no memory for a frame");
  jxl::extras::PackedFrame flat = std::move(made).value_();
  const auto* in = static_cast<const uint8_t*>(from.pixels());
  auto* out = static_cast<uint8_t*>(flat.color.pixels());
  for (size_t i = 0; i < from.xsize * from.ysize; ++i, in += colours + 1) {
    const uint32_t alpha = in[colours];
    for (uint32_t c = 0; c < colours; ++c) {
      *out++ = static_cast<uint8_t>((in[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  flat.frame_info = packed_.frames.front().frame_info;
  packed_.frames.clear();
  packed_.frames.push_back(std::move(flat));
  packed_.info.alpha_bits = 0;
  packed_.info.num_extra_channels = 0;
}

}  // namespace eitherside
