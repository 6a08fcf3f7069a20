// Memory of a module in C: blocks from linear memory, which grows up to the ceiling that the host set.
#ifndef EITHERSIDE_MEMORY_H_
#define EITHERSIDE_MEMORY_H_

#include "../eitherside.h"

#define ES_PAGE 65536u
#define ES_ALIGNMENT 16u
#define ES_MOST ((uint64_t)65536 * ES_PAGE)

// Goes before each block. A free block is in a list in order of addresses, so that neighbours are joined.
typedef struct EsBlock {
  uint32_t size;  // of the block, this header included
  struct EsBlock* next;
  uint32_t padding[2];
} EsBlock;

EITHERSIDE_ASSERT(sizeof(EsBlock) == ES_ALIGNMENT);

extern uint8_t __heap_base;

static uint64_t es_ceiling = ES_MOST;
static uint64_t es_heap_end;
static EsBlock* es_free_list;

// Takes the free block that ends where the heap does out of the list; null where there is none.
static EsBlock* es_last(void) {
  for (EsBlock** link = &es_free_list; *link != 0; link = &(*link)->next) {
    EsBlock* block = *link;
    if ((uint64_t)(uintptr_t)block + block->size != es_heap_end) continue;
    *link = 0;
    return block;
  }
  return 0;
}

// Moves the heap's end; false where memory is short.
static bool es_grow_to(uint64_t end) {
  const uint64_t now = (uint64_t)__builtin_wasm_memory_size(0) * ES_PAGE;
  // The last page stays unused, so that no block ends at the address 0.
  if (end > ES_MOST - ES_PAGE) return false;
  if (end > now) {
    const uint64_t pages = (end - now + ES_PAGE - 1) / ES_PAGE;
    if (now + pages * ES_PAGE > es_ceiling) return false;
    if (__builtin_wasm_memory_grow(0, (uint32_t)pages) == (__SIZE_TYPE__)-1) return false;
  }
  es_heap_end = end;
  return true;
}

// A block at the heap's end.
static EsBlock* es_extend(uint32_t size) {
  if (es_heap_end == 0) {
    es_heap_end = ((uint64_t)(uintptr_t)&__heap_base + ES_ALIGNMENT - 1) / ES_ALIGNMENT * ES_ALIGNMENT;
  }
  EsBlock* block = es_last();
  const uint64_t start = block == 0 ? es_heap_end : (uint64_t)(uintptr_t)block;
  if (!es_grow_to(start + size)) {
    if (block != 0) eitherside_free(block + 1);
    return 0;
  }
  block = (EsBlock*)(uintptr_t)start;
  block->size = size;
  return block;
}

// The first free block that is large enough, cut to size and out of the list; null where there is none.
static EsBlock* es_reuse(uint32_t size) {
  for (EsBlock** link = &es_free_list; *link != 0; link = &(*link)->next) {
    EsBlock* block = *link;
    if (block->size < size) continue;
    if (block->size >= size + 2 * ES_ALIGNMENT) {
      EsBlock* rest = (EsBlock*)((uint8_t*)block + size);
      rest->size = block->size - size;
      rest->next = block->next;
      *link = rest;
      block->size = size;
    } else {
      *link = block->next;
    }
    return block;
  }
  return 0;
}

EITHERSIDE_EXPORT(eitherside_allocate) void* eitherside_allocate(uint32_t size) {
  const uint64_t whole = ((uint64_t)size + sizeof(EsBlock) + ES_ALIGNMENT - 1) / ES_ALIGNMENT * ES_ALIGNMENT;
  if (whole > UINT32_MAX) return 0;
  EsBlock* block = es_reuse((uint32_t)whole);
  if (block == 0) block = es_extend((uint32_t)whole);
  return block == 0 ? 0 : block + 1;
}

// Joins a free block with the one after it in the list, where nothing lies between them.
static void es_join(EsBlock* block) {
  EsBlock* next = block->next;
  if (next == 0 || (uint8_t*)block + block->size != (uint8_t*)next) return;
  block->size += next->size;
  block->next = next->next;
}

EITHERSIDE_EXPORT(eitherside_free) void eitherside_free(void* address) {
  if (address == 0) return;
  EsBlock* block = (EsBlock*)address - 1;
  EsBlock* before = 0;
  for (EsBlock* each = es_free_list; each != 0 && each < block; each = each->next) before = each;
  block->next = before == 0 ? es_free_list : before->next;
  *(before == 0 ? &es_free_list : &before->next) = block;
  es_join(block);
  if (before != 0) es_join(before);
}

EITHERSIDE_EXPORT(eitherside_limit) void eitherside_limit(uint64_t bytes) {
  es_ceiling = bytes < ES_MOST ? bytes : ES_MOST;
}

// Allocates or ends the call with the error memory_limit.
static void* es_allocate(uint64_t size) {
  void* address = size > UINT32_MAX ? 0 : eitherside_allocate((uint32_t)size);
  if (address == 0) eitherside_fault("memory_limit", "the call reached its memory ceiling");
  return address;
}

// What compilers call for copies, where there is no C library; each becomes one instruction.
__attribute__((weak)) void* memcpy(void* restrict to, const void* restrict from, __SIZE_TYPE__ size) {
  return __builtin_memcpy(to, from, size);
}
__attribute__((weak)) void* memmove(void* to, const void* from, __SIZE_TYPE__ size) {
  return __builtin_memmove(to, from, size);
}
__attribute__((weak)) void* memset(void* to, int value, __SIZE_TYPE__ size) {
  return __builtin_memset(to, value, size);
}

#endif
