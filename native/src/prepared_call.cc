#include "prepared_call.h"

#include "interface.h"

namespace eitherside {

PreparedCall::PreparedCall(uint32_t function, std::string_view options)
    : id_(function),
      function_(function_json(function)),
      given_(yyjson_read(options.data(), options.size(), 0)) {
  options_.emplace(yyjson_obj_get(function_, "options"), yyjson_doc_get_root(given_));
  call_.emplace(function_, *options_);
}

PreparedCall::~PreparedCall() {
  call_.reset();
  yyjson_doc_free(given_);
}

bool PreparedCall::is(const char* name) const {
  return yyjson_equals_str(yyjson_obj_get(function_, "name"), name);
}

bool PreparedCall::check_function() {
  if (function_ == nullptr) return call_->fail("bad_call", "there is no function with the id %u", id_);
  return given_ != nullptr || call_->fail("bad_option", "the options are not valid JSON");
}

bool PreparedCall::check_given() {
  return call_->check_inputs() &&
         check_options(*call_, yyjson_obj_get(function_, "options"), yyjson_doc_get_root(given_));
}

bool PreparedCall::check(std::span<const EithersideRow> rows) {
  if (!check_function()) return false;
  for (const EithersideRow& row : rows) {
    call_->add_input(row.input, {reinterpret_cast<const uint8_t*>(row.address), row.length});
  }
  return check_given();
}

bool PreparedCall::check_pushed(std::span<const EithersideRow> rows) {
  if (!check_function()) return false;
  yyjson_val* pushed = yyjson_obj_get(yyjson_obj_get(function_, "pushed"), "input");
  if (pushed == nullptr) return call_->fail("bad_call", "no input of this function can be pushed");
  const char* name = yyjson_get_str(pushed);
  for (const EithersideRow& row : rows) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(row.address);
    if (row.length > memory_left()) return call_->fail("memory_limit", "no memory for the inputs");
    copies_.emplace_back(bytes, bytes + row.length);
    call_->add_input(row.input, copies_.back());
  }
  if (!call_->inputs(name).empty()) {
    return call_->fail("bad_call", "the input '%s' is to be pushed, and was given, too", name);
  }
  call_->add_input(name, {});
  return check_given();
}

}  // namespace eitherside
