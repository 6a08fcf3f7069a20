#include "source.h"

namespace eitherside {

bool Source::open(Call& call, const char* name, bool keep_metadata) {
  call.reading(name);
  file_ = call.input(name);
  format_ = sniff_input(call, file_);
  if (format_ == Format::unknown) return false;
  if (format_ == Format::jxl) return read_facts(call);
  Packed packed;
  return read_packed(call, format_, file_, &packed) && open_packed(call, packed, keep_metadata);
}

bool Source::open_packed(Call& call, const Packed& packed, bool keep_metadata) {
  EncodeRequest lossless;
  lossless.distance = 0;
  lossless.effort = 1;
  if (!encode_packed(call, packed, lossless, keep_metadata, &made_)) return false;
  file_ = {made_.data(), made_.size()};
  return read_facts(call);
}

bool Source::read_facts(Call& call) {
  JxlReader reader(call, file_);
  if (!reader.read_facts()) return false;
  facts_ = reader.facts();
  return true;
}

}  // namespace eitherside
