#pragma once

#include <yyjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eitherside {

// Text as it may stand in JSON: bytes that are no UTF-8 become U+FFFD.
std::string valid_utf8(std::string_view text);

// A small writer over yyjson's mutable values: every string is copied.
class Json {
 public:
  Json(yyjson_mut_doc* doc, yyjson_mut_val* object) : doc_(doc), object_(object) {}

  Json& text(const char* key, std::string_view value) {
    const std::string valid = valid_utf8(value);
    yyjson_mut_obj_add_strncpy(doc_, object_, key, valid.data(), valid.size());
    return *this;
  }
  Json& integer(const char* key, uint64_t value) {
    yyjson_mut_obj_add_uint(doc_, object_, key, value);
    return *this;
  }
  Json& negative(const char* key, int64_t value) {
    yyjson_mut_obj_add_sint(doc_, object_, key, value);
    return *this;
  }
  Json& number(const char* key, double value) {
    yyjson_mut_obj_add_real(doc_, object_, key, value);
    return *this;
  }
  Json& boolean(const char* key, bool value) {
    yyjson_mut_obj_add_bool(doc_, object_, key, value);
    return *this;
  }
  Json& null(const char* key) {
    yyjson_mut_obj_add_null(doc_, object_, key);
    return *this;
  }
  // Null where there is no value.
  Json& integer(const char* key, const std::optional<uint64_t>& value) {
    return value ? integer(key, *value) : null(key);
  }
  Json& boolean(const char* key, const std::optional<bool>& value) {
    return value ? boolean(key, *value) : null(key);
  }
  Json object(const char* key) { return {doc_, yyjson_mut_obj_add_obj(doc_, object_, key)}; }
  yyjson_mut_val* array(const char* key) { return yyjson_mut_obj_add_arr(doc_, object_, key); }
  Json item(yyjson_mut_val* array) { return {doc_, yyjson_mut_arr_add_obj(doc_, array)}; }
  void item(yyjson_mut_val* array, uint64_t value) { yyjson_mut_arr_add_uint(doc_, array, value); }
  void decimal(yyjson_mut_val* array, double value) { yyjson_mut_arr_add_real(doc_, array, value); }
  void item(yyjson_mut_val* array, const char* value) { yyjson_mut_arr_add_strcpy(doc_, array, value); }

 private:
  yyjson_mut_doc* doc_;
  yyjson_mut_val* object_;
};

}  // namespace eitherside
