#pragma once

#include <jxl/encode_cxx.h>

#include <string>
#include <vector>

#include "call.h"
#include "encode_request.h"
#include "frame_input.h"
#include "output_blocks.h"

namespace eitherside {

// What is told of an image before its frames.
struct ImageInput {
  JxlBasicInfo info = {};
  JxlColorEncoding encoding = {};
  // Describes the colours instead of `encoding` where it is not empty.
  Bytes icc;
  std::vector<ExtraChannel> extra_channels;
  // How integer samples fill their type.
  JxlBitDepth depth = {JXL_BIT_DEPTH_FROM_PIXEL_FORMAT, 0, 0};
};

// Writes a JPEG XL file with libjxl's encoder (jxl/encode.h), handling every status that it can give. Frames
// are encoded as they are added, and large ones are read and written in pieces.
class JxlWriter {
 public:
  JxlWriter(Call& call, const EncodeRequest& request) : call_(call), request_(request) {}

  // The calls come in this order; set_image and add_frame are not for JPEG data.
  bool start();
  bool set_image(const ImageInput& image);
  bool add_metadata(const MetadataInput& metadata);
  bool add_frame(const FrameInput& frame);

  // Which metadata of a JPEG file goes into boxes.
  struct JpegMetadata {
    // What is needed to give the file back bit for bit; it includes all metadata.
    bool reconstruction = true;
    bool exif = true;
    bool xmp = true;
    bool jumbf = true;
  };
  // The whole image from a JPEG file's coefficients. `*refused` says why they cannot be carried over.
  bool set_jpeg(Bytes jpeg, const JpegMetadata& kept, std::string* refused);

  bool finish(Buffer* file);

 private:
  bool fail(const char* code, const char* what);
  // Says so where the codestream level asked for is what the image breaks.
  bool fail_level(const char* what);
  bool apply_settings();
  bool set_channels(const ImageInput& image);
  bool add_box(const char* type, Bytes content);

  Call& call_;
  EncodeRequest request_;
  OutputBlocks output_;
  JxlEncoderPtr encoder_;
  JxlEncoderFrameSettings* settings_ = nullptr;
  uint32_t extra_count_ = 0;
  bool has_frames_ = false;
};

// Whether a JPEG XL file is in the box container.
bool in_container(const Buffer& file);

}  // namespace eitherside
