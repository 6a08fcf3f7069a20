#pragma once

#include <jxl/color_encoding.h>

#include <string_view>

namespace eitherside {

// The colour space that the interface calls `name`; grey where `grey` is true.
JxlColorEncoding colour_named(std::string_view name, bool grey);

// Names as `inspect` reports them.
const char* name_of(JxlColorSpace space);
const char* name_of(JxlWhitePoint point);
const char* name_of(JxlPrimaries primaries);
const char* name_of(JxlTransferFunction function);
const char* name_of(JxlRenderingIntent intent);

}  // namespace eitherside
