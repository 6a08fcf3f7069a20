#include "row_finisher.h"

#include <hwy/base.h>
#include <string.h>

#include <algorithm>

#include "lib/jxl/alpha.h"

namespace eitherside {

size_t size_of(JxlDataType type) {
  if (type == JXL_TYPE_FLOAT) return 4;
  return type == JXL_TYPE_UINT8 ? 1 : 2;
}

void store_sample(float value, JxlDataType type, bool big_endian, float most, uint8_t* to) {
  if (type == JXL_TYPE_FLOAT) {
    memcpy(to, &value, sizeof(value));
    return;
  }
  uint16_t wide = 0;
  if (type == JXL_TYPE_FLOAT16) {
    const hwy::float16_t half = hwy::F16FromF32(value);
    memcpy(&wide, &half, sizeof(wide));
  } else {
    // The comparison is false for NaN.
    const float inside = value > 0 ? std::min(value, 1.0F) : 0.0F;
    wide = static_cast<uint16_t>(inside * most + 0.5F);
  }
  if (type == JXL_TYPE_UINT8) {
    *to = static_cast<uint8_t>(wide);
    return;
  }
  to[big_endian ? 0 : 1] = static_cast<uint8_t>(wide >> 8);
  to[big_endian ? 1 : 0] = static_cast<uint8_t>(wide);
}

float load_sample(const uint8_t* from, JxlDataType type, bool big_endian, float most) {
  if (type == JXL_TYPE_FLOAT) {
    float value = 0;
    memcpy(&value, from, sizeof(value));
    return value;
  }
  if (type == JXL_TYPE_UINT8) return static_cast<float>(*from) / most;
  const uint32_t high = from[big_endian ? 0 : 1];
  const uint32_t low = from[big_endian ? 1 : 0];
  return static_cast<float>(high << 8 | low) / most;
}

bool RowFinisher::finish(size_t thread, const float* from, const float* black, size_t pixels,
                         uint8_t* to) const {
  const size_t step = setup_.format.num_channels * size_of(setup_.format.data_type);
  for (size_t done = 0; done < pixels; done += ColourConverter::kWidth) {
    const size_t part = std::min(pixels - done, ColourConverter::kWidth);
    if (!finish_part(thread, from + done * setup_.format.num_channels,
                     black == nullptr ? nullptr : black + done, part, to + done * step)) {
      return false;
    }
  }
  return true;
}

bool RowFinisher::finish_part(size_t thread, const float* from, const float* black, size_t pixels,
                              uint8_t* to) const {
  const size_t channels = setup_.format.num_channels;
  const size_t colours = channels < 3 ? 1 : 3;
  const bool has_alpha = channels > colours;
  ColourConverter* converter = setup_.converter;
  const size_t in = converter == nullptr ? 0 : converter->channels_in();
  const size_t out = converter == nullptr ? colours : converter->channels_out();
  // Colours are converted without their alpha.
  const bool divides = has_alpha && setup_.was_premultiplied && (converter != nullptr || !setup_.premultiply);
  const bool multiplies = has_alpha && setup_.premultiply && (divides || !setup_.was_premultiplied);
  const auto factor = [&](size_t x) {
    return divides ? 1.0F / std::max(jxl::kSmallAlpha, from[x * channels + colours]) : 1.0F;
  };
  if (converter != nullptr) {
    float* row = converter->row_in(thread);
    for (size_t x = 0; x < pixels; ++x) {
      for (size_t c = 0; c < std::min<size_t>(in, 3); ++c)
        row[x * in + c] = from[x * channels + c] * factor(x);
      if (in == 4) row[x * in + 3] = black[x];
    }
    if (!converter->convert(pixels, thread)) return false;
  }
  const float* done = converter == nullptr ? nullptr : converter->row_out(thread);
  const size_t step = size_of(setup_.format.data_type);
  const bool big = setup_.format.endianness == JXL_BIG_ENDIAN;
  for (size_t x = 0; x < pixels; ++x) {
    for (size_t c = 0; c < channels; ++c, to += step) {
      float value = from[x * channels + c];
      if (c < colours) {
        value = done == nullptr ? value * factor(x) : done[x * out + (out == 1 ? 0 : c)];
        if (multiplies) value *= from[x * channels + colours];
      }
      store_sample(value, setup_.format.data_type, big, setup_.most, to);
    }
  }
  return true;
}

}  // namespace eitherside
