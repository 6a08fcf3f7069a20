#include "json.h"

namespace eitherside {
namespace {

// Bytes of the well-formed sequence (Unicode 15, table 3-7) that the text begins with; 0 for none.
size_t sequence(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  uint8_t least = 0x80;
  uint8_t most = 0xBF;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xF0) least = 0x90;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF4) most = 0x8F;
  for (size_t i = 1; i < length; ++i, least = 0x80, most = 0xBF) {
    if (byte(i) < least || byte(i) > most) return 0;
  }
  return length;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = sequence(text);
    if (length == 0) {
      valid += "\xEF\xBF\xBD";
    } else {
      valid += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

}  // namespace eitherside
