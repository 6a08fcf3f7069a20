#pragma once

#include <jxl/codestream_header.h>
#include <jxl/color_encoding.h>

#include <string>
#include <vector>

#include "memory.h"

namespace eitherside {

// How much of a frame its samples show.
enum class Stage { header, dc, pass, full };

// One displayed frame, or one layer where frames are read as they are stored, as its header tells.
struct FrameFacts {
  double seconds = 0;
  uint32_t ticks = 0;
  std::string name;
  // Number of the frame among those displayed (or of the layer among those stored), from 0.
  size_t index = 0;
  bool is_layer = false;
  // jxl/codestream_header.h; its layer_info has the size and, for layers, where the layer lies and how it is
  // blended. As the encoder takes it, but for name_length.
  JxlFrameHeader header = {};
  // How each extra channel is blended; layers only.
  std::vector<JxlBlendInfo> extra_blend;
};

struct BoxFacts {
  std::string type;
  uint64_t size = 0;
  bool compressed = false;
};

// An extra channel of the codestream.
struct ExtraChannelFacts {
  JxlExtraChannelInfo info = {};
  std::string name;
};

// What is known of a JPEG XL file before, or without, its pixels.
struct JxlFacts {
  JxlBasicInfo info = {};
  bool has_encoding = false;
  JxlColorEncoding encoding = {};
  std::vector<uint8_t> icc;
  std::vector<ExtraChannelFacts> extra_channels;
  std::vector<FrameFacts> frames;
  std::vector<BoxFacts> boxes;
};

// Whether the colours are CMYK.
bool has_black(const JxlFacts& facts);

// Whether all channels have integers of the same depth, of at most 16 bits.
bool has_one_depth(const JxlFacts& facts);

struct Metadata {
  std::vector<uint8_t> exif;
  std::vector<uint8_t> xmp;
  std::vector<uint8_t> jumbf;
};

// A frame with its samples.
struct Frame {
  FrameFacts facts;
  Stage stage = Stage::full;
  uint32_t width = 0;
  uint32_t height = 0;
  // Interleaved, rows without padding.
  Buffer samples;
  // One for each of JxlReader::extra(), of the same sample type.
  std::vector<Buffer> extra;
};

}  // namespace eitherside
