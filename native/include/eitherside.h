// What a WebAssembly module and its hosts agree on: docs/abi.md, version 1, as C declarations (C11, C++20).
//
// A module in C gets the whole of its binary interface from here, without a C library
// (docs/add-a-function.md):
//
//   #define EITHERSIDE_INTERFACE "interface.json"   // becomes the custom section, and what options are
//   checked by #define EITHERSIDE_IMPLEMENTATION #include <eitherside.h>
//
//   static bool render(EithersideCall* call) { ...; return true; }
//   EITHERSIDE_FUNCTIONS({"render", render})
#ifndef EITHERSIDE_H_
#define EITHERSIDE_H_

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
#define EITHERSIDE_C extern "C"
#define EITHERSIDE_DATA extern "C"
#define EITHERSIDE_ASSERT(condition) static_assert(condition, #condition)
#else
#define EITHERSIDE_C
#define EITHERSIDE_DATA extern
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
// Exports of a module that has functions whose input can be pushed.
EITHERSIDE_C uint32_t eitherside_open(uint32_t function, const char* options, uint32_t options_length,
                                      const EithersideRow* inputs, uint32_t input_count);
EITHERSIDE_C uint32_t eitherside_push(const uint8_t* piece, uint32_t length, uint32_t last);

// A module that polls a stop word, or that uses threads, has these exports, too ("How a call is stopped" and
// "Threads inside one call"). What EITHERSIDE_IMPLEMENTATION makes has none of them: hosts stop it by their
// engine's means.
EITHERSIDE_C int32_t* eitherside_stop(void);
EITHERSIDE_C void* eitherside_helper(void);
EITHERSIDE_C void eitherside_help(void* block);
EITHERSIDE_C void eitherside_release(void);

// One call of a function: what it was given, and what it answers.
typedef struct EithersideCall EithersideCall;

// A function of the interface by its name. It returns true, or false after one of the eitherside_fail
// functions.
typedef struct EithersideFunction {
  const char* name;
  bool (*run)(EithersideCall* call);
} EithersideFunction;

// Names the module's functions: EITHERSIDE_FUNCTIONS({"render", render}, {"other", other})
#define EITHERSIDE_FUNCTIONS(...)                                  \
  const EithersideFunction eitherside_functions[] = {__VA_ARGS__}; \
  const uint32_t eitherside_function_count = sizeof(eitherside_functions) / sizeof(EithersideFunction);

EITHERSIDE_DATA const EithersideFunction eitherside_functions[];
EITHERSIDE_DATA const uint32_t eitherside_function_count;

typedef struct EithersideBytes {
  const uint8_t* data;
  uint32_t length;
} EithersideBytes;

// UTF-8, not ended by a zero.
typedef struct EithersideText {
  const char* data;
  uint32_t length;
} EithersideText;

typedef struct EithersideNumbers {
  const double* data;
  uint32_t length;
} EithersideNumbers;

// Options, checked against the function's schema; one that the caller left out has the schema's default, and
// without a default reads as zero, false or nothing.
EITHERSIDE_C bool eitherside_given(const EithersideCall* call, const char* option);
EITHERSIDE_C bool eitherside_boolean(const EithersideCall* call, const char* option);
EITHERSIDE_C int64_t eitherside_integer(const EithersideCall* call, const char* option);
EITHERSIDE_C double eitherside_number(const EithersideCall* call, const char* option);
EITHERSIDE_C EithersideText eitherside_text(const EithersideCall* call, const char* option);
// The index of the option's value in the schema's enum.
EITHERSIDE_C uint32_t eitherside_choice(const EithersideCall* call, const char* option);
// An option that is an array of numbers.
EITHERSIDE_C EithersideNumbers eitherside_numbers(EithersideCall* call, const char* option);

// The buffers given for an input, in order. One that was not given is empty.
EITHERSIDE_C uint32_t eitherside_input_count(const EithersideCall* call, const char* input);
EITHERSIDE_C EithersideBytes eitherside_input(const EithersideCall* call, const char* input, uint32_t index);

// Memory for a buffer of an output, and memory that is freed with the call, neither of them cleared. They
// never return null: where memory is short, the call ends with the error memory_limit (by a trap, as
// docs/abi.md says).
EITHERSIDE_C uint8_t* eitherside_output(EithersideCall* call, const char* output, uint64_t size);
EITHERSIDE_C void* eitherside_scratch(EithersideCall* call, uint64_t size);

// Fields of the result, in the order in which they are told.
EITHERSIDE_C void eitherside_tell_boolean(EithersideCall* call, const char* field, bool value);
EITHERSIDE_C void eitherside_tell_integer(EithersideCall* call, const char* field, int64_t value);
EITHERSIDE_C void eitherside_tell_number(EithersideCall* call, const char* field, double value);
EITHERSIDE_C void eitherside_tell_text(EithersideCall* call, const char* field, const char* value);
EITHERSIDE_C void eitherside_tell_numbers(EithersideCall* call, const char* field, const double* values,
                                          uint32_t count);

// Each of these ends the call with an error of the interface and returns false. The format knows %s %d %u
// %lld %llu %zu %g (15 digits) and %%.
#define EITHERSIDE_PRINTF(at, first) __attribute__((format(printf, at, first)))
EITHERSIDE_C bool eitherside_fail(EithersideCall* call, const char* code, const char* format, ...)
    EITHERSIDE_PRINTF(3, 4);
EITHERSIDE_C bool eitherside_fail_option(EithersideCall* call, const char* option, const char* format, ...)
    EITHERSIDE_PRINTF(3, 4);
EITHERSIDE_C bool eitherside_fail_input(EithersideCall* call, const char* code, const char* input,
                                        const char* format, ...) EITHERSIDE_PRINTF(4, 5);

// Writes the answer without allocating and traps: for states in which the module cannot go on.
EITHERSIDE_C __attribute__((noreturn)) void eitherside_fault(const char* code, const char* message);

#ifdef EITHERSIDE_IMPLEMENTATION
#include "eitherside/call.h"
#include "eitherside/interface.h"
#include "eitherside/json.h"
#include "eitherside/memory.h"
#include "eitherside/number.h"
#include "eitherside/options.h"
#include "eitherside/text.h"
#endif

#endif
