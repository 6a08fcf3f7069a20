#pragma once

#include <yyjson.h>

#include <cstdint>
#include <string_view>

namespace eitherside {

// The interface as the module carries it in its custom section, references resolved.
std::string_view interface_text();

// The same, parsed; lives as long as the instance.
yyjson_val* interface_json();

// The function with this id, or null.
yyjson_val* function_json(uint32_t id);

// The number of an error of the interface.
uint32_t error_number(const char* code);

// Media type and the like of a format of the interface; null for an unknown name.
yyjson_val* format_json(std::string_view name);

}  // namespace eitherside
