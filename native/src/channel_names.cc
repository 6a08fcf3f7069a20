#include "channel_names.h"

#include <utility>

namespace eitherside {
namespace {

constexpr std::pair<std::string_view, JxlExtraChannelType> kTypes[] = {
    {"alpha", JXL_CHANNEL_ALPHA},     {"depth", JXL_CHANNEL_DEPTH},
    {"spot", JXL_CHANNEL_SPOT_COLOR}, {"selection_mask", JXL_CHANNEL_SELECTION_MASK},
    {"black", JXL_CHANNEL_BLACK},     {"cfa", JXL_CHANNEL_CFA},
    {"thermal", JXL_CHANNEL_THERMAL}, {"optional", JXL_CHANNEL_OPTIONAL}};

constexpr std::pair<std::string_view, JxlBlendMode> kModes[] = {
    {"add", JXL_BLEND_ADD}, {"blend", JXL_BLEND_BLEND}, {"muladd", JXL_BLEND_MULADD}, {"mul", JXL_BLEND_MUL}};

}  // namespace

JxlExtraChannelType channel_type_named(std::string_view name) {
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
  }
  return JXL_CHANNEL_UNKNOWN;
}

JxlBlendMode blend_mode_named(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  return JXL_BLEND_REPLACE;
}

}  // namespace eitherside
