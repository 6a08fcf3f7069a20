#include <eitherside.h>
#include <memory>

#include "call.h"
#include "fault.h"
#include "functions.h"
#include "memory.h"
#include "prepared_call.h"

namespace eitherside {
namespace {

struct Entry {
  const char* name;
  bool (*run)(Call&);
};

constexpr Entry kFunctions[] = {
    {"inspect", &inspect}, {"decode", &decode},   {"encode", &encode},       {"transcode", &transcode},
    {"measure", &measure}, {"compare", &compare}, {"thumbnail", &thumbnail}, {"edit", &edit},
};

// What opens a function's call whose input is pushed; null after fail().
struct PushedEntry {
  const char* name;
  std::unique_ptr<Pushed> (*open)(Call&);
};

constexpr PushedEntry kPushed[] = {{"decode", &open_decode}};

// The pushed call in work, if there is one.
struct OpenCall {
  std::unique_ptr<PreparedCall> prepared;
  std::unique_ptr<Pushed> pushed;

  void close() {
    pushed.reset();
    prepared.reset();
  }
};

OpenCall g_open;

void begin() {
  begin_call();
  reset_memory_exhausted();
}

std::string_view options_text(const char* options, uint32_t length) {
  return length == 0 ? std::string_view("{}") : std::string_view(options, length);
}

// Publishes what the function answered.
void end(Call& call, bool done) {
  if (done) {
    call.finish();
  } else if (answer().status == 0) {
    call.fail("internal", "the function failed without saying why");
  }
}

void run(uint32_t id, std::string_view text, std::span<const EithersideRow> rows) {
  PreparedCall prepared(id, text);
  if (!prepared.check(rows)) return;
  for (const Entry& entry : kFunctions) {
    if (prepared.is(entry.name)) return end(prepared.call(), entry.run(prepared.call()));
  }
  prepared.call().fail("internal", "the interface names a function that the module lacks");
}

void open(uint32_t id, std::string_view text, std::span<const EithersideRow> rows) {
  auto prepared = std::make_unique<PreparedCall>(id, text);
  if (!prepared->check_pushed(rows)) return;
  for (const PushedEntry& entry : kPushed) {
    if (!prepared->is(entry.name)) continue;
    g_open.pushed = entry.open(prepared->call());
    end(prepared->call(), g_open.pushed != nullptr);
    if (g_open.pushed != nullptr) g_open.prepared = std::move(prepared);
    return;
  }
  prepared->call().fail("internal", "the interface says of a function that its input can be pushed");
}

void push(Bytes piece, bool last) {
  if (g_open.pushed == nullptr) {
    const Options none(nullptr, nullptr);
    Call(nullptr, none).fail("bad_call", "no call is open that bytes could be pushed to");
    return;
  }
  Call& call = g_open.prepared->call();
  call.renew();
  end(call, g_open.pushed->push(piece, last));
  if (last || answer().status != 0) g_open.close();
}

}  // namespace
}  // namespace eitherside

extern "C" void __wasm_call_ctors();

EITHERSIDE_EXPORT(eitherside_start) void eitherside_start() { __wasm_call_ctors(); }

EITHERSIDE_EXPORT(eitherside_abi) uint32_t eitherside_abi() { return EITHERSIDE_ABI; }

EITHERSIDE_EXPORT(eitherside_allocate) void* eitherside_allocate(uint32_t size) {
  return std::malloc(size == 0 ? 1 : size);
}

EITHERSIDE_EXPORT(eitherside_free) void eitherside_free(void* address) { std::free(address); }

EITHERSIDE_EXPORT(eitherside_limit) void eitherside_limit(uint64_t bytes) {
  eitherside::set_memory_limit(bytes);
}

EITHERSIDE_EXPORT(eitherside_answer) EithersideAnswer* eitherside_answer() { return &eitherside::answer(); }

EITHERSIDE_EXPORT(eitherside_call)
uint32_t eitherside_call(uint32_t function, const char* options, uint32_t options_length,
                         const EithersideRow* inputs, uint32_t input_count) {
  eitherside::g_open.close();
  eitherside::begin();
  eitherside::run(function, eitherside::options_text(options, options_length), {inputs, input_count});
  return eitherside::answer().status;
}

EITHERSIDE_EXPORT(eitherside_open)
uint32_t eitherside_open(uint32_t function, const char* options, uint32_t options_length,
                         const EithersideRow* inputs, uint32_t input_count) {
  eitherside::g_open.close();
  eitherside::begin();
  eitherside::open(function, eitherside::options_text(options, options_length), {inputs, input_count});
  return eitherside::answer().status;
}

EITHERSIDE_EXPORT(eitherside_push)
uint32_t eitherside_push(const uint8_t* piece, uint32_t length, uint32_t last) {
  eitherside::begin();
  eitherside::push({piece, length}, last != 0);
  return eitherside::answer().status;
}
