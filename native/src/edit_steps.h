#pragma once

#include "region.h"
#include "resample.h"

namespace eitherside {

// What `edit` is asked to do, in the order in which it is done.
struct EditSteps {
  Region crop;
  // Clockwise, by 90 degrees each.
  int quarter_turns = 0;
  // Left to right, after the turns.
  bool mirror = false;
  // Factor of linear light.
  float gain = 1;
  // The box that the picture is to fit; none where `resizes` is false.
  bool resizes = false;
  double width = 0;
  double height = 0;
  bool upscale = false;
  Filter filter = Filter::lanczos;

  bool any() const { return !crop.everything() || turns() || gain != 1 || resizes; }
  bool turns() const { return quarter_turns != 0 || mirror; }
  bool swaps_sides() const { return quarter_turns % 2 == 1; }

  // Size of an upright picture's result before its size is changed, and after that.
  Resampler::Size turned(uint32_t width, uint32_t height) const;
  Resampler::Size fitted(Resampler::Size turned) const;
};

// Reads the options. Ends the call where it returns false.
bool read_edit_steps(Call& call, EditSteps* steps);

}  // namespace eitherside
