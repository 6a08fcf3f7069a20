#include <eitherside.h>
#include <string.h>

#include "call.h"
#include "fault.h"
#include "functions.h"
#include "interface.h"
#include "memory.h"

namespace eitherside {
namespace {

struct Entry {
  const char* name;
  bool (*run)(Call&);
};

constexpr Entry kFunctions[] = {
    {"inspect", &inspect},     {"decode", &decode},   {"encode", &encode},
    {"transcode", &transcode}, {"measure", &measure}, {"compare", &compare},
};

// Frees a parsed document at the end of its scope.
struct Document {
  yyjson_doc* doc;
  explicit Document(yyjson_doc* d) : doc(d) {}
  ~Document() { yyjson_doc_free(doc); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
};

void run(uint32_t id, std::string_view text, std::span<const EithersideRow> rows) {
  yyjson_val* function = function_json(id);
  const Document given(yyjson_read(text.data(), text.size(), 0));
  yyjson_val* schema = yyjson_obj_get(function, "options");
  const Options options(schema, yyjson_doc_get_root(given.doc));
  Call call(function, options);
  if (function == nullptr) {
    call.fail("bad_call", "there is no function with the id %u", id);
    return;
  }
  if (given.doc == nullptr) {
    call.fail("bad_option", "the options are not valid JSON");
    return;
  }
  for (const EithersideRow& row : rows) {
    call.add_input(row.input, {reinterpret_cast<const uint8_t*>(row.address), row.length});
  }
  if (!call.check_inputs() || !check_options(call, schema, yyjson_doc_get_root(given.doc))) return;
  for (const Entry& entry : kFunctions) {
    if (yyjson_equals_str(yyjson_obj_get(function, "name"), entry.name)) {
      if (entry.run(call)) {
        call.finish();
      } else if (answer().status == 0) {
        call.fail("internal", "the function failed without saying why");
      }
      return;
    }
  }
  call.fail("internal", "the interface names a function that the module lacks");
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
  eitherside::begin_call();
  eitherside::reset_memory_exhausted();
  const std::string_view text =
      options_length == 0 ? std::string_view("{}") : std::string_view(options, options_length);
  eitherside::run(function, text, {inputs, input_count});
  return eitherside::answer().status;
}
