#include "jxl_reader.h"

#include <jxl/cms.h>
#include <jxl/decode.h>
#include <jxl/encode.h>
#include <string.h>

#include <algorithm>

#include "fault.h"
#include "formats.h"

namespace eitherside {
namespace {

constexpr size_t kBoxStep = 65536;

JxlDataType smallest_type(const JxlBasicInfo& info) {
  if (info.exponent_bits_per_sample > 0 || info.bits_per_sample > 16) return JXL_TYPE_FLOAT;
  return info.bits_per_sample > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8;
}

bool is_srgb(const JxlFacts& facts) {
  const JxlColorEncoding& e = facts.encoding;
  return facts.has_encoding && e.white_point == JXL_WHITE_POINT_D65 &&
         e.transfer_function == JXL_TRANSFER_FUNCTION_SRGB &&
         (e.color_space == JXL_COLOR_SPACE_GRAY ||
          (e.color_space == JXL_COLOR_SPACE_RGB && e.primaries == JXL_PRIMARIES_SRGB));
}

size_t sample_size(JxlDataType type) {
  return type == JXL_TYPE_UINT8 ? 1 : (type == JXL_TYPE_UINT16 ? 2 : 4);
}

// Writes a sample, nominally 0 to 1, in the type asked for.
void store(float value, JxlDataType type, bool big_endian, uint8_t* to) {
  if (type == JXL_TYPE_FLOAT) {
    memcpy(to, &value, sizeof(value));
    return;
  }
  // The comparison is false for NaN.
  const float inside = value > 0 ? std::min(value, 1.0F) : 0.0F;
  if (type == JXL_TYPE_UINT8) {
    *to = static_cast<uint8_t>(inside * 255.0F + 0.5F);
    return;
  }
  const auto wide = static_cast<uint16_t>(inside * 65535.0F + 0.5F);
  to[big_endian ? 0 : 1] = static_cast<uint8_t>(wide >> 8);
  to[big_endian ? 1 : 0] = static_cast<uint8_t>(wide);
}

}  // namespace

bool JxlReader::start(int events) {
  decoder_ = JxlDecoderMake(memory_manager());
  if (decoder_ == nullptr) return fail("memory_limit", "no memory for a decoder");
  JxlDecoder* d = decoder_.get();
  clear_notes();
  if (JxlDecoderSubscribeEvents(d, events) != JXL_DEC_SUCCESS ||
      JxlDecoderSetCms(d, *JxlGetDefaultCms()) != JXL_DEC_SUCCESS ||
      JxlDecoderSetInput(d, bytes_.data(), bytes_.size()) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder refused its settings");
  }
  return true;
}

bool JxlReader::read_facts() {
  if (!start(JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME | JXL_DEC_BOX)) return false;
  return run();
}

bool JxlReader::read_header() {
  header_only_ = true;
  return start(JXL_DEC_BASIC_INFO | JXL_DEC_FRAME | JXL_DEC_BOX) && run();
}

bool JxlReader::read_pixels(const PixelRequest& request,
                            const std::function<bool(const FrameFacts&, Buffer&&)>& frame) {
  request_ = request;
  sink_ = frame;
  want_pixels_ = true;
  int events = JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME | JXL_DEC_FULL_IMAGE;
  if (request.want_metadata) events |= JXL_DEC_BOX;
  if (!start(events)) return false;
  JxlDecoder* d = decoder_.get();
  if (JxlDecoderSetKeepOrientation(d, request.keep_orientation ? JXL_TRUE : JXL_FALSE) != JXL_DEC_SUCCESS ||
      JxlDecoderSetUnpremultiplyAlpha(d, request.unpremultiply ? JXL_TRUE : JXL_FALSE) != JXL_DEC_SUCCESS ||
      (request.want_metadata && JxlDecoderSetDecompressBoxes(d, JXL_TRUE) != JXL_DEC_SUCCESS)) {
    return fail("internal", "the decoder refused its settings");
  }
  if (!run()) return false;
  if (delivered_ == 0) return fail("corrupt", "the file holds no frame");
  return true;
}

bool JxlReader::read_jpeg(Buffer* jpeg, bool* found) {
  jpeg_ = jpeg;
  if (!start(JXL_DEC_JPEG_RECONSTRUCTION | JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE)) return false;
  if (!run()) return false;
  *found = jpeg_found_;
  return true;
}

bool JxlReader::run() {
  JxlDecoder* d = decoder_.get();
  for (;;) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(d);
    bool going = true;
    switch (status) {
      case JXL_DEC_SUCCESS:
        end_box();
        return true;
      case JXL_DEC_ERROR:
        if (closed_ && !memory_exhausted()) return fail_truncated();
        return fail("corrupt", "the image cannot be decoded");
      case JXL_DEC_NEED_MORE_INPUT:
        if (header_only_ && has_header_) return true;
        if (closed_) return fail_truncated();
        // A last box may reach to the end of the file: only now that all is read may the decoder know that it
        // was all.
        closed_ = true;
        JxlDecoderCloseInput(d);
        break;
      case JXL_DEC_BASIC_INFO:
        going = on_basic_info();
        break;
      case JXL_DEC_COLOR_ENCODING:
        going = on_colour();
        break;
      case JXL_DEC_FRAME:
        going = on_frame();
        break;
      case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
        if (jpeg_ != nullptr) return true;
        going = on_out_buffer();
        break;
      case JXL_DEC_FULL_IMAGE:
        if (jpeg_ == nullptr) going = on_full_image();
        break;
      case JXL_DEC_BOX:
        going = on_box();
        break;
      case JXL_DEC_BOX_NEED_MORE_OUTPUT:
        going = grow_box();
        break;
      case JXL_DEC_BOX_COMPLETE:
        break;
      case JXL_DEC_JPEG_RECONSTRUCTION:
        jpeg_found_ = true;
        going = grow_jpeg();
        break;
      case JXL_DEC_JPEG_NEED_MORE_OUTPUT:
        going = grow_jpeg();
        break;
      case JXL_DEC_NEED_PREVIEW_OUT_BUFFER:
      case JXL_DEC_PREVIEW_IMAGE:
      case JXL_DEC_FRAME_PROGRESSION:
      default:
        return call_.fail("internal", "the decoder gave the status %d, which was not asked for",
                          static_cast<int>(status));
    }
    if (!going) return false;
    if (done_early()) {
      end_box();
      return true;
    }
    if (jpeg_ != nullptr && jpeg_found_ && status == JXL_DEC_FULL_IMAGE) {
      const size_t used = jpeg_->size() - JxlDecoderReleaseJPEGBuffer(d);
      return jpeg_->resize(used) || fail("memory_limit", "no memory for the JPEG file");
    }
  }
}

