#pragma once

#include <optional>

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
  // Frames that were found, or 0 where the file does not tell without being walked to its end.
  uint64_t frames = 1;
  // Frames that an APNG's header announces.
  uint64_t announced_frames = 0;
  // Colour and alpha together.
  uint32_t channels = 0;
  uint32_t bits_per_sample = 0;
  bool lossy = false;
  // There may be several frames.
  bool animation = false;
  // Whether a JPEG file is inside; nothing where the bytes end before that is known.
  std::optional<bool> has_jpeg = false;
  bool complete = true;
  // PNG: the offset of the first chunk whose checksum is wrong, among those that pixels depend on; 0 for
  // none.
  size_t damaged_at = 0;
};

// Walks chunks, blocks or headers of a PNG, APNG, GIF, JPEG, PNM or PFM file without decoding. The checksums
// of PNG cost reading all of it.
Outline outline_of(Format format, Bytes bytes, bool checksums = true);

// The same for the image header of a JPEG XL file, whatever the image's size. Ends the call where the bytes
// do not hold it.
bool outline_of_jxl(Call& call, Bytes bytes, Outline* outline);

// Checks an outline, or an image's size, against the limits that the options set.
bool check_limits(Call& call, uint64_t width, uint64_t height, uint64_t frames);

}  // namespace eitherside
