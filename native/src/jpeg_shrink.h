#pragma once

#include "packed.h"

namespace eitherside {

// Decodes a grey or YCbCr JPEG file at 1/2, 1/4 or 1/8 of its size, which libjpeg does by smaller inverse
// transforms. `*done` is false where the file is of another kind or damaged; `packed` has its profile and
// orientation.
bool read_shrunk_jpeg(Call& call, Bytes bytes, uint32_t denominator, Packed* packed, bool* done);

}  // namespace eitherside
