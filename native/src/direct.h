#pragma once

#include <memory>

#include "call.h"
#include "jxl_reader.h"
#include "packed.h"

namespace eitherside {

// A picture of another format whose samples are those asked for as they are, so that no JPEG XL file between
// need hold them: one frame of 8-bit samples, in its own colours. What is told of the picture comes from a
// lossless JPEG XL file of its first pixel, so that nothing differs from a picture that took the longer way.
class Direct {
 public:
  Direct(Call& call, const Packed& packed) : call_(call), packed_(packed) {}

  // Whether the samples can be given so; false too where the call has ended, which `*failed` tells.
  bool start(const PixelRequest& request, bool keep_metadata, bool* failed);

  // The reader of the file of one pixel, its size being the picture's, and the frame without samples.
  JxlReader& reader() { return *reader_; }
  const Frame& frame() const { return frame_; }
  // The samples in the request's channels; false after the call has ended.
  bool take(Buffer* samples) const;

 private:
  bool is_plain() const;
  bool is_as_stored(const PixelRequest& request) const;
  bool make_pixel(bool keep_metadata);

  Call& call_;
  const Packed& packed_;
  Buffer file_;
  std::unique_ptr<JxlReader> reader_;
  Frame frame_;
};

}  // namespace eitherside