bool JxlReader::fail_truncated() {
  return call_.fail_input("truncated", "image",
                          "the JPEG XL file ends early: its %zu bytes are not the whole image",
                          bytes_.size());
}

bool JxlReader::done_early() const {
  if (header_only_) return reached_frame_;
  return want_pixels_ && request_.first_frame_only && !request_.want_metadata && delivered_ > 0;
}

bool JxlReader::on_basic_info() {
  JxlDecoder* d = decoder_.get();
  JxlBasicInfo& info = facts_.info;
  if (JxlDecoderGetBasicInfo(d, &info) != JXL_DEC_SUCCESS)
    return fail("corrupt", "the image header cannot be read");
  has_header_ = true;
  if (header_only_) return true;
  if (!check_limits(call_, info.xsize, info.ysize, 1)) return false;
  if (jpeg_ != nullptr) return true;
  for (uint32_t i = 0; i < info.num_extra_channels; ++i) {
    ExtraChannelFacts channel;
    if (JxlDecoderGetExtraChannelInfo(d, i, &channel.info) != JXL_DEC_SUCCESS) {
      return fail("corrupt", "an extra channel's header cannot be read");
    }
    std::vector<char> name(channel.info.name_length + 1);
    if (JxlDecoderGetExtraChannelName(d, i, name.data(), name.size()) != JXL_DEC_SUCCESS) {
      return fail("corrupt", "an extra channel's name cannot be read");
    }
    channel.name = name.data();
    facts_.extra_channels.push_back(std::move(channel));
  }
  return !want_pixels_ || choose_format();
}

