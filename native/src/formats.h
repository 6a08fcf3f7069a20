#pragma once

#include "call.h"

namespace eitherside {

enum class Format { unknown, jxl, png, apng, jpeg, gif, pnm, pfm };

// Name of the format in the interface.
const char* name_of(Format format);
Format format_named(std::string_view name);

// Tells the format by the first bytes, and PNG from APNG by its chunks.
Format sniff(Bytes bytes);

// The format of the input "image". Ends the call where it is none that the module reads.
Format sniff_input(Call& call, Bytes bytes);

// What the structure of a file says before anything is decoded. Zero where it was not found.
struct Outline {
  uint64_t width = 0;
  uint64_t height = 0;
  uint64_t frames = 1;
  // Frames that an APNG's header announces.
  uint64_t announced_frames = 0;
  // Colour and alpha together.
  uint32_t channels = 0;
  uint32_t bits_per_sample = 0;
  bool complete = true;
  // PNG: the offset of the first chunk whose checksum is wrong, among those that pixels depend on; 0 for
  // none.
  size_t damaged_at = 0;
};

// Walks chunks, blocks or headers of a PNG, APNG, GIF, JPEG, PNM or PFM file without decoding.
Outline outline_of(Format format, Bytes bytes);

// Checks an outline, or an image's size, against the limits that the options set.
bool check_limits(Call& call, uint64_t width, uint64_t height, uint64_t frames);

}  // namespace eitherside
