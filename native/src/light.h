#pragma once

#include <optional>

#include "call.h"
#include "colour_converter.h"
#include "jxl_facts.h"
#include "resample.h"

namespace eitherside {

// Changes a picture in linear light of its own primaries: its exposure, then its size. All frames of an image
// go through one of them.
class Light {
 public:
  // Samples in memory; integers of `most` stand for 1.
  struct Samples {
    JxlPixelFormat format;
    float most;
  };

  struct Setup {
    Samples in;
    Samples out;
    Resampler::Size from;
    Resampler::Size to;
    float gain;
    Filter filter;
    // Whether values end at 0 and 1, as those of integers do.
    bool clip;
    // Whether the file holds half floats: the encoder takes no others where it is lossless.
    bool half_colours;
    bool half_alpha;
  };

  Light(Call& call, const Setup& setup) : call_(call), setup_(setup) {}

  // Takes the colours of the samples, and the luminance that 1 stands for in them. Ends the call where it
  // returns false, as do the others.
  bool start(const JxlFacts& facts, float luminance);

  // Colours with straight alpha, where the channels are even.
  bool change(Buffer* samples);
  // A plane of another channel, whose values are no light.
  bool change_plane(bool half, Buffer* samples);

 private:
  bool resizes() const {
    return setup_.from.width != setup_.to.width || setup_.from.height != setup_.to.height;
  }
  bool start_resampler(size_t channels, std::optional<Resampler>* resampler);
  bool allocate(size_t channels, Buffer* samples);
  bool expose_rows(const Buffer& from, Buffer* to);
  bool resize_rows(const Buffer& from, Buffer* to);

  // Parts of rows, as interleaved floats.
  void load(const uint8_t* from, size_t samples, float* to) const;
  void store(const float* from, size_t samples, uint8_t* to) const;
  bool expose(size_t thread, size_t pixels, float* row);
  bool to_linear(size_t thread, size_t pixels, float gain, float* row);
  bool from_linear(size_t thread, size_t pixels, float* row);
  bool convert(ColourConverter* converter, size_t thread, size_t pixels, float gain, float* row);

  Call& call_;
  Setup setup_;
  size_t channels_ = 0;
  size_t colours_ = 0;
  ColourConverter to_linear_;
  ColourConverter from_linear_;
  std::optional<Resampler> resampler_;
  std::optional<Resampler> plane_resampler_;
};

}  // namespace eitherside
