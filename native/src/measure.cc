#include "formats.h"
#include "functions.h"
#include "json.h"

namespace eitherside {

bool measure(Call& call) {
  const Bytes bytes = call.input("image");
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  Outline outline;
  if (format == Format::jxl) {
    if (!outline_of_jxl(call, bytes, &outline)) return false;
  } else {
    outline = outline_of(format, bytes, false);
    if (outline.width == 0 || outline.height == 0) {
      return call.fail_input("truncated", "image", "these %zu bytes end before the image's size is told",
                             bytes.size());
    }
    if (!outline.complete && (format == Format::gif || format == Format::apng)) {
      outline.frames = outline.announced_frames;
    }
  }
  std::optional<uint64_t> frames;
  if (outline.frames != 0) frames = outline.frames;
  Json(call.doc(), call.result())
      .text("format", name_of(format))
      .boolean("jpeg_reconstruction", outline.has_jpeg)
      .integer("width", outline.width)
      .integer("height", outline.height)
      .integer("pixels", outline.width * outline.height)
      .integer("frames", frames)
      .integer("channels", uint64_t{outline.channels})
      .integer("bits_per_sample", uint64_t{outline.bits_per_sample})
      .boolean("lossy", outline.lossy)
      .boolean("animation", outline.animation);
  return true;
}

}  // namespace eitherside
