#include "jxl_reader.h"

#include <jxl/cms.h>
#include <jxl/decode.h>

#include "fault.h"
#include "formats.h"
#include "parallel.h"

namespace eitherside {

bool JxlReader::start(int events) {
  decoder_ = JxlDecoderMake(memory_manager());
  if (decoder_ == nullptr) return fail("memory_limit", "no memory for a decoder");
  JxlDecoder* d = decoder_.get();
  clear_notes();
  if (JxlDecoderSubscribeEvents(d, events) != JXL_DEC_SUCCESS ||
      // Rows that are passed on come in the decoder's order, by one thread.
      (!request_.rows && JxlDecoderSetParallelRunner(d, &run_parallel, nullptr) != JXL_DEC_SUCCESS) ||
      JxlDecoderSetCms(d, *JxlGetDefaultCms()) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder refused its settings");
  }
  return true;
}

bool JxlReader::read_facts() {
  return start(JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME | JXL_DEC_BOX) && run();
}

bool JxlReader::read_header() {
  header_only_ = true;
  return start(JXL_DEC_BASIC_INFO | JXL_DEC_FRAME | JXL_DEC_BOX) && run();
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
  if (JxlDecoderSetInput(d, bytes_.data(), bytes_.size()) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder refused its input");
  }
  Step step = advance();
  if (step == Step::more) {
    if (header_only_ && has_header_) return true;
    if (want_pixels_ && request_.prefix) return deliver_partial();
    // A last box may reach to the end of the file: only now that all is read may the decoder know that it was
    // all.
    closed_ = true;
    JxlDecoderCloseInput(d);
    step = advance();
  }
  return step == Step::more ? fail_truncated() : step == Step::done;
}

bool JxlReader::feed(Bytes piece, bool last) {
  JxlDecoder* d = decoder_.get();
  fed_ += piece.size();
  if (stopped_) return true;
  if (!pending_.empty()) {
    pending_.insert(pending_.end(), piece.begin(), piece.end());
    piece = pending_;
  }
  if (JxlDecoderSetInput(d, piece.data(), piece.size()) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder refused its input");
  }
  Step step = advance();
  if (step == Step::more && last) {
    closed_ = true;
    JxlDecoderCloseInput(d);
    step = advance();
    if (step == Step::more) return fail_truncated();
  }
  if (step == Step::failed) return false;
  const size_t left = JxlDecoderReleaseInput(d);
  pending_ = std::vector<uint8_t>(piece.end() - static_cast<ptrdiff_t>(left), piece.end());
  if (step == Step::more) return deliver_partial();
  stopped_ = true;
  pending_.clear();
  return check_delivered();
}

JxlReader::Step JxlReader::advance() {
  JxlDecoder* d = decoder_.get();
  for (;;) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(d);
    if (status == JXL_DEC_NEED_MORE_INPUT) return Step::more;
    if (status == JXL_DEC_SUCCESS) {
      end_box();
      return Step::done;
    }
    if (!handle(status)) return Step::failed;
    if (jpeg_ != nullptr && status == JXL_DEC_NEED_IMAGE_OUT_BUFFER) return Step::done;
    if (jpeg_ != nullptr && jpeg_found_ && status == JXL_DEC_FULL_IMAGE) {
      return end_jpeg() ? Step::done : Step::failed;
    }
    if (done_early()) {
      end_box();
      return Step::done;
    }
  }
}

