#include "light.h"

#include <hwy/base.h>

#include <algorithm>
#include <atomic>

#include "parallel.h"
#include "row_finisher.h"

namespace eitherside {
namespace {

constexpr size_t kPart = ColourConverter::kWidth;

// The nearest value that a half float has.
float as_half(float value) {
  constexpr float kMost = 65504.0F;
  return hwy::F32FromF16(hwy::F16FromF32(std::clamp(value, -kMost, kMost)));
}

}  // namespace

bool Light::start(const JxlFacts& facts, float luminance) {
  channels_ = setup_.in.format.num_channels;
  colours_ = channels_ < 3 ? 1 : 3;
  ColourSpace own;
  if (facts.icc.empty() || !own.read(facts.icc)) {
    return call_.fail_input("unsupported", "image", "the image has no colour profile to convert from");
  }
  if (facts.has_encoding) own.encoding = facts.encoding;
  ColourSpace linear;
  if (!make_linear(own, &linear) || !to_linear_.start(own, linear, luminance, luminance, false) ||
      !from_linear_.start(linear, own, luminance, luminance, false)) {
    return call_.fail_with_note("unsupported", "the colours cannot be converted to linear light and back");
  }
  return true;
}

bool Light::change(Buffer* samples) {
  Buffer changed;
  if (!(resizes() ? resize_rows(*samples, &changed) : expose_rows(*samples, &changed))) return false;
  *samples = std::move(changed);
  return true;
}

bool Light::allocate(size_t channels, Buffer* samples) {
  const uint64_t size =
      uint64_t{setup_.to.width} * setup_.to.height * channels * size_of(setup_.out.format.data_type);
  return (size <= memory_left() && samples->resize(static_cast<size_t>(size))) ||
         call_.fail("memory_limit", "no memory for a picture of %zu x %zu pixels", setup_.to.width,
                    setup_.to.height);
}

bool Light::start_resampler(size_t channels, std::optional<Resampler>* resampler) {
  if (Resampler::bytes(setup_.from, setup_.to, channels) <= memory_left()) {
    if (!resampler->has_value()) resampler->emplace(setup_.from, setup_.to, channels, setup_.filter);
    if ((*resampler)->start()) return true;
  }
  return call_.fail("memory_limit", "no memory for a picture of %zu x %zu pixels", setup_.to.width,
                    setup_.to.height);
}

void Light::load(const uint8_t* from, size_t samples, float* to) const {
  const JxlPixelFormat& format = setup_.in.format;
  const size_t step = size_of(format.data_type);
  const bool big = format.endianness == JXL_BIG_ENDIAN;
  for (size_t i = 0; i < samples; ++i)
    to[i] = load_sample(from + i * step, format.data_type, big, setup_.in.most);
}

void Light::store(const float* from, size_t samples, uint8_t* to) const {
  const JxlPixelFormat& format = setup_.out.format;
  const size_t step = size_of(format.data_type);
  const bool big = format.endianness == JXL_BIG_ENDIAN;
  for (size_t i = 0; i < samples; ++i) {
    const float value = setup_.clip ? std::clamp(from[i], 0.0F, 1.0F) : from[i];
    store_sample(value, format.data_type, big, setup_.out.most, to + i * step);
  }
}

bool Light::convert(ColourConverter* converter, size_t thread, size_t pixels, float gain, float* row) {
  float* in = converter->row_in(thread);
  for (size_t x = 0; x < pixels; ++x) std::copy_n(row + x * channels_, colours_, in + x * colours_);
  if (!converter->convert(pixels, thread)) return false;
  const float* out = converter->row_out(thread);
  for (size_t x = 0; x < pixels; ++x) {
    for (size_t c = 0; c < colours_; ++c) row[x * channels_ + c] = out[x * colours_ + c] * gain;
  }
  return true;
}

bool Light::to_linear(size_t thread, size_t pixels, float gain, float* row) {
  return convert(&to_linear_, thread, pixels, gain, row);
}

bool Light::from_linear(size_t thread, size_t pixels, float* row) {
  if (!convert(&from_linear_, thread, pixels, 1, row)) return false;
  for (size_t x = 0; x < pixels && (setup_.clip || setup_.half_colours); ++x) {
    for (size_t c = 0; c < colours_; ++c) {
      float& value = row[x * channels_ + c];
      value = setup_.clip ? std::clamp(value, 0.0F, 1.0F) : as_half(value);
    }
  }
  return true;
}

bool Light::expose(size_t thread, size_t pixels, float* row) {
  return to_linear(thread, pixels, setup_.gain, row) && from_linear(thread, pixels, row);
}

bool Light::expose_rows(const Buffer& from, Buffer* to) {
  if (!allocate(channels_, to)) return false;
  const size_t in = channels_ * size_of(setup_.in.format.data_type);
  const size_t out = channels_ * size_of(setup_.out.format.data_type);
  const size_t width = setup_.from.width;
  std::vector<float> parts;
  const auto prepare = [&](size_t threads) -> jxl::Status {
    parts.resize(threads * kPart * channels_);
    return threads <= to_linear_.threads();
  };
  const auto expose_row = [&](uint32_t y, size_t thread) -> jxl::Status {
    float* part = &parts[thread * kPart * channels_];
    for (size_t x = 0; x < width; x += kPart) {
      const size_t pixels = std::min(kPart, width - x);
      load(from.data() + (y * width + x) * in, pixels * channels_, part);
      if (setup_.gain != 1 && !expose(thread, pixels, part)) return false;
      store(part, pixels * channels_, to->data() + (y * width + x) * out);
    }
    return true;
  };
  const auto rows = static_cast<uint32_t>(setup_.from.height);
  return static_cast<bool>(jxl::RunOnPool(thread_pool(), 0, rows, prepare, expose_row, "exposing rows")) ||
         call_.fail("internal", "the colours cannot be converted");
}

// Rows go to the resampler in their order, so that its sums are the same on any number of threads.
bool Light::resize_rows(const Buffer& from, Buffer* to) {
  if (!start_resampler(channels_, &resampler_)) return false;
  const size_t in = channels_ * size_of(setup_.in.format.data_type);
  const size_t width = setup_.from.width;
  std::vector<float> part(kPart * channels_);
  for (size_t y = 0; y < setup_.from.height; ++y) {
    for (size_t x = 0; x < width; x += kPart) {
      const size_t pixels = std::min(kPart, width - x);
      load(from.data() + (y * width + x) * in, pixels * channels_, part.data());
      if ((setup_.gain != 1 && !expose(0, pixels, part.data())) || !to_linear(0, pixels, 1, part.data())) {
        return call_.fail("internal", "the colours cannot be converted");
      }
      for (size_t i = 0; i < pixels && channels_ > colours_; ++i) {
        float* pixel = &part[i * channels_];
        for (size_t c = 0; c < colours_; ++c) pixel[c] *= pixel[colours_];
      }
      resampler_->put(x, y, pixels, part.data());
    }
  }
  Buffer resized = resampler_->take();
  const size_t count = setup_.to.width * setup_.to.height;
  auto* pixels = reinterpret_cast<float*>(resized.data());
  finish_alpha(pixels, count, channels_, false);
  for (size_t i = colours_; i < count * channels_ && channels_ > colours_ && setup_.half_alpha;
       i += channels_) {
    pixels[i] = as_half(pixels[i]);
  }
  if (!allocate(channels_, to)) return false;
  uint8_t* out = to->data();
  for (size_t done = 0; done < count; done += kPart, pixels += kPart * channels_) {
    const size_t some = std::min(kPart, count - done);
    if (!from_linear(0, some, pixels)) {
      return call_.fail("internal", "the colours cannot be converted");
    }
    store(pixels, some * channels_, out);
    out += some * channels_ * size_of(setup_.out.format.data_type);
  }
  return true;
}

bool Light::change_plane(bool half, Buffer* samples) {
  const size_t width = setup_.from.width;
  const size_t step = size_of(setup_.in.format.data_type);
  std::vector<float> row(std::max(width, setup_.to.width));
  Buffer changed;
  if (resizes()) {
    if (!start_resampler(1, &plane_resampler_)) return false;
    for (size_t y = 0; y < setup_.from.height; ++y) {
      load(samples->data() + y * width * step, width, row.data());
      plane_resampler_->put(0, y, width, row.data());
    }
    Buffer resized = plane_resampler_->take();
    if (!allocate(1, &changed)) return false;
    const size_t count = setup_.to.width * setup_.to.height;
    auto* values = reinterpret_cast<float*>(resized.data());
    if (half) std::transform(values, values + count, values, as_half);
    store(values, count, changed.data());
  } else {
    if (!allocate(1, &changed)) return false;
    const size_t out = size_of(setup_.out.format.data_type);
    for (size_t y = 0; y < setup_.from.height; ++y) {
      load(samples->data() + y * width * step, width, row.data());
      store(row.data(), width, changed.data() + y * width * out);
    }
  }
  *samples = std::move(changed);
  return true;
}

}  // namespace eitherside
