#pragma once

#include "packed.h"

namespace eitherside {

// Reads a JPEG file of four components, which libjxl's extras do not: with its CMYK profile as three colours
// and a black channel, without one as RGB by the plain rule.
bool read_cmyk_jpeg(Call& call, Bytes bytes, Packed* packed);

}  // namespace eitherside