bool JxlReader::handle(JxlDecoderStatus status) {
  switch (status) {
    case JXL_DEC_ERROR:
      if (closed_ && !memory_exhausted()) return fail_truncated();
      return fail("corrupt", "the image cannot be decoded");
    case JXL_DEC_BASIC_INFO:
      return on_basic_info();
    case JXL_DEC_COLOR_ENCODING:
      return on_colour();
    case JXL_DEC_FRAME:
      return on_frame();
    case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
      return jpeg_ != nullptr || on_out_buffer();
    case JXL_DEC_FRAME_PROGRESSION:
      return on_progression();
    case JXL_DEC_FULL_IMAGE:
      return jpeg_ != nullptr || on_full_image();
    case JXL_DEC_NEED_PREVIEW_OUT_BUFFER:
      return on_preview_buffer();
    case JXL_DEC_PREVIEW_IMAGE:
      return deliver(Stage::full, true);
    case JXL_DEC_BOX:
      return on_box();
    case JXL_DEC_BOX_NEED_MORE_OUTPUT:
      return grow_box();
    case JXL_DEC_BOX_COMPLETE:
      return true;
    case JXL_DEC_JPEG_RECONSTRUCTION:
      jpeg_found_ = true;
      return grow_jpeg();
    case JXL_DEC_JPEG_NEED_MORE_OUTPUT:
      return grow_jpeg();
    default:
      return call_.fail("internal", "the decoder gave the status %d, which was not asked for",
                        static_cast<int>(status));
  }
}

bool JxlReader::fail_truncated() {
  return call_.fail_input("truncated", "image",
                          "the JPEG XL file ends early: its %llu bytes are not the whole image",
                          static_cast<unsigned long long>(bytes_.size() + fed_));
}

bool JxlReader::done_early() const {
  if (header_only_) return reached_frame_;
  return want_pixels_ && stopped_;
}

bool JxlReader::on_basic_info() {
  JxlBasicInfo& info = facts_.info;
  if (JxlDecoderGetBasicInfo(decoder_.get(), &info) != JXL_DEC_SUCCESS)
    return fail("corrupt", "the image header cannot be read");
  has_header_ = true;
  if (header_only_) return true;
  if (!check_limits(call_, info.xsize, info.ysize, 1)) return false;
  if (jpeg_ != nullptr) return true;
  return read_extra_channels() && (!want_pixels_ || (choose_format() && check_request()));
}

bool JxlReader::read_extra_channels() {
  JxlDecoder* d = decoder_.get();
  for (uint32_t i = 0; i < facts_.info.num_extra_channels; ++i) {
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
  return true;
}

bool JxlReader::on_colour() {
  if (want_pixels_) {
    ready_ = true;
    return plan_.make(call_, decoder_.get(), request_, &facts_) && make_finisher();
  }
  JxlDecoder* d = decoder_.get();
  const JxlColorProfileTarget target = JXL_COLOR_PROFILE_TARGET_ORIGINAL;
  size_t size = 0;
  if (JxlDecoderGetICCProfileSize(d, target, &size) == JXL_DEC_SUCCESS && size > 0) {
    facts_.icc.resize(size);
    if (JxlDecoderGetColorAsICCProfile(d, target, facts_.icc.data(), size) != JXL_DEC_SUCCESS) {
      return fail("corrupt", "the colour profile cannot be read");
    }
  }
  facts_.has_encoding = JxlDecoderGetColorAsEncodedProfile(d, target, &facts_.encoding) == JXL_DEC_SUCCESS;
  clear_notes();
  return true;
}

bool JxlReader::on_frame() {
  reached_frame_ = true;
  if (header_only_) return true;
  JxlDecoder* d = decoder_.get();
  frame_ = {};
  frame_.index = request_.start + facts_.frames.size();
  frame_.is_layer = !request_.coalesce;
  JxlFrameHeader& header = frame_.header;
  if (JxlDecoderGetFrameHeader(d, &header) != JXL_DEC_SUCCESS)
    return fail("corrupt", "a frame header cannot be read");
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
  for (uint32_t i = 0; i < facts_.info.num_extra_channels && !request_.coalesce; ++i) {
    JxlBlendInfo blend;
    if (JxlDecoderGetExtraChannelBlendInfo(d, i, &blend) != JXL_DEC_SUCCESS) {
      return fail("corrupt", "the blending of an extra channel cannot be read");
    }
    frame_.extra_blend.push_back(blend);
  }
  facts_.frames.push_back(frame_);
  return check_limits(call_, header.layer_info.xsize, header.layer_info.ysize, frame_.index + 1);
}

}  // namespace eitherside
