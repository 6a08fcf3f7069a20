#include <string.h>

#include <algorithm>
#include <bit>

#include "structure.h"

namespace eitherside {
namespace {

// A PAM header is lines of text; longer ones are not believed.
constexpr size_t kLongestHeader = 4096;

uint64_t read_number(Bytes bytes, size_t* at) {
  uint64_t number = 0;
  while (*at < bytes.size() && bytes[*at] >= '0' && bytes[*at] <= '9' && number < (uint64_t{1} << 40)) {
    number = number * 10 + (bytes[(*at)++] - '0');
  }
  return number;
}

void skip_space(Bytes bytes, size_t* at) {
  while (*at < bytes.size() && (bytes[*at] <= ' ' || bytes[*at] == '#')) {
    if (bytes[*at] == '#') {
      while (*at < bytes.size() && bytes[*at] != '\n') ++*at;
    } else {
      ++*at;
    }
  }
}

uint32_t bits_of(uint64_t maximum) { return static_cast<uint32_t>(std::bit_width(maximum)); }

PnmHeader read_pam_header(Bytes bytes) {
  PnmHeader header;
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kLongestHeader)));
  uint64_t depth = 0;
  uint64_t maximum = 0;
  for (const auto& [key, number] : {std::pair{"WIDTH ", &header.width}, std::pair{"HEIGHT ", &header.height},
                                    std::pair{"DEPTH ", &depth}, std::pair{"MAXVAL ", &maximum}}) {
    const size_t found = text.find(key);
    if (found == std::string_view::npos) continue;
    size_t value = found + strlen(key);
    skip_space(bytes, &value);
    *number = read_number(bytes, &value);
  }
  constexpr std::string_view kEnd = "ENDHDR\n";
  const size_t end = text.find(kEnd);
  if (end == std::string_view::npos) return {};
  header.channels = static_cast<uint32_t>(std::min<uint64_t>(depth, UINT32_MAX));
  header.bits_per_sample = bits_of(maximum);
  header.has_alpha = text.substr(0, end).find("_ALPHA") != std::string_view::npos;
  header.header = end + kEnd.size();
  return header;
}

PnmHeader read_plain_header(Bytes bytes) {
  PnmHeader header;
  size_t at = 2;
  skip_space(bytes, &at);
  header.width = read_number(bytes, &at);
  skip_space(bytes, &at);
  header.height = read_number(bytes, &at);
  skip_space(bytes, &at);
  header.is_float = bytes[1] == 'F' || bytes[1] == 'f';
  header.channels = bytes[1] == '6' || bytes[1] == 'F' ? 3 : 1;
  if (header.is_float) {
    header.bits_per_sample = 32;
    while (at < bytes.size() && bytes[at] > ' ') ++at;
  } else {
    header.bits_per_sample = bits_of(read_number(bytes, &at));
  }
  // A number that the bytes end in may go on.
  if (at >= bytes.size()) return {};
  header.header = at + 1;
  return header;
}

}  // namespace

PnmHeader read_pnm_header(Bytes bytes) {
  const bool pam = as_text(bytes).starts_with("P7");
  PnmHeader header = pam ? read_pam_header(bytes) : read_plain_header(bytes);
  uint64_t samples = 0;
  const uint64_t sample_bytes = (header.bits_per_sample + 7) / 8;
  if (__builtin_mul_overflow(header.width, header.height, &samples) ||
      __builtin_mul_overflow(samples, header.channels * sample_bytes, &samples) ||
      __builtin_add_overflow(samples, header.header, &header.size)) {
    header.size = UINT64_MAX;
  }
  if (header.header == 0) header.size = UINT64_MAX;
  return header;
}

}  // namespace eitherside
