#include "jpeg_segments.h"

#include <string.h>

namespace eitherside {
namespace {

constexpr char kXmpName[] = "http://ns.adobe.com/xap/1.0/";
constexpr char kExifName[] = "Exif\0";
constexpr uint8_t kApp0 = 0xE0;
constexpr uint8_t kApp1 = 0xE1;

// A marker segment: its marker and what follows its length. Empty at the end of the header.
struct Segment {
  uint8_t marker = 0;
  Bytes content;
  size_t end = 0;
};

Segment segment_at(Bytes jpeg, size_t at) {
  if (at + 4 > jpeg.size() || jpeg[at] != 0xFF) return {};
  const uint8_t marker = jpeg[at + 1];
  const size_t length = static_cast<size_t>(jpeg[at + 2]) << 8 | jpeg[at + 3];
  if (marker < 0xC0 || marker == 0xDA || length < 2 || at + 2 + length > jpeg.size()) return {};
  return {marker, jpeg.subspan(at + 4, length - 2), at + 2 + length};
}

template <size_t size>
bool is_named(const Segment& segment, const char (&name)[size]) {
  return segment.marker == kApp1 && segment.content.size() > size &&
         memcmp(segment.content.data(), name, size) == 0;
}

}  // namespace

std::vector<uint8_t> xmp_of_jpeg(Bytes jpeg) {
  for (Segment segment = segment_at(jpeg, 2); segment.end != 0; segment = segment_at(jpeg, segment.end)) {
    if (!is_named(segment, kXmpName)) continue;
    const Bytes packet = segment.content.subspan(sizeof(kXmpName));
    return {packet.begin(), packet.end()};
  }
  return {};
}

std::vector<uint8_t> exif_of_jpeg(Bytes jpeg) {
  for (Segment segment = segment_at(jpeg, 2); segment.end != 0; segment = segment_at(jpeg, segment.end)) {
    if (!is_named(segment, kExifName)) continue;
    const Bytes tiff = segment.content.subspan(sizeof(kExifName));
    return {tiff.begin(), tiff.end()};
  }
  return {};
}

bool add_xmp_to_jpeg(const std::vector<uint8_t>& xmp, Buffer* jpeg) {
  const size_t length = 2 + sizeof(kXmpName) + xmp.size();
  if (xmp.empty() || length > 0xFFFF) return true;
  const Bytes file(jpeg->data(), jpeg->size());
  size_t at = 2;
  for (Segment segment = segment_at(file, at); segment.end != 0; segment = segment_at(file, at)) {
    if (segment.marker != kApp0 && !is_named(segment, kExifName)) break;
    at = segment.end;
  }
  const size_t before = jpeg->size();
  if (!jpeg->resize(before + 2 + length)) return false;
  uint8_t* gap = jpeg->data() + at;
  memmove(gap + 2 + length, gap, before - at);
  const uint8_t header[] = {0xFF, kApp1, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  memcpy(gap, header, sizeof(header));
  memcpy(gap + 4, kXmpName, sizeof(kXmpName));
  memcpy(gap + 4 + sizeof(kXmpName), xmp.data(), xmp.size());
  return true;
}

}  // namespace eitherside
