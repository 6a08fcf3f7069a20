#include "formats.h"

#include <jxl/decode.h>
#include <string.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>

namespace eitherside {
namespace {

struct Name {
  Format format;
  const char* name;
};

constexpr Name kNames[] = {
    {Format::jxl, "jxl"}, {Format::png, "png"}, {Format::apng, "apng"}, {Format::jpeg, "jpeg"},
    {Format::gif, "gif"}, {Format::pnm, "pnm"}, {Format::pfm, "pfm"},
};

uint32_t big32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) << 24 | static_cast<uint32_t>(p[1]) << 16 |
         static_cast<uint32_t>(p[2]) << 8 | p[3];
}
uint32_t big16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }
uint32_t little16(const uint8_t* p) { return static_cast<uint32_t>(p[1]) << 8 | p[0]; }

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

// Critical chunks have a capital first letter; APNG's are not critical, but frames depend on them.
bool carries_pixels(const char* type) {
  return type[0] <= 'Z' || memcmp(type, "acTL", 4) == 0 || memcmp(type, "fcTL", 4) == 0 ||
         memcmp(type, "fdAT", 4) == 0;
}

uint32_t channels_of_png(uint8_t colour_type) {
  return ((colour_type & 2) != 0 ? 3U : 1U) + ((colour_type & 4) != 0 ? 1U : 0U);
}

// https://www.w3.org/TR/png-3/#5DataRep
Outline outline_of_png(Bytes bytes, bool* animated) {
  Outline outline;
  outline.complete = false;
  uint64_t frames = 0;
  size_t at = 8;
  while (at + 12 <= bytes.size()) {
    const uint64_t length = big32(&bytes[at]);
    const char* type = reinterpret_cast<const char*>(&bytes[at + 4]);
    if (length > bytes.size() - at - 12) break;
    const auto size = static_cast<uInt>(length);
    if (outline.damaged_at == 0 && carries_pixels(type) &&
        crc32(crc32(0, nullptr, 0), &bytes[at + 4], size + 4) != big32(&bytes[at + 8 + size])) {
      outline.damaged_at = at;
    }
    if (memcmp(type, "IHDR", 4) == 0 && length >= 10) {
      outline.width = big32(&bytes[at + 8]);
      outline.height = big32(&bytes[at + 12]);
      // A palette holds samples of 8 bits.
      outline.bits_per_sample = bytes[at + 17] == 3 ? 8 : bytes[at + 16];
      outline.channels = channels_of_png(bytes[at + 17]);
    } else if (memcmp(type, "acTL", 4) == 0) {
      *animated = true;
      if (length >= 4) outline.announced_frames = big32(&bytes[at + 8]);
    } else if (memcmp(type, "fcTL", 4) == 0) {
      ++frames;
    } else if (memcmp(type, "IEND", 4) == 0) {
      outline.complete = true;
      break;
    }
    at += 12 + length;
  }
  outline.frames = std::max<uint64_t>(frames, 1);
  return outline;
}

// Skips GIF data sub-blocks; false where the file ends first.
bool skip_sub_blocks(Bytes bytes, size_t* at) {
  while (*at < bytes.size()) {
    const size_t size = bytes[*at];
    *at += 1 + size;
    if (size == 0) return true;
  }
  return false;
}

// GIF89a specification, sections 17 to 27.
Outline outline_of_gif(Bytes bytes) {
  Outline outline;
  outline.frames = 0;
  outline.complete = false;
  if (bytes.size() < 13) return outline;
  outline.width = little16(&bytes[6]);
  outline.height = little16(&bytes[8]);
  outline.channels = 3;
  outline.bits_per_sample = 8;
  size_t at = 13 + ((bytes[10] & 0x80) != 0 ? size_t{3} << ((bytes[10] & 7) + 1) : 0);
  while (at < bytes.size()) {
    const uint8_t block = bytes[at];
    if (block == 0x3B) {
      outline.complete = true;
      break;
    }
    if (block == 0x21) {
      at += 2;
    } else if (block == 0x2C && at + 10 <= bytes.size()) {
      ++outline.frames;
      const uint8_t flags = bytes[at + 9];
      at += 11 + ((flags & 0x80) != 0 ? size_t{3} << ((flags & 7) + 1) : 0);
    } else {
      break;
    }
    if (!skip_sub_blocks(bytes, &at)) break;
  }
  return outline;
}

// ITU-T T.81, annex B: marker segments up to the frame header.
Outline outline_of_jpeg(Bytes bytes) {
  Outline outline;
  size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (bytes[at] != 0xFF) break;
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      if (at + 10 <= bytes.size()) {
        outline.bits_per_sample = bytes[at + 4];
        outline.height = big16(&bytes[at + 5]);
        outline.width = big16(&bytes[at + 7]);
        outline.channels = bytes[at + 9];
      }
      break;
    }
    if (marker == 0xD9 || marker == 0xDA) break;
    at += 2 + big16(&bytes[at + 2]);
  }
  constexpr uint8_t kEnd[] = {0xFF, 0xD9};
  outline.complete =
      std::search(bytes.rbegin(), bytes.rend(), std::rbegin(kEnd), std::rend(kEnd)) != bytes.rend();
  return outline;
}

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

