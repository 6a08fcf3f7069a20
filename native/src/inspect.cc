#include <string.h>

#include <algorithm>

#include "functions.h"
#include "inspect_parts.h"

namespace eitherside {

bool fail_cut(Call& call, Format format, Bytes bytes) {
  if (format == Format::jxl) {
    return call.fail_input("truncated", "image",
                           "the JPEG XL file ends early: its %zu bytes are not the whole image",
                           bytes.size());
  }
  return call.fail_input("truncated", "image",
                         "the %s file ends early: its %zu bytes are not the whole image", name_of(format),
                         bytes.size());
}

bool give(Call& call, const char* output, Bytes content) {
  if (content.empty()) return true;
  Buffer copy;
  if (content.size() > memory_left() || !copy.resize(content.size())) {
    return call.fail("memory_limit", "the %s of %zu bytes does not fit the call's memory ceiling", output,
                     content.size());
  }
  std::copy(content.begin(), content.end(), copy.data());
  call.output(output, std::move(copy));
  return true;
}

bool inspect(Call& call) {
  const Bytes bytes = call.input("image");
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  Json json(call.doc(), call.result());
  json.text("format", name_of(format)).integer("bytes", uint64_t{bytes.size()});
  return format == Format::jxl ? inspect_jxl(call, bytes, json) : inspect_other(call, format, bytes, json);
}

}  // namespace eitherside
