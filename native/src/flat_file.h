#pragma once

#include <utility>
#include <vector>

#include "call.h"
#include "formats.h"
#include "jxl_reader.h"
#include "packed.h"

namespace eitherside {

// A file in a format that has neither layers nor channels beside colours and alpha: PNG, APNG, JPEG, PNM or
// PFM. It takes frames of the whole image, as a reader of a JPEG XL file gives them for request().
class FlatFile {
 public:
  FlatFile(Call& call, Format to, bool keep_metadata) : call_(call), to_(to), keep_metadata_(keep_metadata) {}

  // How samples are wanted from a picture with this header.
  PixelRequest request(const JxlBasicInfo& info, bool has_black) const;

  // What is told of the picture before its frames: that of the reader, with samples of this format.
  void describe(const JxlReader& reader, const PixelRequest& request, const JxlPixelFormat& format);
  // Where the frames have another size than the reader's.
  void set_size(uint32_t width, uint32_t height);

  // Frames whose samples are copied only when the file is written, so that a decoder's memory is free by
  // then.
  void add_frame(const FrameFacts& facts, Buffer&& samples);
  void add_frame(const FrameFacts& facts, jxl::extras::PackedImage&& colour);

  bool write(Buffer* file);

  uint32_t width() const { return packed_.info.xsize; }
  uint32_t height() const { return packed_.info.ysize; }
  size_t frames() const { return frames_; }

 private:
  void take_metadata(const Metadata& metadata);
  void set_depth(const PixelRequest& request);
  bool copy_frames();
  void flatten();

  Call& call_;
  Format to_;
  bool keep_metadata_;
  JxlPixelFormat format_ = {};
  Packed packed_;
  std::vector<std::pair<FrameFacts, Buffer>> waiting_;
  size_t frames_ = 0;
};

}  // namespace eitherside
