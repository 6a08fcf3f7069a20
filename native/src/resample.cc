#include "resample.h"

#include <string.h>

#include <algorithm>
#include <cmath>

namespace eitherside {
namespace {

constexpr double kPi = 3.14159265358979323846;

double sinc(double x) { return x == 0 ? 1 : std::sin(kPi * x) / (kPi * x); }

// Mitchell and Netravali, "Reconstruction Filters in Computer Graphics", 1988, with B = C = 1/3.
double mitchell(double x) {
  if (x < 1) return (7 * x * x * x - 12 * x * x + 16.0 / 3) / 6;
  return (-7.0 / 3 * x * x * x + 12 * x * x - 20 * x + 32.0 / 3) / 6;
}

double radius_of(Filter filter) {
  switch (filter) {
    case Filter::lanczos:
      return 3;
    case Filter::mitchell:
      return 2;
    case Filter::triangle:
      return 1;
    case Filter::box:
      break;
  }
  return 0.5;
}

double weight_of(Filter filter, double distance) {
  const double x = std::fabs(distance);
  if (x >= radius_of(filter) && filter != Filter::box) return 0;
  switch (filter) {
    case Filter::lanczos:
      return sinc(x) * sinc(x / 3);
    case Filter::mitchell:
      return mitchell(x);
    case Filter::triangle:
      return 1 - x;
    case Filter::box:
      break;
  }
  // Half open, so that no sample counts for two.
  return distance > -0.5 && distance <= 0.5 ? 1 : 0;
}

}  // namespace

Filter filter_named(std::string_view name) {
  if (name == "mitchell") return Filter::mitchell;
  if (name == "triangle") return Filter::triangle;
  return name == "box" ? Filter::box : Filter::lanczos;
}

Axis::Axis(size_t from, size_t to, Filter filter) : windows_(to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double stretch = std::max(scale, 1.0);
  const double radius = radius_of(filter) * stretch;
  for (size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const double begin = std::max(centre - radius + 0.5, 0.0);
    Window& window = windows_[i];
    window.first = std::min(static_cast<size_t>(begin), from - 1);
    const size_t end = std::clamp(static_cast<size_t>(centre + radius + 0.5), window.first + 1, from);
    window.count = end - window.first;
    window.weights = weights_.size();
    double sum = 0;
    for (size_t x = window.first; x < end; ++x) {
      const double weight = weight_of(filter, (static_cast<double>(x) + 0.5 - centre) / stretch);
      weights_.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (size_t k = window.weights; k < weights_.size(); ++k) {
      weights_[k] = static_cast<float>(weights_[k] / sum);
    }
  }
}

Axis::Range Axis::reached(size_t begin, size_t end) const {
  const auto low = std::partition_point(windows_.begin(), windows_.end(),
                                        [&](const Window& w) { return w.first + w.count <= begin; });
  const auto high = std::partition_point(low, windows_.end(), [&](const Window& w) { return w.first < end; });
  return {static_cast<size_t>(low - windows_.begin()), static_cast<size_t>(high - windows_.begin())};
}

uint64_t Axis::bytes(size_t from, size_t to) {
  // At most three samples on each side of a centre, doubled as the list of weights grows.
  return uint64_t{to} * sizeof(Window) + 2 * sizeof(float) * (6 * uint64_t{from} + 8 * uint64_t{to});
}

uint64_t Resampler::bytes(Size from, Size to, size_t channels) {
  return Axis::bytes(from.width, to.width) + Axis::bytes(from.height, to.height) +
         sizeof(float) * uint64_t{channels} * to.width * (uint64_t{to.height} + 1);
}

bool Resampler::start() {
  part_.resize(to_.width * channels_);
  if (!sums_.resize(to_.width * to_.height * channels_ * sizeof(float))) return false;
  memset(sums_.data(), 0, sums_.size());
  return true;
}

void Resampler::put(size_t x, size_t y, size_t pixels, const float* samples) {
  switch (channels_) {
    case 1:
      return add<1>(x, y, pixels, samples);
    case 2:
      return add<2>(x, y, pixels, samples);
    case 3:
      return add<3>(x, y, pixels, samples);
    default:
      return add<4>(x, y, pixels, samples);
  }
}

template <size_t kChannels>
void Resampler::add(size_t x, size_t y, size_t pixels, const float* samples) {
  const Axis::Range columns = across_.reached(x, x + pixels);
  const size_t width = (columns.end - columns.begin) * kChannels;
  float* to = part_.data();
  for (size_t i = columns.begin; i < columns.end; ++i, to += kChannels) {
    const size_t begin = std::max(across_.first(i), x);
    const size_t end = std::min(across_.first(i) + across_.count(i), x + pixels);
    const float* weights = across_.weights(i) + (begin - across_.first(i));
    const float* from = samples + (begin - x) * kChannels;
    float sum[kChannels] = {};
    for (size_t k = begin; k < end; ++k, ++weights) {
      for (size_t c = 0; c < kChannels; ++c) sum[c] += *weights * *from++;
    }
    std::copy(sum, sum + kChannels, to);
  }
  const Axis::Range rows = down_.reached(y, y + 1);
  for (size_t row = rows.begin; row < rows.end; ++row) {
    const float weight = down_.weights(row)[y - down_.first(row)];
    float* sums = reinterpret_cast<float*>(sums_.data()) + (row * to_.width + columns.begin) * kChannels;
    const float* part = part_.data();
    for (size_t k = 0; k < width; ++k) sums[k] += weight * part[k];
  }
}

Resampler::Size fit_into(Resampler::Size from, double width, double height, bool upscale) {
  double scale = std::min(width / static_cast<double>(from.width), height / static_cast<double>(from.height));
  if (!upscale) scale = std::min(scale, 1.0);
  const auto scaled = [scale](size_t side) {
    return static_cast<size_t>(std::max(1.0, std::floor(static_cast<double>(side) * scale + 0.5)));
  };
  return {scaled(from.width), scaled(from.height)};
}

void finish_alpha(float* pixels, size_t count, size_t channels, bool flatten) {
  const size_t colours = channels < 3 ? 1 : 3;
  if (channels == colours) return;
  for (size_t i = 0; i < count; ++i, pixels += channels) {
    // Filters ring: what they bring above 1 belongs to alpha, and no colour gets brighter for it.
    const float sum = pixels[colours];
    const float alpha = std::clamp(sum, 0.0F, 1.0F);
    pixels[colours] = alpha;
    for (size_t c = 0; c < colours; ++c) {
      const float straight = sum > 0 ? pixels[c] / sum : 0.0F;
      pixels[c] = flatten ? straight * alpha + (1.0F - alpha) : straight;
    }
  }
}

}  // namespace eitherside
