#include "jxl_facts.h"

#include <algorithm>

namespace eitherside {

bool has_black(const JxlFacts& facts) {
  return std::any_of(facts.extra_channels.begin(), facts.extra_channels.end(),
                     [](const ExtraChannelFacts& channel) { return channel.info.type == JXL_CHANNEL_BLACK; });
}

bool has_one_depth(const JxlFacts& facts) {
  const JxlBasicInfo& info = facts.info;
  if (info.exponent_bits_per_sample > 0 || info.bits_per_sample > 16) return false;
  return std::all_of(facts.extra_channels.begin(), facts.extra_channels.end(), [&](const auto& channel) {
    return channel.info.exponent_bits_per_sample == 0 && channel.info.bits_per_sample == info.bits_per_sample;
  });
}

}  // namespace eitherside
