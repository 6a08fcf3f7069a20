#pragma once

#include "call.h"
#include "formats.h"
#include "jxl_writer.h"
#include "lib/extras/packed_image.h"

namespace eitherside {

using Packed = jxl::extras::PackedPixelFile;

// Reads a PNG, APNG, JPEG, GIF, PNM or PFM file with libjxl's extras. Frames may be cropped and may ask for
// blending.
bool read_packed(Call& call, Format format, Bytes bytes, Packed* packed);

// Writes frames that all have the image's size, alpha interleaved, in the format given. Only APNG holds more
// than the first. The frames are let go.
bool write_packed(Call& call, Format format, Packed* packed, Buffer* file);

// Encodes a Packed as JPEG XL.
bool encode_packed(Call& call, const Packed& packed, const EncodeRequest& request, bool keep_metadata,
                   Buffer* file);

}  // namespace eitherside
