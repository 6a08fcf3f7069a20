#include "parallel.h"

#include <eitherside.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "fault.h"
#include "malloc_lock.h"

extern "C" uint32_t eitherside_helpers = 0;
extern "C" void _emscripten_wasm_worker_initialize(void* lowest, uint32_t size);

namespace eitherside {
namespace {

// Nanoseconds that a thread sleeps at most before it looks at the stop word again.
constexpr int64_t kSlice = 20'000'000;

// How often a word is looked at before the thread sleeps: parallel loops follow each other closely, and
// waking takes longer than most gaps between them.
constexpr int kLooks = 4000;

// As much as the main instance has (CMakeLists.txt): the same tasks run on it.
constexpr uint32_t kStack = 1U << 20;
constexpr uint32_t kCanary = 0x5AFE57AC;

// Written by the host, and polled by every thread; in a cache line that nothing else changes.
alignas(64) int32_t g_stop[16];

int32_t load(const int32_t* word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

// What a helper has for itself. Its thread-local storage and, above, its stack follow.
struct alignas(16) Block {
  enum State : int32_t { free, given, helping };

  // Written by the host, too: the helper is to go when its task is done.
  int32_t leave;
  std::atomic<int32_t> state;
  Block* next;

  char* lowest() { return reinterpret_cast<char*>(this + 1); }
  static uint32_t local() { return (static_cast<uint32_t>(__builtin_wasm_tls_size()) + 15U) & ~15U; }
  // The stack's lowest word, which a task that needs more stack than there is would change.
  volatile uint32_t* canary() { return reinterpret_cast<uint32_t*>(lowest() + local()); }
};

Block* g_blocks = nullptr;

// Blocks that are not free: so many helpers may take tasks.
std::atomic<uint32_t>& helpers() { return reinterpret_cast<std::atomic<uint32_t>&>(eitherside_helpers); }

// The parallel loop at work. Its number (above) and the next task to be taken (below) are one word: whoever
// takes tasks by exchanging it knows that the other members, which it read before, are this loop's.
struct Loop {
  static constexpr uint32_t kClosed = 0xFFFFFFFF;

  alignas(64) std::atomic<uint64_t> ticket{kClosed};
  std::atomic<void*> job{nullptr};
  std::atomic<JxlParallelRunFunction> task{nullptr};
  std::atomic<uint32_t> end{0};
  std::atomic<uint32_t> threads{1};
  // Numbers of threads given out, and tasks that are not done. The main instance sleeps on the latter.
  alignas(64) std::atomic<uint32_t> joined{0};
  std::atomic<uint32_t> left{0};
  // Helpers sleep on this one; it changes with each loop.
  alignas(64) std::atomic<uint32_t> signal{0};
  std::atomic<uint32_t> sleepers{0};
};

Loop g_loop;
// Known to the main instance and to who is at a task.
bool g_is_open = false;

// Waits until a word is no longer `seen`, at most a slice long.
void wait(std::atomic<uint32_t>* word, uint32_t seen) {
  for (int looks = 0; looks < kLooks; ++looks) {
    if (word->load() != seen) return;
  }
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(word), static_cast<int>(seen), kSlice);
  check_stop();
}

void wake(std::atomic<uint32_t>* word, uint32_t count) {
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(word), count);
}

// A thread's part in loops, one after the other.
class Worker {
 public:
  explicit Worker(const int32_t* leave) : leave_(leave) {}

