#pragma once

#include <jxl/memory_manager.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace eitherside {

// Ceiling of linear memory in bytes; it is checked where the heap grows and where libjxl allocates.
void set_memory_limit(uint64_t bytes);

// Whether an allocation of this call has failed at the ceiling.
bool memory_exhausted();
void reset_memory_exhausted();

// Bytes that the heap could still give, at most, under the ceiling.
uint64_t memory_left();

// Allocator for libjxl that counts what it has given out and refuses to pass the ceiling.
const JxlMemoryManager* memory_manager();

// A block of memory from malloc, so that a host can free it through the binary interface.
class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { std::free(data_); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // Changes the size, keeping what fits; false where memory is short.
  bool resize(size_t size);
  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  uint8_t* release() { return std::exchange(data_, nullptr); }

 private:
  void swap(Buffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace eitherside
