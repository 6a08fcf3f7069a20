#include "interface.h"

#include <string.h>

namespace eitherside {
namespace {

constexpr char kText[] = {
#embed "interface.embedded.json"
};

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
  static yyjson_doc* const doc = yyjson_read(kText, sizeof(kText), 0);
  return yyjson_doc_get_root(doc);
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
  yyjson_val* error = member_with("errors", "code", code);
  if (error == nullptr) error = member_with("errors", "code", "internal");
  return static_cast<uint32_t>(yyjson_get_uint(yyjson_obj_get(error, "number")));
}

yyjson_val* format_json(std::string_view name) { return member_with("formats", "name", name); }

}  // namespace eitherside