  // Takes tasks until there are none to take.
  void run() {
    uint64_t ticket = g_loop.ticket.load();
    while (static_cast<uint32_t>(ticket) != Loop::kClosed) {
      const auto next = static_cast<uint32_t>(ticket);
      const uint32_t end = g_loop.end.load(std::memory_order_relaxed);
      const uint32_t threads = g_loop.threads.load(std::memory_order_relaxed);
      void* job = g_loop.job.load(std::memory_order_relaxed);
      const JxlParallelRunFunction task = g_loop.task.load(std::memory_order_relaxed);
      if (next >= end || (leave_ != nullptr && load(leave_) != 0)) return;
      // Some loops have a task for each row: several at a time while many are left.
      const uint32_t count = std::max(1U, (end - next) / (8 * threads));
      if (!g_loop.ticket.compare_exchange_weak(ticket, ticket + count)) continue;
      join(static_cast<uint32_t>(ticket >> 32));
      for (uint32_t i = next; i < next + count; ++i) {
        check_stop();
        const NoteScope scope(i);
        task(job, i, thread_);
      }
      if (g_loop.left.fetch_sub(count) == count) wake(&g_loop.left, 1);
      ticket = g_loop.ticket.load();
    }
  }

 private:
  // The loop ends only when this thread's tasks are done, so the numbers given out are this loop's.
  void join(uint32_t loop) {
    if (has_joined_ && loop == loop_) return;
    has_joined_ = true;
    loop_ = loop;
    thread_ = g_loop.joined.fetch_add(1);
  }

  const int32_t* leave_;
  bool has_joined_ = false;
  uint32_t loop_ = 0;
  uint32_t thread_ = 0;
};

JxlParallelRetCode run_alone(void* job, JxlParallelRunInit init, JxlParallelRunFunction task, uint32_t begin,
                             uint32_t end) {
  const JxlParallelRetCode begun = init(job, 1);
  if (begun != JXL_PARALLEL_RET_SUCCESS) return begun;
  for (uint32_t i = begin; i < end; ++i) task(job, i, 0);
  return JXL_PARALLEL_RET_SUCCESS;
}

void open_loop(void* job, JxlParallelRunFunction task, uint32_t begin, uint32_t end, uint32_t threads) {
  const uint64_t number = ((g_loop.ticket.load() >> 32) + 1) << 32;
  g_loop.ticket.store(number | Loop::kClosed);
  g_loop.job.store(job, std::memory_order_relaxed);
  g_loop.task.store(task, std::memory_order_relaxed);
  g_loop.end.store(end, std::memory_order_relaxed);
  g_loop.threads.store(threads, std::memory_order_relaxed);
  g_loop.joined.store(0, std::memory_order_relaxed);
  g_loop.left.store(end - begin, std::memory_order_relaxed);
  begin_task_notes();
  g_is_open = true;
  g_loop.ticket.store(number | begin);
  g_loop.signal.fetch_add(1);
  if (g_loop.sleepers.load() > 0) wake(&g_loop.signal, end - begin - 1);
}

// Not to be inlined: its frame must lie in the block.
[[gnu::noinline]] void work(Block* block) {
  *block->canary() = kCanary;
  Worker worker(&block->leave);
  for (;;) {
    const uint32_t seen = g_loop.signal.load();
    worker.run();
    if (*block->canary() != kCanary) fault("internal", "a thread needed more stack than it has");
    if (load(&block->leave) != 0) return;
    g_loop.sleepers.fetch_add(1);
    wait(&g_loop.signal, seen);
    g_loop.sleepers.fetch_sub(1);
  }
}

}  // namespace

void check_stop() {
  if (load(&g_stop[0]) != 0) __builtin_trap();
}

JxlParallelRetCode run_parallel(void*, void* job, JxlParallelRunInit init, JxlParallelRunFunction task,
                                uint32_t begin, uint32_t end) {
  if (begin > end) return JXL_PARALLEL_RET_RUNNER_ERROR;
  if (begin == end) return JXL_PARALLEL_RET_SUCCESS;
  const uint32_t threads = std::min(helpers().load() + 1, end - begin);
  if (threads == 1 || g_is_open) return run_alone(job, init, task, begin, end);
  const JxlParallelRetCode begun = init(job, threads);
  if (begun != JXL_PARALLEL_RET_SUCCESS) return begun;
  open_loop(job, task, begin, end, threads);
  Worker(nullptr).run();
  for (uint32_t left = g_loop.left.load(); left != 0; left = g_loop.left.load()) wait(&g_loop.left, left);
  g_is_open = false;
  return JXL_PARALLEL_RET_SUCCESS;
}

