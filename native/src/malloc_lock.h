// What Emscripten's dlmalloc.c locks with (USE_LOCKS=2). Its own locks spin, and would for ever where the
// thread that holds one has trapped; these sleep, and end when the host writes the stop word. Nothing is
// locked while the main instance is alone.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Helpers that may be at work (parallel.cc); it leaves 0 only while the main instance is not in an
// allocation.
extern uint32_t eitherside_helpers;

void eitherside_wait_for_lock(int* word);

typedef int MLOCK_T;

static inline int eitherside_lock(int* word) {
  if (__atomic_load_n(&eitherside_helpers, __ATOMIC_ACQUIRE) == 0) return 0;
  int open = 0;
  if (!__atomic_compare_exchange_n(word, &open, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    eitherside_wait_for_lock(word);
  }
  return 0;
}

static inline void eitherside_unlock(int* word) {
  if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0) return;
  if (__atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST) == 2) __builtin_wasm_memory_atomic_notify(word, 1);
}

#ifdef __cplusplus
}
#else
#define INITIAL_LOCK(word) (*(word) = 0)
#define DESTROY_LOCK(word) (0)
#define ACQUIRE_LOCK(word) eitherside_lock(word)
#define RELEASE_LOCK(word) eitherside_unlock(word)
static MLOCK_T malloc_global_mutex = 0;
#endif