bool JxlReader::choose_format() {
  const JxlBasicInfo& info = facts_.info;
  JxlPixelFormat& format = request_.format;
  if (request_.automatic_type) format.data_type = smallest_type(info);
  if (format.num_channels == 0) format.num_channels = info.num_color_channels + (info.alpha_bits > 0 ? 1 : 0);
  if (format.num_channels < 3 && info.num_color_channels == 3) {
    return call_.fail_option("channels", "a colour image cannot be decoded to %u channels; it takes 3 or 4",
                             format.num_channels);
  }
  if (format.data_type == JXL_TYPE_FLOAT || info.exponent_bits_per_sample > 0)
    request_.codestream_depth = false;
  return true;
}

bool JxlReader::on_colour() {
  JxlDecoder* d = decoder_.get();
  const bool is_xyb = facts_.info.uses_original_profile == JXL_FALSE;
  if (want_pixels_ && request_.srgb && is_xyb) {
    JxlColorEncoding srgb;
    JxlColorEncodingSetToSRGB(&srgb, facts_.info.num_color_channels == 1 ? JXL_TRUE : JXL_FALSE);
    if (JxlDecoderSetOutputColorProfile(d, &srgb, nullptr, 0) != JXL_DEC_SUCCESS) {
      return fail("unsupported", "the colours cannot be converted to sRGB");
    }
  } else if (want_pixels_ && is_xyb) {
    // An XYB image with an ICC profile comes out in sRGB or linear unless the profile is asked for.
    size_t size = 0;
    JxlColorEncoding encoding;
    if (JxlDecoderGetColorAsEncodedProfile(d, JXL_COLOR_PROFILE_TARGET_ORIGINAL, &encoding) !=
            JXL_DEC_SUCCESS &&
        JxlDecoderGetICCProfileSize(d, JXL_COLOR_PROFILE_TARGET_ORIGINAL, &size) == JXL_DEC_SUCCESS &&
        size > 0) {
      std::vector<uint8_t> icc(size);
      if (JxlDecoderGetColorAsICCProfile(d, JXL_COLOR_PROFILE_TARGET_ORIGINAL, icc.data(), size) ==
          JXL_DEC_SUCCESS) {
        // Where this profile cannot be an output the decoder's own choice stands, and the ICC output says
        // which.
        (void)JxlDecoderSetOutputColorProfile(d, nullptr, icc.data(), icc.size());
      }
    }
  }
  const JxlColorProfileTarget target =
      want_pixels_ ? JXL_COLOR_PROFILE_TARGET_DATA : JXL_COLOR_PROFILE_TARGET_ORIGINAL;
  size_t size = 0;
  if (JxlDecoderGetICCProfileSize(d, target, &size) == JXL_DEC_SUCCESS && size > 0) {
    facts_.icc.resize(size);
    if (JxlDecoderGetColorAsICCProfile(d, target, facts_.icc.data(), size) != JXL_DEC_SUCCESS) {
      return fail("corrupt", "the colour profile cannot be read");
    }
  }
  facts_.has_encoding = JxlDecoderGetColorAsEncodedProfile(d, target, &facts_.encoding) == JXL_DEC_SUCCESS;
  clear_notes();
  decoded_format_ = request_.format;
  if (want_pixels_ && request_.srgb && !is_xyb && !is_srgb(facts_)) return prepare_conversion();
  return true;
}

bool JxlReader::prepare_conversion() {
  const JxlBasicInfo& info = facts_.info;
  converter_ = std::make_unique<ColourConverter>();
  if (!converter_->start(facts_.icc, info.xsize, info.intensity_target)) {
    return fail("unsupported", "the colour profile cannot be converted to sRGB");
  }
  decoded_format_.data_type = JXL_TYPE_FLOAT;
  decoded_format_.endianness = JXL_LITTLE_ENDIAN;
  request_.codestream_depth = false;
  facts_.icc = converter_->icc();
  JxlColorEncodingSetToSRGB(&facts_.encoding, info.num_color_channels == 1 ? JXL_TRUE : JXL_FALSE);
  facts_.has_encoding = true;
  return true;
}

