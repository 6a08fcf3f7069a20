#include "call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "interface.h"

namespace eitherside {
namespace {

// The answer's buffers stay until the next call begins.
char* g_json = nullptr;
uint32_t* g_table = nullptr;

void publish(uint32_t status, yyjson_mut_doc* doc, std::vector<uint32_t> rows) {
  std::free(g_json);
  std::free(g_table);
  g_table = nullptr;
  size_t length = 0;
  g_json = yyjson_mut_write(doc, 0, &length);
  if (g_json == nullptr) fault("memory_limit", "no memory for the result");
  if (!rows.empty()) {
    g_table = static_cast<uint32_t*>(std::malloc(rows.size() * sizeof(uint32_t)));
    if (g_table == nullptr) fault("memory_limit", "no memory for the table of outputs");
    memcpy(g_table, rows.data(), rows.size() * sizeof(uint32_t));
  }
  answer() = {status, static_cast<uint32_t>(reinterpret_cast<uintptr_t>(g_json)),
              static_cast<uint32_t>(length), static_cast<uint32_t>(reinterpret_cast<uintptr_t>(g_table)),
              static_cast<uint32_t>(rows.size() / 3)};
}

#define EITHERSIDE_FORMAT(text, format)             \
  char text[512];                                   \
  va_list arguments;                                \
  va_start(arguments, format);                      \
  vsnprintf(text, sizeof(text), format, arguments); \
  va_end(arguments)

}  // namespace

yyjson_val* Options::value(const char* name) const {
  yyjson_val* given = yyjson_obj_get(given_, name);
  if (given != nullptr) return given;
  yyjson_val* property = yyjson_obj_get(yyjson_obj_get(schema_, "properties"), name);
  if (property == nullptr) fault("internal", "the interface lacks an option that the code reads");
  return yyjson_obj_get(property, "default");
}

bool Options::knows(const char* name) const {
  return yyjson_obj_get(yyjson_obj_get(schema_, "properties"), name) != nullptr;
}

std::string_view Options::text(const char* name) const {
  yyjson_val* v = value(name);
  return v == nullptr ? std::string_view() : std::string_view(yyjson_get_str(v), yyjson_get_len(v));
}

std::vector<double> Options::numbers(const char* name) const {
  std::vector<double> list;
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_val* array = value(name);
  yyjson_arr_foreach(array, index, count, item) list.push_back(yyjson_get_num(item));
  return list;
}

std::vector<std::string> Options::texts(const char* name) const {
  std::vector<std::string> list;
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_val* array = value(name);
  yyjson_arr_foreach(array, index, count, item) {
    list.emplace_back(yyjson_get_str(item), yyjson_get_len(item));
  }
  return list;
}

Call::Call(yyjson_val* function, const Options& options) : function_(function), options_(options) { renew(); }

Call::~Call() { yyjson_mut_doc_free(doc_); }

void Call::renew() {
  outputs_.clear();
  yyjson_mut_doc_free(doc_);
  doc_ = yyjson_mut_doc_new(nullptr);
  if (doc_ == nullptr) fault("memory_limit", "no memory for the result");
  result_ = yyjson_mut_obj(doc_);
  yyjson_mut_doc_set_root(doc_, result_);
}

uint32_t Call::index_of(const char* list, const char* name) const {
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_val* array = yyjson_obj_get(function_, list);
  yyjson_arr_foreach(array, index, count, item) {
    if (yyjson_equals_str(yyjson_obj_get(item, "name"), name)) return static_cast<uint32_t>(index);
  }
  fault("internal", "the interface lacks an input or output that the code names");
}

std::vector<Bytes> Call::inputs(const char* name) const {
  const uint32_t wanted = index_of("inputs", name);
  std::vector<Bytes> found;
  for (const Input& input : inputs_) {
    if (input.index == wanted) found.push_back(input.bytes);
  }
  return found;
}

Bytes Call::input(const char* name) const {
  const std::vector<Bytes> found = inputs(name);
  return found.empty() ? Bytes() : found.front();
}

bool Call::check_inputs() {
  yyjson_val* declared = yyjson_obj_get(function_, "inputs");
  for (size_t row = 0; row < inputs_.size(); ++row) {
    if (inputs_[row].index >= yyjson_arr_size(declared)) {
      return end_with_error("bad_call", "a row of the inputs' table names no input of the function", nullptr,
                            static_cast<int>(row));
    }
  }
  size_t index = 0;
  size_t count = 0;
  yyjson_val* item = nullptr;
  yyjson_arr_foreach(declared, index, count, item) {
    const char* name = yyjson_get_str(yyjson_obj_get(item, "name"));
    const size_t given = inputs(name).size();
    if (given == 0 && !yyjson_get_bool(yyjson_obj_get(item, "optional"))) {
      return fail("bad_call", "the input '%s' is missing", name);
    }
    if (given > 1 && !yyjson_get_bool(yyjson_obj_get(item, "repeated"))) {
      return fail("bad_call", "the input '%s' was given %zu times", name, given);
    }
  }
  return true;
}

bool Call::end_with_error(const char* code, const char* message, const char* option, int input) {
  yyjson_mut_doc* doc = yyjson_mut_doc_new(nullptr);
  if (doc == nullptr) fault(code, message);
  yyjson_mut_val* error = yyjson_mut_obj(doc);
  yyjson_mut_doc_set_root(doc, error);
  yyjson_mut_obj_add_str(doc, error, "code", code);
  yyjson_mut_obj_add_str(doc, error, "message", message);
  if (option != nullptr) yyjson_mut_obj_add_str(doc, error, "option", option);
  if (input >= 0) yyjson_mut_obj_add_int(doc, error, "input", input);
  publish(error_number(code), doc, {});
  yyjson_mut_doc_free(doc);
  return false;
}

bool Call::fail(const char* code, const char* format, ...) {
  EITHERSIDE_FORMAT(message, format);
  return end_with_error(code, message, nullptr, -1);
}

bool Call::fail_option(const char* name, const char* format, ...) {
  EITHERSIDE_FORMAT(message, format);
  const std::string pointer = std::string("/") + name;
  return end_with_error("bad_option", message, pointer.c_str(), -1);
}

bool Call::fail_input(const char* code, const char* name, const char* format, ...) {
  EITHERSIDE_FORMAT(message, format);
  const uint32_t wanted = index_of("inputs", strcmp(name, "image") == 0 ? reading_ : name);
  int row = -1;
  for (size_t i = 0; i < inputs_.size() && row < 0; ++i) {
    if (inputs_[i].index == wanted) row = static_cast<int>(i);
  }
  return end_with_error(code, message, nullptr, row);
}

bool Call::fail_with_note(const char* code, const char* what) {
  const std::string said = last_note();
  code = code_of_note(code);
  if (strcmp(code, "memory_limit") == 0) return fail(code, "%s: the call reached its memory ceiling", what);
  return said.empty() ? fail(code, "%s", what) : fail(code, "%s: %s", what, said.c_str());
}

void Call::output(const char* name, Buffer&& buffer) {
  outputs_.push_back({index_of("outputs", name), std::move(buffer)});
}

bool Call::finish() {
  std::vector<uint32_t> rows;
  for (Output& output : outputs_) {
    const auto size = static_cast<uint32_t>(output.buffer.size());
    rows.push_back(static_cast<uint32_t>(reinterpret_cast<uintptr_t>(output.buffer.release())));
    rows.push_back(size);
    rows.push_back(output.index);
  }
  publish(0, doc_, std::move(rows));
  return true;
}

}  // namespace eitherside
