#pragma once

#include <vector>

#include "call.h"
#include "encode_request.h"
#include "frame_input.h"
#include "jxl_reader.h"
#include "jxl_writer.h"

namespace eitherside {

// The metadata boxes of a JPEG XL file, decompressed.
class BoxesOfFile {
 public:
  // False after the call has ended with an error. `with_own` also takes Exif, XMP and JUMBF.
  bool read(Call& call, Bytes file, bool with_own);
  const MetadataInput& metadata() const { return metadata_; }

 private:
  std::vector<Buffer> contents_;
  MetadataInput metadata_;
};

// What the encoder is told of a picture whose samples have this type; it refers to the facts.
ImageInput image_of(const JxlFacts& facts, JxlDataType type);

// The same of a frame; it refers to its samples. Its extra planes are those of the channels in `extra`, of so
// many in all.
FrameInput input_of(const Frame& frame, const JxlPixelFormat& format, const std::vector<uint32_t>& extra,
                    size_t channels);

// A JPEG XL file to be encoded anew with all that it holds: layers as they are stored, every extra channel,
// names, durations, profile and boxes. Its preview is lost, as libjxl's encoder writes none.
class Recoder {
 public:
  Recoder(Call& call, Bytes file, bool keep_metadata)
      : call_(call), file_(file), keep_metadata_(keep_metadata) {}

  bool open();
  const JxlFacts& facts() const { return facts_; }
  // Frames are encoded as they are decoded: only one is in memory.
  bool write(const EncodeRequest& request, Buffer* file);
  size_t frames() const { return frames_; }

 private:
  // False, without an end of the call, where the file turns out to have layers.
  bool write_frames(const EncodeRequest& request, Buffer* file);
  PixelRequest pixels() const;

  Call& call_;
  Bytes file_;
  bool keep_metadata_;
  JxlFacts facts_;
  BoxesOfFile boxes_;
  size_t frames_ = 0;
  bool has_layers_ = false;
};

}  // namespace eitherside
