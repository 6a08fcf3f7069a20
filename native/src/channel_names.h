#pragma once

#include <jxl/codestream_header.h>

#include <string_view>

namespace eitherside {

// The types of extra channels and the modes of blending that the interface names.
JxlExtraChannelType channel_type_named(std::string_view name);
JxlBlendMode blend_mode_named(std::string_view name);

}  // namespace eitherside
