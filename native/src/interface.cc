#include "interface.h"

#include <string.h>

#include "fault.h"

namespace eitherside {
namespace {

constexpr char kText[] = {
#embed "interface.embedded.json"
};

// An error's number as the text has it, read while this is compiled.
constexpr uint32_t number_of(std::string_view code) {
  const std::string_view text(kText, sizeof(kText));
  constexpr std::string_view kKey = "\",\"number\":";
  uint32_t number = 0;
  for (size_t at = text.find(code, text.find("\"errors\":")); at != text.npos; at = text.find(code, at + 1)) {
    if (text[at - 1] != '"' || text.substr(at + code.size(), kKey.size()) != kKey) continue;
    at += code.size() + kKey.size();
    while (text[at] >= '0' && text[at] <= '9') number = 10 * number + static_cast<uint32_t>(text[at++] - '0');
    break;
  }
  return number;
}

constexpr uint32_t kMemoryLimit = number_of("memory_limit");
static_assert(kMemoryLimit != 0);

// Null where there is no memory for it.
yyjson_val* root() {
  static yyjson_doc* const doc = yyjson_read(kText, sizeof(kText), 0);
  return yyjson_doc_get_root(doc);
}

yyjson_val* member_with(const char* list, const char* key, std::string_view value) {
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_val* array = yyjson_obj_get(interface_json(), list);
  yyjson_arr_foreach(array, index, count, item) {
    if (yyjson_equals_strn(yyjson_obj_get(item, key), value.data(), value.size())) return item;
  }
  return nullptr;
}

}  // namespace

std::string_view interface_text() { return {kText, sizeof(kText)}; }

yyjson_val* interface_json() {
  if (root() == nullptr) fault("memory_limit", "no memory to read the interface with");
  return root();
}

yyjson_val* function_json(uint32_t id) {
  size_t index = 0;
  size_t count = 0;
  yyjson_val* function = nullptr;
  yyjson_val* array = yyjson_obj_get(interface_json(), "functions");
  yyjson_arr_foreach(array, index, count, function) {
    if (yyjson_get_uint(yyjson_obj_get(function, "id")) == id) return function;
  }
  return nullptr;
}

uint32_t error_number(const char* code) {
  if (root() == nullptr) return kMemoryLimit;
  yyjson_val* error = member_with("errors", "code", code);
  if (error == nullptr) error = member_with("errors", "code", "internal");
  return static_cast<uint32_t>(yyjson_get_uint(yyjson_obj_get(error, "number")));
}

yyjson_val* format_json(std::string_view name) { return member_with("formats", "name", name); }

}  // namespace eitherside
