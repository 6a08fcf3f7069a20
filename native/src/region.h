#pragma once

#include <cstdint>

#include "call.h"

namespace eitherside {

// A part of the picture as it is given, oriented where orientation is applied. Width 0: everything.
struct Region {
  uint32_t x = 0;
  uint32_t y = 0;
  uint32_t width = 0;
  uint32_t height = 0;

  bool everything() const { return width == 0; }
};

// Reads a region from the option called `option`, a noun that messages use.
bool read_region(Call& call, const char* option, Region* region);

// Checks that it lies in a picture of this size.
bool check_region(Call& call, const char* option, const Region& region, uint32_t width, uint32_t height);

}  // namespace eitherside