uint32_t most_threads() { return helpers().load() + 1; }

jxl::ThreadPool* thread_pool() {
  static jxl::ThreadPool pool(&run_parallel, nullptr);
  return &pool;
}

}  // namespace eitherside

// How often a lock is looked at before the thread sleeps: allocations are short.
constexpr int kLockLooks = 200;

extern "C" void eitherside_wait_for_lock(int* word) {
  for (int looks = 0; looks < kLockLooks; ++looks) {
    int open = 0;
    if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0 &&
        __atomic_compare_exchange_n(word, &open, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
      return;
    }
  }
  while (__atomic_exchange_n(word, 2, __ATOMIC_SEQ_CST) != 0) {
    __builtin_wasm_memory_atomic_wait32(word, 2, eitherside::kSlice);
    eitherside::check_stop();
  }
}

// What the compiler calls for a local variable that is initialised when it is first reached. The C++
// library's own is for one thread, and would abort in another one that comes meanwhile. The lowest bit says
// that it is done.
extern "C" int __cxa_guard_acquire(uint32_t* guard) {
  constexpr uint32_t kDone = 1;
  constexpr uint32_t kAtWork = 2;
  for (;;) {
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(guard, &seen, kAtWork, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
      return 1;
    if ((seen & kDone) != 0) return 0;
    __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(guard), static_cast<int>(seen),
                                        eitherside::kSlice);
    eitherside::check_stop();
  }
}

extern "C" void __cxa_guard_release(uint32_t* guard) {
  __atomic_store_n(guard, 1, __ATOMIC_SEQ_CST);
  if (eitherside::helpers().load() > 0)
    __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(guard), ~0U);
}

using eitherside::Block;

EITHERSIDE_EXPORT(eitherside_stop) int32_t* eitherside_stop() { return eitherside::g_stop; }

EITHERSIDE_EXPORT(eitherside_helper) void* eitherside_helper() {
  Block* block = eitherside::g_blocks;
  while (block != nullptr && block->state.load() != Block::free) block = block->next;
  if (block == nullptr) {
    const size_t size = (sizeof(Block) + Block::local() + eitherside::kStack + 15U) & ~size_t{15};
    block = static_cast<Block*>(std::aligned_alloc(alignof(Block), size));
    if (block == nullptr) return nullptr;
    new (block) Block{0, Block::free, eitherside::g_blocks};
    eitherside::g_blocks = block;
  }
  block->leave = 0;
  eitherside::helpers().fetch_add(1);
  block->state.store(Block::given);
  return block;
}

// The stack pointer of a new instance is the main instance's, so nothing here may need a frame before
// _emscripten_wasm_worker_initialize() or after work().
EITHERSIDE_EXPORT(eitherside_help) void eitherside_help(void* given) {
  auto* block = static_cast<Block*>(given);
  int32_t expected = Block::given;
  if (!__atomic_compare_exchange_n(reinterpret_cast<int32_t*>(&block->state), &expected, Block::helping,
                                   false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    return;
  }
  _emscripten_wasm_worker_initialize(block->lowest(), Block::local() + eitherside::kStack);
  eitherside::work(block);
  eitherside::helpers().fetch_sub(1);
  block->state.store(Block::free);
}

EITHERSIDE_EXPORT(eitherside_release) void eitherside_release() {
  for (Block* block = eitherside::g_blocks; block != nullptr; block = block->next) {
    __atomic_store_n(&block->leave, 1, __ATOMIC_SEQ_CST);
    int32_t given = Block::given;
    // Who comes to it later finds it free, and goes.
    if (block->state.compare_exchange_strong(given, Block::free)) eitherside::helpers().fetch_sub(1);
  }
  eitherside::g_loop.signal.fetch_add(1);
  eitherside::wake(&eitherside::g_loop.signal, ~0U);
}
