#pragma once

#include <jxl/color_encoding.h>

#include <cstddef>

#include "call.h"

namespace eitherside {

// Decoded samples of one frame, for as long as a comparison lasts.
struct Image {
  size_t width = 0;
  size_t height = 0;
  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; interleaved, rows without padding, nominally 0 to 1.
  size_t channels = 3;
  const float* samples = nullptr;
  bool premultiplied = false;
  // The colours: `icc` where it is not empty, else `encoding`. CMYK must have been converted.
  JxlColorEncoding encoding = {};
  Bytes icc;
  // Luminance of 1.0 in cd/m^2; 0 takes libjxl's default for the encoding (PQ 10000, HLG 1000, else 255).
  float intensity_target = 0;
};

// What measure_difference() is to find.
struct Metrics {
  bool butteraugli = false;
  bool ssimulacra2 = false;
  bool psnr = false;
  // Butteraugli's map as a picture; needs `butteraugli`.
  bool heat_map = false;
  // Luminance of the screen that Butteraugli assumes for 1.0, in cd/m^2; 0: 80, or the first image's
  // intensity target where its transfer function is PQ or HLG.
  float intensity_target = 0;
};

// Scores of metrics that were not asked for stay as they are.
struct Scores {
  // Largest value of the map of differences, and its 3-norm as libjxl's ComputeDistanceP() defines it.
  double butteraugli = 0;
  double butteraugli_3norm = 0;
  // 100 for equal images, lower for worse ones, without end; NaN where a side is shorter than 8 pixels.
  double ssimulacra2 = 100;
  // In decibels, over the colour samples as coded in sRGB, peak 1.0; infinite for equal images.
  double psnr = 0;
  // Interleaved 8-bit sRGB, as large as the images.
  Buffer heat_map;
};

// Compares `b` with the reference `a`, as libjxl's butteraugli_main and ssimulacra2 do. An image with alpha
// is laid on two backgrounds (black and white; SSIMULACRA 2: 10 and 90 percent grey), of which the worse
// score counts. Both must have the same size. False after the call has ended with an error.
bool measure_difference(Call& call, const Image& a, const Image& b, const Metrics& wanted, Scores* scores);

// Whether both images' colours mean the same, however their profiles put it.
bool same_colours(const Image& a, const Image& b);

}  // namespace eitherside
