#include "structure.h"

#include <string.h>
#include <zlib.h>

#include <algorithm>

namespace eitherside {
namespace {

// Skips GIF data sub-blocks; false where the file ends first.
bool skip_sub_blocks(Bytes bytes, size_t* at) {
  while (*at < bytes.size()) {
    const size_t size = bytes[*at];
    *at += 1 + size;
    if (size == 0) return true;
  }
  return false;
}

size_t palette_bytes(uint8_t flags) { return (flags & 0x80) != 0 ? size_t{3} << ((flags & 7) + 1) : 0; }

const char* extension_name(uint8_t label) {
  switch (label) {
    case 0xF9:
      return "graphic_control";
    case 0xFE:
      return "comment";
    case 0x01:
      return "plain_text";
    case 0xFF:
      return "application";
    default:
      return "extension";
  }
}

bool is_restart(uint8_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

// The next marker in a scan's data, or the end.
size_t end_of_scan(Bytes bytes, size_t at) {
  while (at < bytes.size()) {
    const void* found = memchr(&bytes[at], 0xFF, bytes.size() - at);
    if (found == nullptr) break;
    at = static_cast<size_t>(static_cast<const uint8_t*>(found) - bytes.data());
    if (at + 1 == bytes.size()) break;
    const uint8_t marker = bytes[at + 1];
    if (marker != 0 && marker != 0xFF && !is_restart(marker)) return at;
    at += marker == 0xFF ? 1 : 2;
  }
  return bytes.size();
}

}  // namespace

bool PngChunk::sound() const {
  const auto* start = reinterpret_cast<const uint8_t*>(type.data());
  const auto length = static_cast<uInt>(content.size() + 4);
  return complete && crc32(crc32(0, nullptr, 0), start, length) == big32(content.data() + content.size());
}

bool PngReader::next(PngChunk* chunk) {
  if (ended_ || at_ >= bytes_.size() || bytes_.size() - at_ < 8) return false;
  const Bytes rest = bytes_.subspan(at_);
  const uint64_t length = big32(rest.data());
  chunk->type = as_text(rest.subspan(4, 4));
  chunk->offset = at_;
  chunk->size = length + 12;
  chunk->complete = chunk->size <= rest.size();
  chunk->content = rest.subspan(8, static_cast<size_t>(std::min<uint64_t>(length, rest.size() - 8)));
  at_ = chunk->complete ? at_ + static_cast<size_t>(chunk->size) : bytes_.size();
  ended_ = chunk->complete && chunk->is("IEND");
  return true;
}

bool JpegSegment::named(std::string_view name, Bytes* rest) const {
  if (!as_text(content).starts_with(name)) return false;
  *rest = content.subspan(name.size());
  return true;
}

const char* jpeg_marker_name(uint8_t marker) {
  static constexpr const char* kNames[] = {
      "SOF0",  "SOF1",  "SOF2",  "SOF3",  "DHT",   "SOF5",  "SOF6",  "SOF7", "JPG",  "SOF9",
      "SOF10", "SOF11", "DAC",   "SOF13", "SOF14", "SOF15", "RST0",  "RST1", "RST2", "RST3",
      "RST4",  "RST5",  "RST6",  "RST7",  "SOI",   "EOI",   "SOS",   "DQT",  "DNL",  "DRI",
      "DHP",   "EXP",   "APP0",  "APP1",  "APP2",  "APP3",  "APP4",  "APP5", "APP6", "APP7",
      "APP8",  "APP9",  "APP10", "APP11", "APP12", "APP13", "APP14", "APP15"};
  if (marker == 0xFE) return "COM";
  return marker >= 0xC0 && marker <= 0xEF ? kNames[marker - 0xC0] : "other";
}

bool JpegReader::next(JpegSegment* segment) {
  while (!ended_ && at_ + 1 < bytes_.size()) {
    const uint8_t marker = bytes_[at_ + 1];
    if (bytes_[at_] != 0xFF || marker == 0xFF || marker == 0) {
      ++at_;
      continue;
    }
    *segment = {marker, at_, 2, {}, true};
    if (marker == 0xD8 || marker == 0xD9 || marker == 0x01 || is_restart(marker)) {
      ended_ = marker == 0xD9;
      at_ += 2;
      return true;
    }
    const Bytes rest = bytes_.subspan(at_);
    if (rest.size() < 4) return false;
    const size_t length = std::max<size_t>(2, big16(&rest[2]));
    segment->complete = 2 + length <= rest.size();
    segment->size = 2 + length;
    segment->content = rest.subspan(4, std::min(length - 2, rest.size() - 4));
    at_ += std::min(segment->size, rest.size());
    if (marker == 0xDA) {
      const size_t end = end_of_scan(bytes_, at_);
      segment->size = end - segment->offset;
      segment->complete = end < bytes_.size();
      at_ = end;
    }
    return true;
  }
  return false;
}

GifReader::GifReader(Bytes bytes) : bytes_(bytes), at_(bytes.size()) {
  if (bytes.size() >= 13) at_ = 13 + palette_bytes(bytes[10]);
}

bool GifReader::next(GifBlock* block) {
  if (ended_ || at_ >= bytes_.size()) return false;
  const Bytes rest = bytes_.subspan(at_);
  *block = {"trailer", at_, 1, {}, true};
  size_t at = 1;
  if (rest[0] == 0x3B) {
    ended_ = true;
  } else if (rest[0] == 0x21 && rest.size() >= 3) {
    block->type = extension_name(rest[1]);
    block->content = rest.subspan(3, std::min<size_t>(rest[2], rest.size() - 3));
    at = 2;
    block->complete = skip_sub_blocks(rest, &at);
  } else if (rest[0] == 0x2C && rest.size() >= 10) {
    block->type = "image";
    block->content = rest.subspan(1, 9);
    at = 11 + palette_bytes(rest[9]);
    block->complete = skip_sub_blocks(rest, &at);
  } else {
    return false;
  }
  block->complete = block->complete && at <= rest.size();
  block->size = std::min(at, rest.size());
  at_ += block->size;
  return true;
}

}  // namespace eitherside
