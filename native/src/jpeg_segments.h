#pragma once

#include <vector>

#include "call.h"

namespace eitherside {

// The XMP packet of a JPEG file (XMP specification, part 3, 1.1.3), or nothing. libjxl's extras leave it out.
std::vector<uint8_t> xmp_of_jpeg(Bytes jpeg);

// The Exif data of a JPEG file from the TIFF header on, or nothing.
std::vector<uint8_t> exif_of_jpeg(Bytes jpeg);

// Puts an XMP packet behind the first APP0 and Exif segments. A packet that is too long for one segment is
// left out. False where memory is short.
bool add_xmp_to_jpeg(const std::vector<uint8_t>& xmp, Buffer* jpeg);

}  // namespace eitherside