bool JxlReader::set_black_buffer() {
  JxlDecoder* d = decoder_.get();
  const JxlPixelFormat format = {1, JXL_TYPE_FLOAT, JXL_LITTLE_ENDIAN, 0};
  for (uint32_t i = 0; i < facts_.extra_channels.size(); ++i) {
    if (facts_.extra_channels[i].info.type != JXL_CHANNEL_BLACK) continue;
    size_t size = 0;
    if (JxlDecoderExtraChannelBufferSize(d, &format, &size, i) != JXL_DEC_SUCCESS || !black_.resize(size) ||
        JxlDecoderSetExtraChannelBuffer(d, &format, black_.data(), size, i) != JXL_DEC_SUCCESS) {
      return fail("memory_limit", "no memory for the black channel");
    }
    return true;
  }
  return call_.fail_input("unsupported", "image",
                          "the colour profile is CMYK, but the image has no black channel");
}

bool JxlReader::on_frame() {
  reached_frame_ = true;
  if (header_only_) return true;
  JxlDecoder* d = decoder_.get();
  JxlFrameHeader header;
  if (JxlDecoderGetFrameHeader(d, &header) != JXL_DEC_SUCCESS)
    return fail("corrupt", "a frame header cannot be read");
  frame_ = {};
  frame_.ticks = header.duration;
  const JxlAnimationHeader& animation = facts_.info.animation;
  if (facts_.info.have_animation == JXL_TRUE && animation.tps_numerator > 0) {
    frame_.seconds =
        static_cast<double>(header.duration) * animation.tps_denominator / animation.tps_numerator;
  }
  std::vector<char> name(header.name_length + 1);
  if (JxlDecoderGetFrameName(d, name.data(), name.size()) != JXL_DEC_SUCCESS) {
    return fail("corrupt", "a frame's name cannot be read");
  }
  frame_.name = name.data();
  facts_.frames.push_back(frame_);
  return check_limits(call_, facts_.info.xsize, facts_.info.ysize, facts_.frames.size());
}

bool JxlReader::on_out_buffer() {
  JxlDecoder* d = decoder_.get();
  size_t size = 0;
  if (JxlDecoderImageOutBufferSize(d, &decoded_format_, &size) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder does not tell the size of a frame");
  }
  if (size > memory_left()) {
    return call_.fail("memory_limit", "a frame of %zu bytes does not fit the call's memory ceiling", size);
  }
  if (!samples_.resize(size)) return fail("memory_limit", "no memory for a frame");
  if (JxlDecoderSetImageOutBuffer(d, &decoded_format_, samples_.data(), size) != JXL_DEC_SUCCESS) {
    return fail("unsupported", "the samples cannot be given in this format");
  }
  if (converter_ != nullptr && converter_->channels_in() == 4 && !set_black_buffer()) return false;
  if (request_.codestream_depth) {
    const JxlBitDepth depth = {JXL_BIT_DEPTH_FROM_CODESTREAM, 0, 0};
    if (JxlDecoderSetImageOutBitDepth(d, &depth) != JXL_DEC_SUCCESS) {
      return fail("unsupported", "the samples cannot be given in the file's own depth");
    }
  }
  return true;
}

bool JxlReader::on_full_image() {
  if (request_.first_frame_only && delivered_ > 0) return true;
  ++delivered_;
  Buffer samples;
  if (converter_ != nullptr) {
    if (!convert(&samples)) return false;
  } else {
    samples = std::move(samples_);
  }
  samples_ = Buffer();
  return sink_(frame_, std::move(samples));
}

