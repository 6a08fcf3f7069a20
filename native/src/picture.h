#pragma once

#include "call.h"
#include "encode_request.h"
#include "formats.h"

namespace eitherside {

// A still picture of 8-bit samples: grey or RGB, with straight alpha where channels are even.
struct Picture {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t channels = 3;
  Buffer samples;
  JxlColorEncoding encoding = {};
  // Describes the colours instead of `encoding` where it is not empty.
  std::vector<uint8_t> icc;
};

// Writes a picture as JPEG XL, PNG or JPEG, which must have no alpha.
bool write_picture(Call& call, const Picture& picture, Format to, const EncodeRequest& request, Buffer* file);

}  // namespace eitherside
