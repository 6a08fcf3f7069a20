#pragma once

#include <jxl/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "call.h"
#include "region.h"

namespace eitherside {

// How pixels are wanted from a JPEG XL file.
struct PixelRequest {
  // Sample type and channels; 0 channels takes what the file has, with alpha.
  JxlPixelFormat format = {0, JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0};
  // The smallest type that holds all samples asked for.
  bool automatic_type = false;
  // Integer samples in 0 to 2^bits_per_sample - 1 of the file instead of the full range of the type.
  bool codestream_depth = false;
  bool keep_orientation = false;
  // A colour space by its name in the interface; "profile" is the ICC profile in `profile`.
  std::string colour = "original";
  Bytes profile;
  // Short for the colour "srgb".
  bool srgb = false;
  // Luminance that the samples are tone mapped to; 0 as the interface says.
  float intensity_target = 0;
  // Straight or premultiplied alpha, whatever the file has; neither keeps what it has.
  bool unpremultiply = false;
  bool premultiply = false;
  // Whether spot colours are painted into the colour channels.
  bool render_spot = true;
  // Extra channels wanted in buffers of their own, by name or type; "*" stands for all but alpha that is
  // interleaved.
  std::vector<std::string> extra;
  // Frames as they are displayed, or layers as they are stored.
  bool coalesce = true;
  bool first_frame_only = false;
  // Frames skipped at the beginning, and how many are wanted after them; 0: all.
  size_t start = 0;
  size_t count = 0;
  // The preview instead of the frames.
  bool preview = false;
  Region region;
  // The bytes may be the beginning of a file: what they show of the frame that they end in is given.
  bool prefix = false;
  // The last frame wanted is given as its DC shows it, where that comes first.
  bool dc_only = false;
  bool want_metadata = false;
  // Gets the finished pixels of a row, from a column on, as soon as they are there and once only, so that no
  // buffer holds the frame; its samples are empty then. Where a frame cannot be given so, it has samples.
  std::function<void(size_t x, size_t y, size_t pixels, const uint8_t* samples)> rows;
};

}  // namespace eitherside
