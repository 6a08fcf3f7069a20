#include <math.h>
#include <stdio.h>
#include <string.h>

#include <string>
#include <string_view>

#include "call.h"

// The part of JSON Schema 2020-12 that the interface uses: type, enum, minimum, maximum, items, maxItems,
// properties, required, additionalProperties: false.
namespace eitherside {
namespace {

// The first bytes of a text, at most `length`, without half a character at the end: half of one is no JSON.
std::string_view start(std::string_view text, size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  return text.substr(0, length);
}

std::string shown(yyjson_val* value) {
  size_t length = 0;
  char* text = yyjson_val_write(value, 0, &length);
  const std::string copy(text == nullptr ? "?" : text, text == nullptr ? 1 : length);
  std::free(text);
  return copy.size() > 60 ? std::string(start(copy, 57)) + "..." : copy;
}

// A name as a step of a JSON Pointer (RFC 6901).
std::string pointer_step(const std::string& name) {
  std::string step;
  for (const char c : name) {
    if (c == '~')
      step += "~0";
    else if (c == '/')
      step += "~1";
    else
      step += c;
  }
  return step;
}

std::string number_text(yyjson_val* value) {
  char text[40];
  snprintf(text, sizeof(text), "%.15g", yyjson_get_num(value));
  return text;
}

bool has_type(yyjson_val* value, const char* type) {
  if (strcmp(type, "boolean") == 0) return yyjson_is_bool(value);
  if (strcmp(type, "string") == 0) return yyjson_is_str(value);
  if (strcmp(type, "number") == 0) return yyjson_is_num(value) && isfinite(yyjson_get_num(value));
  if (strcmp(type, "array") == 0) return yyjson_is_arr(value);
  if (strcmp(type, "object") == 0) return yyjson_is_obj(value);
  if (strcmp(type, "integer") == 0) {
    return yyjson_is_num(value) && yyjson_get_num(value) == floor(yyjson_get_num(value));
  }
  return false;
}

bool in_enum(yyjson_val* value, yyjson_val* allowed) {
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_arr_foreach(allowed, index, count, item) {
    if (yyjson_equals(item, value)) return true;
  }
  return false;
}

bool check_object(Call& call, const std::string& within, yyjson_val* schema, yyjson_val* given);

bool check_value(Call& call, const std::string& name, yyjson_val* schema, yyjson_val* value) {
  const char* type = yyjson_get_str(yyjson_obj_get(schema, "type"));
  if (type != nullptr && !has_type(value, type)) {
    return call.fail_option(name.c_str(), "'%s' must be of type %s, not %s", name.c_str(), type,
                            shown(value).c_str());
  }
  yyjson_val* allowed = yyjson_obj_get(schema, "enum");
  if (allowed != nullptr && !in_enum(value, allowed)) {
    return call.fail_option(name.c_str(), "'%s' must be one of %s, not %s", name.c_str(),
                            shown(allowed).c_str(), shown(value).c_str());
  }
  yyjson_val* least = yyjson_obj_get(schema, "minimum");
  yyjson_val* most = yyjson_obj_get(schema, "maximum");
  if ((least != nullptr && yyjson_get_num(value) < yyjson_get_num(least)) ||
      (most != nullptr && yyjson_get_num(value) > yyjson_get_num(most))) {
    return call.fail_option(name.c_str(), "'%s' must be from %s to %s, not %s", name.c_str(),
                            least == nullptr ? "-infinity" : number_text(least).c_str(),
                            most == nullptr ? "infinity" : number_text(most).c_str(),
                            number_text(value).c_str());
  }
  if (yyjson_is_arr(value)) {
    yyjson_val* longest = yyjson_obj_get(schema, "maxItems");
    if (longest != nullptr && yyjson_arr_size(value) > yyjson_get_uint(longest)) {
      return call.fail_option(name.c_str(), "'%s' must have at most %s items, not %zu", name.c_str(),
                              number_text(longest).c_str(), yyjson_arr_size(value));
    }
    size_t index = 0;
    size_t count = 0;
    yyjson_val* item = nullptr;
    yyjson_arr_foreach(value, index, count, item) {
      if (!check_value(call, name + "/" + std::to_string(index), yyjson_obj_get(schema, "items"), item)) {
        return false;
      }
    }
  }
  return !yyjson_is_obj(value) || check_object(call, name + "/", schema, value);
}

// Checks the members of an object; `within` is the path that leads to them.
bool check_object(Call& call, const std::string& within, yyjson_val* schema, yyjson_val* given) {
  yyjson_val* properties = yyjson_obj_get(schema, "properties");
  size_t index = 0;
  size_t count = 0;
  yyjson_val* key = nullptr;
  yyjson_val* value = nullptr;
  yyjson_obj_foreach(given, index, count, key, value) {
    const std::string name(start({yyjson_get_str(key), yyjson_get_len(key)}, 60));
    const std::string path = within + name;
    yyjson_val* property = yyjson_obj_getn(properties, yyjson_get_str(key), yyjson_get_len(key));
    if (property == nullptr) {
      return call.fail_option((within + pointer_step(name)).c_str(), "there is no option '%s'", path.c_str());
    }
    if (yyjson_obj_get(given, name.c_str()) != value) {
      return call.fail_option(path.c_str(), "'%s' was given twice", path.c_str());
    }
    if (!check_value(call, path, property, value)) return false;
  }
  yyjson_val* needed = nullptr;
  yyjson_val* required = yyjson_obj_get(schema, "required");
  yyjson_arr_foreach(required, index, count, needed) {
    const std::string path = within + yyjson_get_str(needed);
    if (yyjson_obj_get(given, yyjson_get_str(needed)) == nullptr) {
      return call.fail_option(path.c_str(), "the option '%s' is required", path.c_str());
    }
  }
  return true;
}

}  // namespace

bool check_options(Call& call, yyjson_val* schema, yyjson_val* given) {
  if (!yyjson_is_obj(given)) return call.fail("bad_option", "the options must be a JSON object");
  return check_object(call, "", schema, given);
}

}  // namespace eitherside
