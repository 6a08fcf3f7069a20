#pragma once

#include "formats.h"
#include "json.h"

namespace eitherside {

// The parts that a file is made of are listed up to this many; a file of more is told to have more.
constexpr size_t kMostParts = 4096;

// Tell all that inspect tells of a file beyond its format; false where they ended the call.
bool inspect_jxl(Call& call, Bytes bytes, Json json);
bool inspect_other(Call& call, Format format, Bytes bytes, Json json);

// The file ends before it is whole, and the caller did not say that it may.
bool fail_cut(Call& call, Format format, Bytes bytes);

// Gives a block of metadata as an output; nothing where it is empty.
bool give(Call& call, const char* output, Bytes content);

}  // namespace eitherside
