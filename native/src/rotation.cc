#include "rotation.h"

#include <string.h>

#include <algorithm>

namespace eitherside {
namespace {

// Side of the squares that are worked on at once: rows that become columns stay in the cache.
constexpr size_t kSquare = 32;

// Where the pixels of the result are in the source: that of column 0 and row 0, and what a step to the right
// and one down add.
struct Walk {
  ptrdiff_t start;
  ptrdiff_t right;
  ptrdiff_t down;
};

Walk walk_of(const Rotation& rotation, size_t width, size_t height) {
  const auto w = static_cast<ptrdiff_t>(width);
  const auto h = static_cast<ptrdiff_t>(height);
  Walk walk = {0, 1, w};
  if (rotation.quarter_turns == 1) walk = {(h - 1) * w, -w, 1};
  if (rotation.quarter_turns == 2) walk = {h * w - 1, -1, -w};
  if (rotation.quarter_turns == 3) walk = {w - 1, w, -1};
  if (!rotation.mirror) return walk;
  const ptrdiff_t last = rotation.quarter_turns % 2 == 1 ? h - 1 : w - 1;
  return {walk.start + last * walk.right, -walk.right, walk.down};
}

template <size_t kBytes>
void copy(const uint8_t* from, const Walk& walk, size_t width, size_t height, uint8_t* to) {
  for (size_t top = 0; top < height; top += kSquare) {
    for (size_t left = 0; left < width; left += kSquare) {
      const size_t right = std::min(left + kSquare, width);
      for (size_t y = top; y < std::min(top + kSquare, height); ++y) {
        uint8_t* pixel = to + (y * width + left) * kBytes;
        ptrdiff_t at =
            walk.start + static_cast<ptrdiff_t>(y) * walk.down + static_cast<ptrdiff_t>(left) * walk.right;
        for (size_t x = left; x < right; ++x, at += walk.right, pixel += kBytes) {
          memcpy(pixel, from + at * static_cast<ptrdiff_t>(kBytes), kBytes);
        }
      }
    }
  }
}

using Copy = void (*)(const uint8_t*, const Walk&, size_t, size_t, uint8_t*);

Copy copy_for(size_t bytes) {
  switch (bytes) {
    case 1:
      return copy<1>;
    case 2:
      return copy<2>;
    case 3:
      return copy<3>;
    case 4:
      return copy<4>;
    case 6:
      return copy<6>;
    case 8:
      return copy<8>;
    case 12:
      return copy<12>;
    default:
      return copy<16>;
  }
}

}  // namespace

bool rotate(const Rotation& rotation, size_t width, size_t height, size_t bytes, Buffer* samples) {
  Buffer turned;
  if (samples->size() > memory_left() || !turned.resize(samples->size())) return false;
  const bool swaps = rotation.quarter_turns % 2 == 1;
  copy_for(bytes)(samples->data(), walk_of(rotation, width, height), swaps ? height : width,
                  swaps ? width : height, turned.data());
  *samples = std::move(turned);
  return true;
}

}  // namespace eitherside
