#include "direct.h"

#include <string.h>

#include <algorithm>

namespace eitherside {

bool Direct::is_plain() const {
  if (packed_.frames.size() != 1 || !packed_.extra_channels_info.empty()) return false;
  const JxlBasicInfo& info = packed_.info;
  const jxl::extras::PackedFrame& frame = packed_.frames.front();
  const JxlPixelFormat& format = frame.color.format;
  const uint32_t channels = info.num_color_channels + (info.alpha_bits > 0 ? 1 : 0);
  return info.bits_per_sample == 8 && info.exponent_bits_per_sample == 0 &&
         (info.alpha_bits == 0 || info.alpha_bits == 8) && info.alpha_premultiplied == JXL_FALSE &&
         info.orientation == JXL_ORIENT_IDENTITY && frame.extra_channels.empty() &&
         frame.frame_info.layer_info.have_crop == JXL_FALSE &&
         frame.frame_info.layer_info.blend_info.blendmode == JXL_BLEND_REPLACE &&
         format.data_type == JXL_TYPE_UINT8 && format.num_channels == channels &&
         frame.color.xsize == info.xsize && frame.color.ysize == info.ysize &&
         frame.color.stride == size_t{info.xsize} * channels;
}

bool Direct::is_as_stored(const PixelRequest& request) const {
  const uint32_t channels = packed_.frames.front().color.format.num_channels;
  const uint32_t wanted = request.format.num_channels;
  const bool fits = wanted == 0 || wanted == channels || (wanted == 4 && channels == 3);
  return fits && (request.automatic_type || request.format.data_type == JXL_TYPE_UINT8) &&
         request.region.everything() && request.extra.empty() && request.start == 0 && request.coalesce &&
         !request.preview && !request.prefix && !request.dc_only && !request.rows;
}

bool Direct::make_pixel(bool keep_metadata) {
  Packed pixel;
  pixel.info = packed_.info;
  pixel.info.xsize = pixel.info.ysize = 1;
  pixel.color_encoding = packed_.color_encoding;
  pixel.icc = packed_.icc;
  pixel.primary_color_representation = packed_.primary_color_representation;
  pixel.input_bitdepth = packed_.input_bitdepth;
  if (keep_metadata) pixel.metadata = packed_.metadata;
  const jxl::extras::PackedFrame& from = packed_.frames.front();
  auto made = jxl::extras::PackedFrame::Create(1, 1, from.color.format);
  if (!made.ok()) return call_.fail_with_note("memory_limit", "no memory for a frame");
  jxl::extras::PackedFrame frame = std::move(made).value_();
  memcpy(frame.color.pixels(), from.color.pixels(), frame.color.pixels_size);
  frame.frame_info = from.frame_info;
  frame.frame_info.layer_info.xsize = frame.frame_info.layer_info.ysize = 1;
  frame.name = from.name;
  pixel.frames.push_back(std::move(frame));
  EncodeRequest lossless;
  lossless.distance = 0;
  lossless.effort = 1;
  return encode_packed(call_, pixel, lossless, keep_metadata, &file_);
}

bool Direct::start(const PixelRequest& request, bool keep_metadata, bool* failed) {
  *failed = false;
  if (!is_plain() || !is_as_stored(request)) return false;
  *failed = true;
  if (!make_pixel(keep_metadata)) return false;
  reader_ = std::make_unique<JxlReader>(call_, Bytes(file_.data(), file_.size()));
  const auto sink = [this](Frame&& frame) {
    frame_ = std::move(frame);
    return true;
  };
  if (!reader_->read_frames(request, sink)) return false;
  *failed = false;
  if (reader_->changes_samples()) return false;
  frame_.samples = Buffer();
  frame_.width = packed_.info.xsize;
  frame_.height = packed_.info.ysize;
  reader_->stand_for(packed_.info.xsize, packed_.info.ysize);
  return true;
}

bool Direct::take(Buffer* samples) const {
  const jxl::extras::PackedImage& image = packed_.frames.front().color;
  const size_t pixels = image.xsize * image.ysize;
  const size_t channels = reader_->format().num_channels;
  const uint64_t size = uint64_t{pixels} * channels;
  if (size > memory_left() || !samples->resize(static_cast<size_t>(size))) {
    return call_.fail("memory_limit", "no memory for a frame");
  }
  const auto* from = static_cast<const uint8_t*>(image.pixels());
  if (channels == image.format.num_channels) {
    memcpy(samples->data(), from, samples->size());
    return true;
  }
  uint8_t* to = samples->data();
  for (size_t i = 0; i < pixels; ++i, from += 3, to += 4) {
    to[0] = from[0];
    to[1] = from[1];
    to[2] = from[2];
    to[3] = 0xFF;
  }
  return true;
}

}  // namespace eitherside
