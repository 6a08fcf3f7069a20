#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "memory.h"

namespace eitherside {

enum class Filter { lanczos, mitchell, triangle, box };

Filter filter_named(std::string_view name);

// Weights of source samples for each sample of one axis of the result. The filter is widened where the axis
// shrinks; at the borders what is left of it is scaled up, so that the weights always add up to 1.
class Axis {
 public:
  Axis(size_t from, size_t to, Filter filter);

  // The samples of the result that the source samples [begin, end) have a part in.
  struct Range {
    size_t begin;
    size_t end;
  };
  Range reached(size_t begin, size_t end) const;

  // Where the source samples of a sample of the result begin, how many they are, and their weights.
  size_t first(size_t index) const { return windows_[index].first; }
  size_t count(size_t index) const { return windows_[index].count; }
  const float* weights(size_t index) const { return &weights_[windows_[index].weights]; }

  // Bytes that an axis takes.
  static uint64_t bytes(size_t from, size_t to);

 private:
  struct Window {
    size_t first;
    size_t count;
    size_t weights;
  };
  std::vector<Window> windows_;
  std::vector<float> weights_;
};

// Changes the size of a picture that comes in pieces of rows, in any order; memory holds the result alone.
// The samples should be linear light, premultiplied by alpha.
class Resampler {
 public:
  struct Size {
    size_t width;
    size_t height;
  };

  Resampler(Size from, Size to, size_t channels, Filter filter)
      : to_(to),
        channels_(channels),
        across_(from.width, to.width, filter),
        down_(from.height, to.height, filter) {}

  // False where memory is short.
  bool start();

  // Takes `pixels` interleaved pixels of row y, from column x on.
  void put(size_t x, size_t y, size_t pixels, const float* samples);

  // The result, interleaved floats; to be called when all rows have been put.
  Buffer take() { return std::move(sums_); }

  static uint64_t bytes(Size from, Size to, size_t channels);

 private:
  template <size_t kChannels>
  void add(size_t x, size_t y, size_t pixels, const float* samples);

  Size to_;
  size_t channels_;
  Axis across_;
  Axis down_;
  std::vector<float> part_;
  Buffer sums_;
};

// Size of a picture that fits a box: that of the box at most, in the same proportions, and that of the
// picture at most unless `upscale`.
Resampler::Size fit_into(Resampler::Size from, double width, double height, bool upscale);

// Pixels between 0 and 1 in each sample of premultiplied ones with alpha: alpha divided out, or what shows
// through filled with white. Without alpha among the channels they stay.
void finish_alpha(float* pixels, size_t count, size_t channels, bool flatten);

}  // namespace eitherside
