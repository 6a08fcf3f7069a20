#pragma once

#include <string>

#include "call.h"
#include "encode_request.h"
#include "frame_input.h"

namespace eitherside {

// Why a JPEG file's pixels cannot be decoded, or nullptr: what its frame header says (ITU-T T.81, B.2.2).
const char* jpeg_pixel_obstacle(Bytes jpeg);

// Whether a JPEG file has four components: CMYK or YCCK.
bool is_four_component_jpeg(Bytes jpeg);

// How a JPEG file's coefficients are to be carried into JPEG XL.
struct JpegCarriage {
  // With what gives the file back bit for bit, all metadata included.
  bool exact = true;
  // Otherwise, whether Exif, XMP and JUMBF are kept.
  bool keep_metadata = true;
  // Boxes beside those that are made of the JPEG file's own metadata.
  MetadataInput more;
};

// Recompresses a JPEG file. `*refused` says why that cannot be, which does not end the call; other failures
// do.
bool carry_jpeg(Call& call, Bytes jpeg, const JpegCarriage& how, const EncodeRequest& request, Buffer* file,
                std::string* refused);

}  // namespace eitherside
