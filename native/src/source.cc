#include "source.h"

#include <algorithm>

namespace eitherside {

bool Source::open(Call& call, const char* name) {
  call.reading(name);
  file_ = call.input(name);
  format_ = sniff_input(call, file_);
  if (format_ == Format::unknown) return false;
  if (format_ == Format::jxl) return read_facts(call);
  Packed packed;
  return read_packed(call, format_, file_, &packed) && open_packed(call, packed);
}

bool Source::open_packed(Call& call, const Packed& packed) {
  EncodeRequest lossless;
  lossless.distance = 0;
  lossless.effort = 1;
  if (!encode_packed(call, packed, lossless, false, &made_)) return false;
  file_ = {made_.data(), made_.size()};
  return read_facts(call);
}

bool Source::read_facts(Call& call) {
  JxlReader reader(call, file_);
  if (!reader.read_facts()) return false;
  facts_ = reader.facts();
  return true;
}

bool Source::has_black() const {
  const auto& channels = facts_.extra_channels;
  return std::any_of(channels.begin(), channels.end(),
                     [](const ExtraChannelFacts& channel) { return channel.info.type == JXL_CHANNEL_BLACK; });
}

}  // namespace eitherside
