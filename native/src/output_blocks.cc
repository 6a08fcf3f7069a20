#include "output_blocks.h"

#include <string.h>

#include <algorithm>

namespace eitherside {
namespace {

constexpr size_t kBlock = 262144;

}  // namespace

JxlEncoderOutputProcessor OutputBlocks::processor() {
  return {this, [](void* self, size_t* size) { return static_cast<OutputBlocks*>(self)->room(size); },
          [](void* self, size_t bytes) { static_cast<OutputBlocks*>(self)->written(bytes); },
          [](void* self, uint64_t position) {
            static_cast<OutputBlocks*>(self)->position_ = static_cast<size_t>(position);
          },
          [](void*, uint64_t) {}};
}

void* OutputBlocks::room(size_t* size) {
  const size_t index = position_ / kBlock;
  // The encoder may leave a gap that it fills later.
  while (blocks_.size() <= index) {
    Buffer block;
    if (!block.resize(kBlock)) {
      failed_ = true;
      *size = 0;
      return nullptr;
    }
    blocks_.push_back(std::move(block));
  }
  *size = kBlock - position_ % kBlock;
  return blocks_[index].data() + position_ % kBlock;
}

void OutputBlocks::written(size_t bytes) {
  position_ += bytes;
  end_ = std::max(end_, position_);
}

bool OutputBlocks::join(Buffer* file) {
  if (!file->resize(end_)) return false;
  size_t at = 0;
  for (Buffer& block : blocks_) {
    const size_t bytes = std::min(kBlock, end_ - at);
    memcpy(file->data() + at, block.data(), bytes);
    at += bytes;
    block = Buffer();
  }
  blocks_.clear();
  return true;
}

}  // namespace eitherside
