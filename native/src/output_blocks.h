#pragma once

#include <jxl/encode.h>

#include <vector>

#include "memory.h"

namespace eitherside {

// The encoder's output in blocks, so that a large file is never copied while it grows.
class OutputBlocks {
 public:
  // What JxlEncoderSetOutputProcessor takes; it refers to this object.
  JxlEncoderOutputProcessor processor();

  size_t size() const { return end_; }
  // Whether memory was short.
  bool failed() const { return failed_; }
  // Moves everything into one buffer; false where memory is short.
  bool join(Buffer* file);

 private:
  void* room(size_t* size);
  void written(size_t bytes);

  std::vector<Buffer> blocks_;
  size_t position_ = 0;
  size_t end_ = 0;
  bool failed_ = false;
};

}  // namespace eitherside
