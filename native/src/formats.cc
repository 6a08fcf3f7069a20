#include "formats.h"

#include <jxl/decode.h>
#include <string.h>

#include "structure.h"

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

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

// Its announcement stands before the image data.
bool is_animated_png(Bytes bytes) {
  PngReader reader(bytes);
  for (PngChunk chunk; reader.next(&chunk);) {
    if (chunk.is("acTL")) return true;
    if (chunk.is("IDAT")) return false;
  }
  return false;
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
    return is_animated_png(bytes) ? Format::apng : Format::png;
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
  call.fail_input("unknown_format", "image", "the input '%s' cannot be read: %s", call.reading(), what);
  return format;
}

bool check_limits(Call& call, uint64_t width, uint64_t height, uint64_t frames) {
  // What a function made itself of its input, as encode does, has no limits of its own.
  if (!call.options().knows("max_pixels")) return true;
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
