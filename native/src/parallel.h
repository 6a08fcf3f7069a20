#pragma once

#include <jxl/parallel_runner.h>

#include <atomic>
#include <cstdint>

#include "lib/jxl/base/data_parallel.h"

// Threads inside one call (docs/abi.md): the main instance's parallel loops, shared with helper instances
// over the same memory, where a host has given any.
namespace eitherside {

// The runner for libjxl's decoders and encoders; it takes no opaque pointer.
JxlParallelRetCode run_parallel(void*, void* job, JxlParallelRunInit init, JxlParallelRunFunction task,
                                uint32_t begin, uint32_t end);

// The same for parts of libjxl's library.
jxl::ThreadPool* thread_pool();

// How many threads a loop may have: numbers of threads are below it.
uint32_t most_threads();

// Traps where the host wants the call to end.
void check_stop();

// Holds what tasks must not use at the same time; a null pointer holds nothing.
class Turn {
 public:
  explicit Turn(std::atomic<bool>* busy) : busy_(busy) {
    while (busy_ != nullptr && busy_->exchange(true)) check_stop();
  }
  ~Turn() {
    if (busy_ != nullptr) busy_->store(false);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::atomic<bool>* busy_;
};

}  // namespace eitherside