// https://netpbm.sourceforge.net/doc/pam.html
Outline outline_of_pam(Bytes bytes) {
  Outline outline;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min<size_t>(bytes.size(), 4096));
  uint64_t depth = 0;
  uint64_t maximum = 0;
  for (const auto& [key, number] :
       {std::pair{"WIDTH ", &outline.width}, std::pair{"HEIGHT ", &outline.height},
        std::pair{"DEPTH ", &depth}, std::pair{"MAXVAL ", &maximum}}) {
    const size_t found = text.find(key);
    if (found == std::string_view::npos) continue;
    size_t value = found + strlen(key);
    skip_space(bytes, &value);
    *number = read_number(bytes, &value);
  }
  outline.channels = static_cast<uint32_t>(depth);
  outline.bits_per_sample = maximum > 255 ? 16 : 8;
  return outline;
}

// https://netpbm.sourceforge.net/doc/pnm.html and pfm.html
Outline outline_of_pnm(Bytes bytes) {
  if (starts_with(bytes, "P7")) return outline_of_pam(bytes);
  Outline outline;
  size_t at = 2;
  skip_space(bytes, &at);
  outline.width = read_number(bytes, &at);
  skip_space(bytes, &at);
  outline.height = read_number(bytes, &at);
  skip_space(bytes, &at);
  const bool is_float = bytes[1] == 'F' || bytes[1] == 'f';
  outline.channels = bytes[1] == '6' || bytes[1] == 'F' ? 3 : 1;
  outline.bits_per_sample = is_float ? 32 : (read_number(bytes, &at) > 255 ? 16 : 8);
  return outline;
}

}  // namespace

const char* name_of(Format format) {
  for (const Name& entry : kNames) {
    if (entry.format == format) return entry.name;
  }
  return "";
}

Format format_named(std::string_view name) {
  for (const Name& entry : kNames) {
    if (name == entry.name) return entry.format;
  }
  return Format::unknown;
}

Format sniff(Bytes bytes) {
  const JxlSignature signature = JxlSignatureCheck(bytes.data(), bytes.size());
  if (signature == JXL_SIG_CODESTREAM || signature == JXL_SIG_CONTAINER) return Format::jxl;
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) {
    bool animated = false;
    outline_of_png(bytes, &animated);
    return animated ? Format::apng : Format::png;
  }
  if (starts_with(bytes, "\xFF\xD8\xFF")) return Format::jpeg;
  if (starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a")) return Format::gif;
  if (bytes.size() >= 3 && bytes[0] == 'P' && bytes[2] <= ' ') {
    if (strchr("567", bytes[1]) != nullptr && bytes[1] != 0) return Format::pnm;
    if (bytes[1] == 'F' || bytes[1] == 'f') return Format::pfm;
  }
  return Format::unknown;
}

Format sniff_input(Call& call, Bytes bytes) {
  const Format format = sniff(bytes);
  if (format != Format::unknown) return format;
  const char* what = "its first bytes are those of no format that the module reads";
  if (bytes.empty()) {
    what = "it has no bytes at all";
  } else if (JxlSignatureCheck(bytes.data(), bytes.size()) == JXL_SIG_NOT_ENOUGH_BYTES) {
    what = "it is too short to tell its format";
  }
  call.fail_input("unknown_format", "image", "the input 'image' cannot be read: %s", what);
  return format;
}

Outline outline_of(Format format, Bytes bytes) {
  bool animated = false;
  switch (format) {
    case Format::png:
    case Format::apng:
      return outline_of_png(bytes, &animated);
    case Format::gif:
      return outline_of_gif(bytes);
    case Format::jpeg:
      return outline_of_jpeg(bytes);
    case Format::pnm:
    case Format::pfm:
      return outline_of_pnm(bytes);
    default:
      return {};
  }
}

bool check_limits(Call& call, uint64_t width, uint64_t height, uint64_t frames) {
  const auto most_pixels = static_cast<uint64_t>(call.options().integer("max_pixels"));
  const auto most_frames = static_cast<uint64_t>(call.options().integer("max_frames"));
  if (width != 0 && height > most_pixels / width) {
    return call.fail_input("too_large", "image",
                           "the image has %llu x %llu pixels; this call allows %llu in all", width, height,
                           most_pixels);
  }
  if (frames > most_frames) {
    return call.fail_input("too_large", "image",
                           "the image has more than %llu frames, which is what this call allows",
                           most_frames);
  }
  return true;
}

}  // namespace eitherside
