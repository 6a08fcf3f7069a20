#pragma once

#include <jxl/encode_cxx.h>

#include <vector>

#include "call.h"
#include "jxl_reader.h"

namespace eitherside {

// The encoder options that functions share.
struct EncodeRequest {
  float distance = 1.0F;
  int effort = 7;
  bool progressive = false;
  int modular = -1;  // -1: the encoder chooses, 0: VarDCT, 1: modular
  bool use_container = false;
  bool forbid_container = false;
  float intensity_target = 0;

  bool lossless() const { return distance == 0; }
};

// Reads the shared options and checks that they fit together.
bool read_encode_request(Call& call, float default_distance, EncodeRequest* request);

// Writes a JPEG XL file with libjxl's encoder (jxl/encode.h), handling every status that it can give.
class JxlWriter {
 public:
  JxlWriter(Call& call, const EncodeRequest& request) : call_(call), request_(request) {}

  bool start();

  // Header and colour of an image from samples: `icc` describes them where it is not empty, else `encoding`.
  bool set_image(JxlBasicInfo info, const JxlColorEncoding& encoding, Bytes icc);
  // How integer samples fill their type; by default the whole of it.
  bool set_bit_depth(const JxlBitDepth& depth);
  // Exif (from the TIFF header on), XMP and JUMBF. Call it before frames are added.
  bool add_metadata(Bytes exif, Bytes xmp, Bytes jumbf);
  // Interleaved samples of a frame; alpha from `alpha` where it is not interleaved.
  bool add_frame(const JxlFrameHeader& header, const char* name, const JxlPixelFormat& format, Bytes samples,
                 const JxlPixelFormat* alpha_format, Bytes alpha);

  // The whole image from a JPEG file, with what is needed to reconstruct it. `*refused` says why it cannot
  // be.
  bool set_jpeg(Bytes jpeg, std::string* refused);

  bool finish(Buffer* file);

 private:
  bool fail(const char* code, const char* what);

  Call& call_;
  EncodeRequest request_;
  JxlEncoderPtr encoder_;
  JxlEncoderFrameSettings* settings_ = nullptr;
};

// Whether a JPEG XL file is in the box container.
bool in_container(const Buffer& file);

}  // namespace eitherside
