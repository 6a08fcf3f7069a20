#pragma once

#include <jxl/types.h>

#include <cstddef>
#include <cstdint>

#include "colour_converter.h"

namespace eitherside {

// Bytes of a sample.
size_t size_of(JxlDataType type);

// Writes a sample, nominally 0 to 1, in a type; integers go to `most` for 1.
void store_sample(float value, JxlDataType type, bool big_endian, float most, uint8_t* to);

// Reads a sample: integers of `most` give 1. Half floats are not read.
float load_sample(const uint8_t* from, JxlDataType type, bool big_endian, float most);

// Turns decoded floats into the samples asked for: colours, alpha and type.
class RowFinisher {
 public:
  struct Setup {
    JxlPixelFormat format;
    // Value of an integer sample for 1.
    float most;
    // Null: the colours stay.
    ColourConverter* converter;
    // Whether colours come premultiplied by the alpha that is interleaved, and are wanted so.
    bool was_premultiplied;
    bool premultiply;
  };

  explicit RowFinisher(const Setup& setup) : setup_(setup) {}

  // Whether a row's black channel is needed.
  bool needs_black() const { return setup_.converter != nullptr && setup_.converter->channels_in() == 4; }
  const JxlPixelFormat& format() const { return setup_.format; }

  // Whether so many threads may finish rows at the same time, by their numbers in a parallel loop.
  bool serves(size_t threads) const {
    return setup_.converter == nullptr || threads <= setup_.converter->threads();
  }

  // Interleaved floats become interleaved samples; `black` has a sample for each pixel where it is needed.
  bool finish(size_t thread, const float* from, const float* black, size_t pixels, uint8_t* to) const;

 private:
  bool finish_part(size_t thread, const float* from, const float* black, size_t pixels, uint8_t* to) const;

  Setup setup_;
};

}  // namespace eitherside
