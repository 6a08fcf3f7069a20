#include "fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

#include <algorithm>
#include <atomic>

#include "interface.h"
#include "jpeg_messages.h"
#include "memory.h"
#include "parallel.h"

namespace eitherside {
namespace {

constexpr size_t kNoteSize = 400;
char g_note[kNoteSize];
// The task that wrote the note, counted from 1; several threads may write at once.
uint64_t g_note_task = 0;
std::atomic<bool> g_note_busy{false};
// The task that this thread is at, counted from 1; 0 outside of parallel loops.
thread_local uint64_t t_task = 0;
std::atomic<bool> g_has_faulted{false};
char g_fault_json[3 * kNoteSize];
const char* g_fault_code = "internal";
Answer g_answer;

void trim(char* text) {
  size_t length = strlen(text);
  while (length > 0 && static_cast<unsigned char>(text[length - 1]) <= ' ') text[--length] = 0;
}

void write_note(const char* format, va_list arguments) {
  char text[kNoteSize];
  vsnprintf(text, sizeof(text), format, arguments);
  trim(text);
  const Turn turn(&g_note_busy);
  if (t_task == 0 || t_task >= g_note_task) {
    g_note_task = t_task;
    memcpy(g_note, text, sizeof(text));
  }
}

bool says(const char* word) { return strcasestr(g_note, word) != nullptr; }

}  // namespace

Answer& answer() { return g_answer; }

void begin_call() {
  g_answer = {};
  g_fault_code = "internal";
  clear_notes();
}

FaultScope::FaultScope(const char* code) : previous_(g_fault_code) { g_fault_code = code; }
FaultScope::~FaultScope() { g_fault_code = previous_; }

void note(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_note(format, arguments);
  va_end(arguments);
}

NoteScope::NoteScope(uint32_t task) { t_task = uint64_t{task} + 1; }
NoteScope::~NoteScope() { t_task = 0; }

void begin_task_notes() { g_note_task = 0; }

void clear_notes() { g_note[0] = 0; }

const char* last_note() { return g_note; }

const char* code_of_note(const char* fallback) {
  if (memory_exhausted()) return "memory_limit";
  for (const char* word : {"too big", "too large", "too wide", "too tall", "exceeds"}) {
    if (says(word)) return "too_large";
  }
  for (const char* word :
       {"truncated", "premature end", "read error", "unexpected end", "not enough", "EOF"}) {
    if (says(word)) return "truncated";
  }
  for (const char* word : {"unsupported", "not supported", "unhandled", "unimplemented"}) {
    if (says(word)) return "unsupported";
  }
  return fallback;
}

void fault(const char* code, const char* message) {
  // Of several threads' faults the first is told.
  if (g_has_faulted.exchange(true)) __builtin_trap();
  size_t at = static_cast<size_t>(
      snprintf(g_fault_json, sizeof(g_fault_json), "{\"code\":\"%s\",\"message\":\"", code));
  for (; *message != 0 && at + 10 < sizeof(g_fault_json); ++message) {
    const unsigned char c = static_cast<unsigned char>(*message);
    if (c == '"' || c == '\\') g_fault_json[at++] = '\\';
    g_fault_json[at++] = c < ' ' || c > '~' ? ' ' : static_cast<char>(c);
  }
  at += static_cast<size_t>(snprintf(g_fault_json + at, sizeof(g_fault_json) - at, "\"}"));
  g_answer = {};
  g_answer.json = reinterpret_cast<uintptr_t>(g_fault_json);
  g_answer.json_length = at;
  g_answer.status = error_number(code);
  __builtin_trap();
}

}  // namespace eitherside

using eitherside::code_of_note;
using eitherside::fault;
using eitherside::last_note;

extern "C" {

// What the patched-in JXL_FAILURE calls (messages.h).
void eitherside_note(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  eitherside::write_note(format, arguments);
  va_end(arguments);
}

[[noreturn]] static void fault_with_note(const char* otherwise) {
  const char* text = last_note();
  fault(code_of_note(eitherside::g_fault_code), *text != 0 ? text : otherwise);
}

void _abort_js() {
  if (eitherside::memory_exhausted()) fault("memory_limit", "the call reached its memory ceiling");
  fault_with_note("the module aborted");
}

void exit(int) { fault_with_note("a library gave up"); }

// libpng and libjpeg report errors by longjmp. A call has its instance to itself, so the trap is the jump.
// NOLINTNEXTLINE
int setjmp(jmp_buf) { return 0; }
// NOLINTNEXTLINE
void longjmp(jmp_buf, int) {
  eitherside::note_jpeg_error();
  fault_with_note("a library gave up");
}

// What libraries print on stderr explains their failures; there is nowhere to print to.
__wasi_errno_t __wasi_fd_write(__wasi_fd_t, const __wasi_ciovec_t* vectors, size_t count,
                               __wasi_size_t* written) {
  *written = 0;
  for (size_t i = 0; i < count; ++i) {
    *written += vectors[i].buf_len;
    const size_t shown = std::min<size_t>(vectors[i].buf_len, eitherside::kNoteSize - 1);
    const char* text = reinterpret_cast<const char*>(vectors[i].buf);
    if (shown > 1) eitherside_note("%.*s", static_cast<int>(shown), text);
  }
  return 0;
}

}  // extern "C"
