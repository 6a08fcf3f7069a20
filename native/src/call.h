#pragma once

#include <yyjson.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory.h"

namespace eitherside {

using Bytes = std::span<const uint8_t>;

// Options of a call, checked against the function's schema; what the caller left out has the schema's
// default.
class Options {
 public:
  Options(yyjson_val* schema, yyjson_val* given) : schema_(schema), given_(given) {}

  bool has(const char* name) const { return yyjson_obj_get(given_, name) != nullptr; }
  bool boolean(const char* name) const { return yyjson_get_bool(value(name)); }
  int64_t integer(const char* name) const { return static_cast<int64_t>(yyjson_get_num(value(name))); }
  double number(const char* name) const { return yyjson_get_num(value(name)); }
  std::string_view text(const char* name) const;
  std::vector<double> numbers(const char* name) const;
  std::vector<std::string> texts(const char* name) const;
  // Whether the function has the option at all: code that functions share reads what there is.
  bool knows(const char* name) const;
  // The option as JSON, for arrays of objects; null where it has no default and was left out.
  yyjson_val* value(const char* name) const;

 private:
  yyjson_val* schema_;
  yyjson_val* given_;
};

// One call of a function: its inputs and options, and what it answers. A function returns false after fail().
class Call {
 public:
  Call(yyjson_val* function, const Options& options);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const Options& options() const { return options_; }

  void add_input(uint32_t input, Bytes bytes) { inputs_.push_back({input, bytes}); }
  void add_input(const char* name, Bytes bytes) { add_input(index_of("inputs", name), bytes); }

  // Begins another answer to the same call.
  void renew();

  // The buffers given for an input of the interface, in order.
  std::vector<Bytes> inputs(const char* name) const;

  // The one buffer of an input; empty where an optional input is absent.
  Bytes input(const char* name) const;

  // Which input is being read: messages about "image" mean this one from now on.
  void reading(const char* input) { reading_ = input; }
  const char* reading() const { return reading_; }

  // Checks that the inputs fit the interface.
  bool check_inputs();

  // Each of these ends the call with an error of the interface.
  bool fail(const char* code, const char* format, ...) __attribute__((format(printf, 3, 4)));
  bool fail_option(const char* name, const char* format, ...) __attribute__((format(printf, 3, 4)));
  bool fail_input(const char* code, const char* name, const char* format, ...)
      __attribute__((format(printf, 4, 5)));

  // Says what the library said, under the code that fits it, or the given ones where it said nothing.
  bool fail_with_note(const char* code, const char* what);

  void output(const char* name, Buffer&& buffer);

  // The result object being built.
  yyjson_mut_doc* doc() { return doc_; }
  yyjson_mut_val* result() { return result_; }

  // Publishes result and outputs.
  bool finish();

 private:
  struct Input {
    uint32_t index;
    Bytes bytes;
  };
  struct Output {
    uint32_t index;
    Buffer buffer;
  };

  uint32_t index_of(const char* list, const char* name) const;
  bool end_with_error(const char* code, const char* message, const char* option, int input);

  yyjson_val* function_;
  const Options& options_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  const char* reading_ = "image";
  yyjson_mut_doc* doc_ = nullptr;
  yyjson_mut_val* result_ = nullptr;
};

// Checks options against a schema; false after a failed check has ended the call.
bool check_options(Call& call, yyjson_val* schema, yyjson_val* given);

}  // namespace eitherside
