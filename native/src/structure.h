#pragma once

#include <string_view>
#include <vector>

#include "call.h"

namespace eitherside {

// Walk the parts that files are made of. Nothing is decoded, and nothing is believed of sizes that the file
// tells: contents that reach beyond its end are cut there.

// A chunk of a PNG file (https://www.w3.org/TR/png-3/#5DataRep).
struct PngChunk {
  std::string_view type;
  size_t offset = 0;
  // With length, type and checksum.
  uint64_t size = 0;
  Bytes content;
  bool complete = false;

  bool is(std::string_view name) const { return type == name; }
  // Whether the checksum fits.
  bool sound() const;
};

class PngReader {
 public:
  explicit PngReader(Bytes bytes) : bytes_(bytes) {}
  // False behind IEND, and where the file ends first.
  bool next(PngChunk* chunk);
  bool ended() const { return ended_; }
  size_t position() const { return at_; }

 private:
  Bytes bytes_;
  size_t at_ = 8;
  bool ended_ = false;
};

// A marker segment of a JPEG file (ITU-T T.81, annex B). A start of scan has the scan's data with it.
struct JpegSegment {
  uint8_t marker = 0;
  size_t offset = 0;
  size_t size = 0;
  // What follows the length.
  Bytes content;
  bool complete = false;

  bool is_frame_header() const {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }
  // Whether the content begins with the name, which it is told without.
  bool named(std::string_view name, Bytes* rest) const;
};

// The name of a marker, as the standard has it.
const char* jpeg_marker_name(uint8_t marker);

class JpegReader {
 public:
  explicit JpegReader(Bytes bytes) : bytes_(bytes) {}
  // False behind the end of the image, and where the file ends first.
  bool next(JpegSegment* segment);
  // The end of the image was met.
  bool ended() const { return ended_; }
  size_t position() const { return at_; }

 private:
  Bytes bytes_;
  size_t at_ = 2;
  bool ended_ = false;
};

// A block of a GIF file (GIF89a specification, sections 17 to 27) behind its logical screen.
struct GifBlock {
  // image, graphic_control, comment, plain_text, application, extension or trailer.
  const char* type = "";
  size_t offset = 0;
  size_t size = 0;
  // The first sub-block of an extension; the descriptor of an image.
  Bytes content;
  bool complete = false;
};

class GifReader {
 public:
  explicit GifReader(Bytes bytes);
  bool next(GifBlock* block);
  bool ended() const { return ended_; }
  size_t position() const { return at_; }

 private:
  Bytes bytes_;
  size_t at_;
  bool ended_ = false;
};

// The header of a PNM, PAM or PFM file (https://netpbm.sourceforge.net/doc/).
struct PnmHeader {
  uint64_t width = 0;
  uint64_t height = 0;
  // With alpha and whatever else.
  uint32_t channels = 0;
  uint32_t bits_per_sample = 0;
  bool is_float = false;
  bool has_alpha = false;
  // Bytes of the header, and of header and samples.
  uint64_t header = 0;
  uint64_t size = 0;
};

PnmHeader read_pnm_header(Bytes bytes);

inline uint32_t big32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
         static_cast<uint32_t>(p[2]) << 8 | p[3];
}
inline uint32_t big16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }
inline uint32_t little16(const uint8_t* p) { return static_cast<uint32_t>(p[1]) << 8 | p[0]; }
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace eitherside
