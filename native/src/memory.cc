#include "memory.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>

namespace eitherside {
namespace {

constexpr uint64_t kPage = 65536;
constexpr uint64_t kMost = 65536 * kPage;
uint64_t g_limit = kMost;
// Helpers allocate, too.
std::atomic<uint64_t> g_given{0};
std::atomic<bool> g_exhausted{false};

uint64_t heap_size() { return static_cast<uint64_t>(__builtin_wasm_memory_size(0)) * kPage; }

void* give(void*, size_t size) {
  if (g_given.load(std::memory_order_relaxed) + size > g_limit) {
    g_exhausted = true;
    return nullptr;
  }
  void* address = std::malloc(size);
  if (address == nullptr) {
    g_exhausted = true;
    return nullptr;
  }
  g_given.fetch_add(malloc_usable_size(address), std::memory_order_relaxed);
  return address;
}

void take(void*, void* address) {
  if (address == nullptr) return;
  g_given.fetch_sub(malloc_usable_size(address), std::memory_order_relaxed);
  std::free(address);
}

constexpr JxlMemoryManager kManager = {nullptr, &give, &take};

}  // namespace

void set_memory_limit(uint64_t bytes) { g_limit = std::min(bytes, kMost); }
bool memory_exhausted() { return g_exhausted; }
void reset_memory_exhausted() { g_exhausted = false; }
uint64_t memory_left() {
  const uint64_t used = mallinfo().uordblks;
  return g_limit > used ? g_limit - used : 0;
}
const JxlMemoryManager* memory_manager() { return &kManager; }

bool Buffer::resize(size_t size) {
  void* data = std::realloc(data_, std::max<size_t>(size, 1));
  if (data == nullptr) return false;
  data_ = static_cast<uint8_t*>(data);
  size_ = size;
  return true;
}

}  // namespace eitherside

// sbrk's way to more memory. Growing ahead of need saves engines from remapping at each small step.
extern "C" int emscripten_resize_heap(size_t requested) {
  using namespace eitherside;
  const uint64_t size = heap_size();
  if (requested <= size) return 1;
  const uint64_t ahead = std::min(size + size / 16 + 8 * kPage, g_limit / kPage * kPage);
  for (const uint64_t target : {std::max<uint64_t>(ahead, requested), static_cast<uint64_t>(requested)}) {
    if (target > g_limit) continue;
    const size_t pages = static_cast<size_t>((target - size + kPage - 1) / kPage);
    if (__builtin_wasm_memory_grow(0, pages) != static_cast<size_t>(-1)) return 1;
  }
  g_exhausted = true;
  return 0;
}
