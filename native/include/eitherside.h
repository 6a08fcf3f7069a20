// What a WebAssembly module and its hosts agree on: docs/abi.md, version 1, as C declarations (C11, C++20).
//
// A module in C gets the whole of its binary interface from here: see docs/add-a-function.md.
#ifndef EITHERSIDE_H_
#define EITHERSIDE_H_

#include <stdint.h>

#ifdef __cplusplus
#define EITHERSIDE_C extern "C"
#define EITHERSIDE_ASSERT(condition) static_assert(condition, #condition)
#else
#define EITHERSIDE_C
#define EITHERSIDE_ASSERT(condition) _Static_assert(condition, #condition)
#endif

// Version of the binary interface.
#define EITHERSIDE_ABI 1

// Goes before the definition of a function that hosts call.
#define EITHERSIDE_EXPORT(name) EITHERSIDE_C __attribute__((export_name(#name), used))

// A row of a call's table of inputs; `input` is the index in the function's list of inputs.
typedef struct EithersideRow {
  uint32_t address;
  uint32_t length;
  uint32_t input;
} EithersideRow;

// A row of an answer's table of outputs; `output` is the index in the function's list of outputs.
typedef struct EithersideOutput {
  uint32_t address;
  uint32_t length;
  uint32_t output;
} EithersideOutput;

// What a host reads after a call: status 0 and the result, or an error's number and its description.
typedef struct EithersideAnswer {
  uint32_t status;
  uint32_t json;
  uint32_t json_length;
  uint32_t outputs;
  uint32_t output_count;
} EithersideAnswer;

EITHERSIDE_ASSERT(sizeof(void*) == 4);
EITHERSIDE_ASSERT(sizeof(EithersideRow) == 12);
EITHERSIDE_ASSERT(sizeof(EithersideOutput) == 12);
EITHERSIDE_ASSERT(sizeof(EithersideAnswer) == 20);

// The exports, as docs/abi.md describes them.
EITHERSIDE_C void eitherside_start(void);
EITHERSIDE_C uint32_t eitherside_abi(void);
EITHERSIDE_C void* eitherside_allocate(uint32_t size);
EITHERSIDE_C void eitherside_free(void* address);
EITHERSIDE_C void eitherside_limit(uint64_t bytes);
EITHERSIDE_C EithersideAnswer* eitherside_answer(void);
EITHERSIDE_C uint32_t eitherside_call(uint32_t function, const char* options, uint32_t options_length,
                                      const EithersideRow* inputs, uint32_t input_count);

#endif
