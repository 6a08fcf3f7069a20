#pragma once

#include <jxl/decode.h>

#include <atomic>
#include <functional>
#include <vector>

#include "call.h"
#include "pixel_request.h"
#include "row_finisher.h"

namespace eitherside {

// Where the decoder puts the samples of one frame, and what they become: a region of the frame, finished row
// by row as the decoder gives it where that is possible, so that memory holds what was asked for and no more.
class FrameTarget {
 public:
  struct ExtraChannel {
    uint32_t number;
    // Value of an integer sample for 1.
    float most;
  };

  struct Setup {
    JxlPixelFormat format;
    // Integer samples in the file's own depth.
    bool codestream_depth;
    Region region;
    // Null: the decoder's samples are those asked for.
    RowFinisher* finisher;
    // Number of the black channel, where the finisher needs it.
    uint32_t black;
    // Whether the decoder turns rows into columns.
    bool is_transposed;
    std::vector<ExtraChannel> extra;
    // PixelRequest::rows
    std::function<void(size_t, size_t, size_t, const uint8_t*)> rows;
  };

  FrameTarget(Call& call, const Setup& setup) : call_(call), setup_(setup) {}

  // Gives the decoder what it asks for with JXL_DEC_NEED_IMAGE_OUT_BUFFER, for a frame of this size.
  bool attach(JxlDecoder* decoder, uint32_t width, uint32_t height);
  // The same for JXL_DEC_NEED_PREVIEW_OUT_BUFFER.
  bool attach_preview(JxlDecoder* decoder, uint32_t width, uint32_t height);

  // Size of the samples.
  uint32_t width() const { return region_.width; }
  uint32_t height() const { return region_.height; }

  // The samples as they stand; `last` where no more come, so that they need not be copied.
  bool take(bool last, Buffer* samples);
  // The same of the extra channel at an index of the setup's list.
  bool take_extra(size_t index, bool last, Buffer* samples);

 private:
  static void* receive_from(void* self, size_t threads, size_t pixels);
  static void receive(void* self, size_t thread, size_t x, size_t y, size_t pixels, const void* samples);
  // Several threads at once may put pixels, none of them twice; where rows are passed on there is one thread.
  void put(size_t thread, size_t x, size_t y, size_t pixels, const uint8_t* samples);
  void pass_on(size_t x, size_t y, size_t pixels, const uint8_t* samples);
  bool prepare(uint32_t width, uint32_t height, bool may_call_back);
  bool attach_extra(JxlDecoder* decoder);
  bool attach_extra_channel(JxlDecoder* decoder, uint32_t number, JxlDataType type, Buffer* buffer);
  bool allocate(uint64_t size, Buffer* buffer);
  bool copy(const Buffer& from, Buffer* to);
  bool finish(Buffer* samples);
  // Floats of the black channel, by row of the frame.
  const float* black_row(uint32_t y) const;
  bool fail(const char* code, const char* what) { return call_.fail_with_note(code, what); }

  Call& call_;
  Setup setup_;
  // The frame, and what is wanted of it.
  uint32_t frame_width_ = 0;
  uint32_t frame_height_ = 0;
  Region region_;
  // What the decoder gives, by its callback or into the buffer, and what the buffer holds.
  JxlPixelFormat decoded_ = {};
  bool calls_back_ = false;
  bool finishes_rows_ = false;
  bool passes_on_ = false;
  std::atomic<bool> failed_{false};
  Buffer samples_;
  // A finished part of a row, where rows are passed on.
  std::vector<uint8_t> part_;
  Buffer black_;
  std::vector<Buffer> extra_;
};

}  // namespace eitherside
