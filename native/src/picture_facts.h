#pragma once

#include <jxl/color_encoding.h>

#include "formats.h"
#include "inspect_parts.h"
#include "structure.h"

namespace eitherside {

// A chunk, segment or block of a file.
struct Part {
  std::string type;
  uint64_t offset = 0;
  uint64_t size = 0;
  bool complete = true;
  // What is inside where the type does not say it.
  std::string what;
  // How many follow each other.
  uint64_t count = 1;
};

// What the structure of a file that is no JPEG XL tells of its picture, before Exif has turned it.
struct PictureFacts {
  uint64_t width = 0;
  uint64_t height = 0;
  uint32_t bits_per_sample = 8;
  uint32_t exponent_bits = 0;
  uint32_t colour_channels = 3;
  bool alpha = false;
  JxlColorEncoding encoding = {};
  float intensity_target = 0;
  // The embedded profile; its size alone where it is too large to be looked at.
  bool has_icc = false;
  std::vector<uint8_t> icc;
  std::optional<uint64_t> icc_bytes;
  bool animated = false;
  double ticks_per_second = 1000;
  uint64_t loops = 0;
  std::vector<double> durations;
  bool has_exif = false;
  Bytes exif;
  bool has_xmp = false;
  std::vector<uint8_t> xmp;
  std::optional<uint64_t> xmp_bytes;
  std::vector<Part> parts;
  uint64_t more_parts = 0;
  bool complete = false;
  uint64_t trailing = 0;

  void add_part(Part part);
};

// These fill in what the file tells, as libjxl's extras would read it, and what only this format has. Frames
// beyond `most_frames` are not kept.
void read_png_facts(Bytes bytes, uint64_t most_frames, PictureFacts* facts, Json json);
void read_jpeg_facts(Bytes bytes, PictureFacts* facts, Json json);
void read_gif_facts(Bytes bytes, uint64_t most_frames, PictureFacts* facts);
void read_pnm_facts(Bytes bytes, PictureFacts* facts);

}  // namespace eitherside
