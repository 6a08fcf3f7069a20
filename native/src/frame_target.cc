#include "frame_target.h"

#include <string.h>

#include <algorithm>

#include "memory.h"
#include "parallel.h"

namespace eitherside {

bool FrameTarget::allocate(uint64_t size, Buffer* buffer) {
  if (size > memory_left()) {
    return call_.fail("memory_limit", "a frame of %llu bytes does not fit the call's memory ceiling", size);
  }
  return buffer->resize(static_cast<size_t>(size)) || fail("memory_limit", "no memory for a frame");
}

bool FrameTarget::copy(const Buffer& from, Buffer* to) {
  if (!allocate(from.size(), to)) return false;
  memcpy(to->data(), from.data(), from.size());
  return true;
}

bool FrameTarget::prepare(uint32_t width, uint32_t height, bool may_call_back) {
  frame_width_ = width;
  frame_height_ = height;
  region_ = setup_.region.everything() ? Region{0, 0, width, height} : setup_.region;
  const bool finishes = setup_.finisher != nullptr;
  // The callback gets single pixels where rows become columns, and no black channel.
  finishes_rows_ = may_call_back && finishes && !setup_.is_transposed && !setup_.finisher->needs_black();
  passes_on_ = may_call_back && setup_.rows && !setup_.is_transposed && (finishes_rows_ || !finishes);
  calls_back_ = may_call_back && (finishes_rows_ || passes_on_ || !setup_.region.everything());
  decoded_ = setup_.format;
  if (finishes) {
    decoded_.data_type = JXL_TYPE_FLOAT;
    decoded_.endianness = JXL_LITTLE_ENDIAN;
  }
  const JxlDataType held = finishes && !finishes_rows_ ? JXL_TYPE_FLOAT : setup_.format.data_type;
  if (passes_on_) return true;
  const uint64_t pixels = static_cast<uint64_t>(region_.width) * region_.height;
  if (!allocate(pixels * setup_.format.num_channels * size_of(held), &samples_)) return false;
  // What no callback has reached yet is black, and transparent.
  if (calls_back_) memset(samples_.data(), 0, samples_.size());
  return true;
}

bool FrameTarget::attach(JxlDecoder* decoder, uint32_t width, uint32_t height) {
  if (!prepare(width, height, true)) return false;
  const JxlDecoderStatus set =
      calls_back_
          ? JxlDecoderSetMultithreadedImageOutCallback(
                decoder, &decoded_, &FrameTarget::receive_from, &FrameTarget::receive, [](void*) {}, this)
          : JxlDecoderSetImageOutBuffer(decoder, &decoded_, samples_.data(), samples_.size());
  if (set != JXL_DEC_SUCCESS) return fail("unsupported", "the samples cannot be given in this format");
  if (setup_.codestream_depth) {
    const JxlBitDepth depth = {JXL_BIT_DEPTH_FROM_CODESTREAM, 0, 0};
    if (JxlDecoderSetImageOutBitDepth(decoder, &depth) != JXL_DEC_SUCCESS) {
      return fail("unsupported", "the samples cannot be given in the file's own depth");
    }
  }
  return attach_extra(decoder);
}

bool FrameTarget::attach_preview(JxlDecoder* decoder, uint32_t width, uint32_t height) {
  if (!prepare(width, height, false)) return false;
  return JxlDecoderSetPreviewOutBuffer(decoder, &decoded_, samples_.data(), samples_.size()) ==
             JXL_DEC_SUCCESS ||
         fail("unsupported", "the preview cannot be given in this format");
}

bool FrameTarget::attach_extra_channel(JxlDecoder* decoder, uint32_t number, JxlDataType type,
                                       Buffer* buffer) {
  // The black channel is read here, the others by whoever asked for them.
  const JxlEndianness order = buffer == &black_ ? JXL_LITTLE_ENDIAN : setup_.format.endianness;
  const JxlPixelFormat format = {1, type, order, 0};
  size_t size = 0;
  if (JxlDecoderExtraChannelBufferSize(decoder, &format, &size, number) != JXL_DEC_SUCCESS) {
    return fail("internal", "the decoder does not tell the size of an extra channel");
  }
  return allocate(size, buffer) && (JxlDecoderSetExtraChannelBuffer(decoder, &format, buffer->data(), size,
                                                                    number) == JXL_DEC_SUCCESS ||
                                    fail("unsupported", "an extra channel cannot be given in this format"));
}

bool FrameTarget::attach_extra(JxlDecoder* decoder) {
  const bool needs_black = setup_.finisher != nullptr && setup_.finisher->needs_black();
  if (needs_black && !attach_extra_channel(decoder, setup_.black, JXL_TYPE_FLOAT, &black_)) return false;
  extra_.resize(setup_.extra.size());
  for (size_t i = 0; i < extra_.size(); ++i) {
    const uint32_t number = setup_.extra[i].number;
    if (needs_black && number == setup_.black) continue;
    if (!attach_extra_channel(decoder, number, setup_.format.data_type, &extra_[i])) return false;
  }
  return true;
}

void* FrameTarget::receive_from(void* self, size_t threads, size_t) {
  const RowFinisher* finisher = static_cast<FrameTarget*>(self)->setup_.finisher;
  return finisher == nullptr || finisher->serves(threads) ? self : nullptr;
}

void FrameTarget::receive(void* self, size_t thread, size_t x, size_t y, size_t pixels, const void* samples) {
  static_cast<FrameTarget*>(self)->put(thread, x, y, pixels, static_cast<const uint8_t*>(samples));
}

void FrameTarget::put(size_t thread, size_t x, size_t y, size_t pixels, const uint8_t* samples) {
  if (y < region_.y || y - region_.y >= region_.height) return;
  const size_t left = std::max<size_t>(x, region_.x);
  const size_t right = std::min<size_t>(x + pixels, static_cast<size_t>(region_.x) + region_.width);
  if (left >= right) return;
  const size_t channels = setup_.format.num_channels;
  const uint8_t* from = samples + (left - x) * channels * size_of(decoded_.data_type);
  if (passes_on_) return pass_on(left - region_.x, y - region_.y, right - left, from);
  const size_t at = (y - region_.y) * region_.width + (left - region_.x);
  if (finishes_rows_) {
    uint8_t* to = samples_.data() + at * channels * size_of(setup_.format.data_type);
    const auto* floats = reinterpret_cast<const float*>(from);
    if (!setup_.finisher->finish(thread, floats, nullptr, right - left, to)) failed_ = true;
    return;
  }
  const size_t pixel = channels * size_of(decoded_.data_type);
  memcpy(samples_.data() + at * pixel, from, (right - left) * pixel);
}

void FrameTarget::pass_on(size_t x, size_t y, size_t pixels, const uint8_t* samples) {
  if (!finishes_rows_) return setup_.rows(x, y, pixels, samples);
  part_.resize(pixels * setup_.format.num_channels * size_of(setup_.format.data_type));
  const auto* floats = reinterpret_cast<const float*>(samples);
  if (!setup_.finisher->finish(0, floats, nullptr, pixels, part_.data())) failed_ = true;
  setup_.rows(x, y, pixels, part_.data());
}

const float* FrameTarget::black_row(uint32_t y) const {
  if (black_.size() == 0) return nullptr;
  const size_t at = static_cast<size_t>(region_.y + y) * frame_width_ + region_.x;
  return reinterpret_cast<const float*>(black_.data()) + at;
}

bool FrameTarget::finish(Buffer* samples) {
  const size_t row = static_cast<size_t>(region_.width) * setup_.format.num_channels;
  const size_t bytes = row * size_of(setup_.format.data_type);
  if (!allocate(static_cast<uint64_t>(bytes) * region_.height, samples)) return false;
  const auto* from = reinterpret_cast<const float*>(samples_.data());
  const auto finish_row = [&](uint32_t y, size_t thread) -> jxl::Status {
    return setup_.finisher->finish(thread, from + y * row, black_row(y), region_.width,
                                   samples->data() + y * bytes);
  };
  const auto check = [this](size_t threads) -> jxl::Status { return setup_.finisher->serves(threads); };
  failed_ = !jxl::RunOnPool(thread_pool(), 0, region_.height, check, finish_row, "finishing rows");
  return true;
}

bool FrameTarget::take(bool last, Buffer* samples) {
  if (setup_.finisher != nullptr && !finishes_rows_) {
    if (!finish(samples)) return false;
    if (last) samples_ = Buffer();
  } else if (last) {
    *samples = std::move(samples_);
  } else if (!copy(samples_, samples)) {
    return false;
  }
  return !failed_ || fail("internal", "the colours cannot be converted");
}

bool FrameTarget::take_extra(size_t index, bool last, Buffer* samples) {
  const ExtraChannel& channel = setup_.extra[index];
  Buffer& held = extra_[index];
  const bool is_whole = region_.width == frame_width_ && region_.height == frame_height_;
  if (held.size() > 0 && is_whole) {
    if (!last) return copy(held, samples);
    *samples = std::move(held);
    return true;
  }
  const JxlDataType type = setup_.format.data_type;
  const size_t step = size_of(type);
  if (!allocate(static_cast<uint64_t>(region_.width) * region_.height * step, samples)) return false;
  const bool big = setup_.format.endianness == JXL_BIG_ENDIAN;
  uint8_t* to = samples->data();
  for (uint32_t y = 0; y < region_.height; ++y, to += region_.width * step) {
    if (held.size() > 0) {
      const size_t at = static_cast<size_t>(region_.y + y) * frame_width_ + region_.x;
      memcpy(to, held.data() + at * step, region_.width * step);
      continue;
    }
    const float* black = black_row(y);
    for (uint32_t x = 0; x < region_.width; ++x) {
      store_sample(black[x], type, big, channel.most, to + x * step);
    }
  }
  if (last) held = Buffer();
  return true;
}

}  // namespace eitherside
