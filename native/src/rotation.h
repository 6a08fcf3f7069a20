#pragma once

#include "memory.h"

namespace eitherside {

// How rows of pixels are turned: clockwise by quarter turns, and mirrored left to right after that.
struct Rotation {
  int quarter_turns = 0;
  bool mirror = false;
};

// Turns a picture of `bytes` bytes per pixel, of at most 16; width and height are those before. False where
// memory is short.
bool rotate(const Rotation& rotation, size_t width, size_t height, size_t bytes, Buffer* samples);

}  // namespace eitherside
