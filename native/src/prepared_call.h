#pragma once

#include <eitherside.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "call.h"

namespace eitherside {

// A call with its options parsed, before a function runs.
class PreparedCall {
 public:
  PreparedCall(uint32_t function, std::string_view options);
  ~PreparedCall();
  PreparedCall(const PreparedCall&) = delete;
  PreparedCall& operator=(const PreparedCall&) = delete;

  // Checks inputs and options against the interface. Each of the two ends the call where it returns false.
  bool check(std::span<const EithersideRow> rows);
  // The same where an input is going to be pushed. The others are copied: the host may free them.
  bool check_pushed(std::span<const EithersideRow> rows);

  // Whether this is the function of that name.
  bool is(const char* name) const;
  Call& call() { return *call_; }

 private:
  bool check_function();
  bool check_given();

  uint32_t id_;
  yyjson_val* function_;
  yyjson_doc* given_;
  std::optional<Options> options_;
  std::optional<Call> call_;
  std::vector<std::vector<uint8_t>> copies_;
};

}  // namespace eitherside