bool JxlReader::convert(Buffer* converted) {
  const size_t width = facts_.info.xsize;
  const size_t channels = decoded_format_.num_channels;
  const size_t colours = channels < 3 ? 1 : 3;
  const size_t in = converter_->channels_in();
  const size_t out = converter_->channels_out();
  const size_t sample_bytes = sample_size(request_.format.data_type);
  if (!converted->resize(samples_.size() / sizeof(float) * sample_bytes)) {
    return fail("memory_limit", "no memory for a frame");
  }
  const auto* from = reinterpret_cast<const float*>(samples_.data());
  const auto* black = reinterpret_cast<const float*>(black_.data());
  uint8_t* to = converted->data();
  const bool big = request_.format.endianness == JXL_BIG_ENDIAN;
  for (size_t y = 0; y < facts_.info.ysize; ++y) {
    float* row = converter_->row_in();
    for (size_t x = 0; x < width; ++x) {
      for (size_t c = 0; c < in; ++c) row[x * in + c] = c < 3 ? from[x * channels + c] : *black++;
    }
    if (!converter_->convert()) return fail("internal", "the colours cannot be converted to sRGB");
    const float* done = converter_->row_out();
    for (size_t x = 0; x < width; ++x) {
      for (size_t c = 0; c < channels; ++c, to += sample_bytes) {
        const float value = c < colours ? done[x * out + (out == 1 ? 0 : c)] : from[x * channels + c];
        store(value, request_.format.data_type, big, to);
      }
    }
    from += width * channels;
  }
  return true;
}

void JxlReader::end_box() {
  if (box_ == nullptr) return;
  box_used_ = box_->size() - JxlDecoderReleaseBoxBuffer(decoder_.get());
  box_->resize(box_used_);
  box_ = nullptr;
}

bool JxlReader::on_box() {
  JxlDecoder* d = decoder_.get();
  end_box();
  JxlBoxType outer;
  JxlBoxType inner;
  uint64_t size = 0;
  if (JxlDecoderGetBoxType(d, outer, JXL_FALSE) != JXL_DEC_SUCCESS ||
      JxlDecoderGetBoxType(d, inner, JXL_TRUE) != JXL_DEC_SUCCESS ||
      JxlDecoderGetBoxSizeRaw(d, &size) != JXL_DEC_SUCCESS) {
    return fail("corrupt", "a box header cannot be read");
  }
  facts_.boxes.push_back({std::string(inner, 4), size, memcmp(outer, "brob", 4) == 0});
  if (!request_.want_metadata) return true;
  if (memcmp(inner, "Exif", 4) == 0) box_ = &metadata_.exif;
  if (memcmp(inner, "xml ", 4) == 0) box_ = &metadata_.xmp;
  if (memcmp(inner, "jumb", 4) == 0) box_ = &metadata_.jumbf;
  if (box_ != nullptr && !box_->empty()) box_ = nullptr;
  if (box_ == nullptr) return true;
  box_->resize(kBoxStep);
  return JxlDecoderSetBoxBuffer(d, box_->data(), box_->size()) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for a box");
}

bool JxlReader::grow_box() {
  JxlDecoder* d = decoder_.get();
  if (box_ == nullptr)
    return call_.fail("internal", "the decoder wants room for a box that was not asked for");
  const size_t used = box_->size() - JxlDecoderReleaseBoxBuffer(d);
  if (used + box_->size() > memory_left())
    return call_.fail("memory_limit", "a metadata box does not fit the call's memory ceiling");
  box_->resize(2 * box_->size());
  return JxlDecoderSetBoxBuffer(d, box_->data() + used, box_->size() - used) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for a box");
}

bool JxlReader::grow_jpeg() {
  JxlDecoder* d = decoder_.get();
  const size_t used = jpeg_->size() == 0 ? 0 : jpeg_->size() - JxlDecoderReleaseJPEGBuffer(d);
  const size_t size = std::max(bytes_.size() + bytes_.size() / 2 + 4096, 2 * jpeg_->size());
  if (!jpeg_->resize(size)) return fail("memory_limit", "no memory for the JPEG file");
  return JxlDecoderSetJPEGBuffer(d, jpeg_->data() + used, size - used) == JXL_DEC_SUCCESS ||
         fail("internal", "the decoder refused a buffer for the JPEG file");
}

}  // namespace eitherside
