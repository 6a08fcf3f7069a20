#pragma once

#include <jxl/encode.h>

#include <string>
#include <utility>
#include <vector>

#include "call.h"

namespace eitherside {

// Rows of samples without padding.
struct Plane {
  JxlPixelFormat format = {1, JXL_TYPE_UINT8, JXL_LITTLE_ENDIAN, 0};
  Bytes samples;
};

// An extra channel as it will be declared.
struct ExtraChannel {
  JxlExtraChannelInfo info = {};
  std::string name;
};

// A frame or layer to be encoded. The samples must live until it has been added to the encoder.
struct FrameInput {
  JxlFrameHeader header = {};
  std::string name;
  // Blending of each extra channel; where empty, that of the colour.
  std::vector<JxlBlendInfo> extra_blend;
  uint32_t width = 0;
  uint32_t height = 0;
  // Colour, and alpha where the format has a channel for it.
  Plane colour;
  // One plane for each extra channel; empty for the alpha that is in `colour`.
  std::vector<Plane> extra;
  bool last = true;
};

// Metadata to be stored. Exif starts at the TIFF header.
struct MetadataInput {
  Bytes exif;
  Bytes xmp;
  std::vector<Bytes> jumbf;
  // Content of a jhgm box.
  Bytes gain_map;
  // Boxes of other types.
  std::vector<std::pair<std::string, Bytes>> others;
};

// What the encoder takes a frame from: `frame` must live as long.
JxlChunkedFrameInputSource source_of(const FrameInput* frame);

size_t bytes_of(JxlDataType type);

}  // namespace eitherside
