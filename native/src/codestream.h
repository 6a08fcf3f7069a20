#pragma once

#include <functional>
#include <vector>

#include "call.h"
#include "lib/jxl/frame_header.h"
#include "lib/jxl/image_metadata.h"

namespace eitherside {

// How far a part of a codestream could be read.
enum class Reach { whole, cut, corrupt };

// A frame of a codestream, displayed or not, as its header and its table of contents tell.
struct CodestreamFrame {
  const jxl::FrameHeader& header;
  bool preview;
  // In the codestream, from the frame header on.
  uint64_t offset;
  uint64_t bytes;
  // Of the header and the table of contents.
  uint64_t header_bytes;
  uint64_t groups;
  uint64_t dc_groups;
  uint64_t toc_entries;
  bool toc_permuted;
  bool complete;

  // Whether a viewer gets to see it: layers of no duration only go into the next frame that is displayed.
  bool displayed() const;
};

// Reads a codestream's headers (ISO/IEC 18181-1, D and F) as lib/jxl/decode.cc does, but no pixels: the
// sections of a frame are skipped by its table of contents. Nothing is allocated from sizes that the file
// tells but what libjxl has checked against the bytes there.
class Codestream {
 public:
  explicit Codestream(Bytes bytes);

  // These three go in this order, each where the one before gave Reach::whole.
  Reach read_header();
  Reach read_profile();
  // Stops early where `visit` returns false.
  Reach read_frames(const std::function<bool(const CodestreamFrame&)>& visit);

  const jxl::CodecMetadata& metadata() const { return metadata_; }
  // The embedded profile, or the one that libjxl makes of the colour encoding.
  const std::vector<uint8_t>& icc() const { return icc_; }
  bool has_embedded_icc() const { return metadata_.m.color_encoding.WantICC(); }
  // Bytes read so far.
  uint64_t position() const { return at_; }

 private:
  Reach read_frame(bool preview, const std::function<bool(const CodestreamFrame&)>& visit, bool* last);

  Bytes bytes_;
  uint64_t at_ = 0;
  size_t bits_ahead_ = 0;
  jxl::CodecMetadata metadata_;
  JxlMemoryManager memory_;
  std::vector<uint8_t> icc_;
};

}  // namespace eitherside
