#pragma once

#include "call.h"
#include "formats.h"
#include "jxl_reader.h"

namespace eitherside {

// The options of `decode`. Ends the call where it returns false.
bool read_pixel_request(Call& call, PixelRequest* request);

// What one answer of `decode` carries: the result and the outputs.
class DecodeAnswer {
 public:
  DecodeAnswer(Call& call, Format format) : call_(call), format_(format) {}

  // Begins an answer.
  void begin();
  bool add(const JxlReader& reader, Frame&& frame);
  bool is_empty() const { return frame_count_ == 0; }
  // Fills the result.
  bool finish(const JxlReader& reader, const PixelRequest& request, bool complete);

 private:
  void describe_layer(const FrameFacts& facts, yyjson_mut_val* item);
  void describe_extra(const JxlReader& reader, uint32_t number, const Frame& frame);

  Call& call_;
  Format format_;
  yyjson_mut_val* frames_ = nullptr;
  yyjson_mut_val* extra_ = nullptr;
  size_t frame_count_ = 0;
  Stage stage_ = Stage::header;
};

}  // namespace eitherside
