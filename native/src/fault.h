#pragma once

#include <eitherside.h>

#include <cstddef>
#include <cstdint>

namespace eitherside {

// What a host reads after a call (docs/abi.md).
using Answer = EithersideAnswer;

Answer& answer();

// Clears the answer and the notes: a call begins.
void begin_call();

// The error that a fault has where nothing better is known about it: "corrupt" while a file is read,
// "internal" otherwise.
class FaultScope {
 public:
  explicit FaultScope(const char* code);
  ~FaultScope();
  FaultScope(const FaultScope&) = delete;
  FaultScope& operator=(const FaultScope&) = delete;

 private:
  const char* previous_;
};

// A task of a parallel loop: of what tasks say, the last task's word counts, whichever thread spoke last.
class NoteScope {
 public:
  explicit NoteScope(uint32_t task);
  ~NoteScope();
  NoteScope(const NoteScope&) = delete;
  NoteScope& operator=(const NoteScope&) = delete;
};

// Forgets which task has spoken: a parallel loop begins.
void begin_task_notes();

// Remembers what a library says about a failure; the last note explains the error.
void note(const char* format, ...) __attribute__((format(printf, 1, 2)));
void clear_notes();

// The last thing that a library said, or an empty string.
const char* last_note();

// The interface's error code that fits what a library said.
const char* code_of_note(const char* fallback);

// Writes the answer without allocating and traps: for states in which the module cannot go on.
[[noreturn]] void fault(const char* code, const char* message);

}  // namespace eitherside
