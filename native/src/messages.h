// Included before every C++ file of libjxl: release builds drop the text of JXL_FAILURE, which is
// what tells a user what is wrong with a file.
#ifndef EITHERSIDE_MESSAGES_H_
#define EITHERSIDE_MESSAGES_H_
#ifdef __cplusplus

extern "C" void eitherside_note(const char* format, ...) __attribute__((format(printf, 1, 2)));

#include "lib/jxl/base/status.h"

#undef JXL_FAILURE
#define JXL_FAILURE(format, ...) \
  (::eitherside_note(format, ##__VA_ARGS__), ::jxl::Status(::jxl::StatusCode::kGenericError))

#endif
#endif
