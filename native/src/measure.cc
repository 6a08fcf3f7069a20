#include <algorithm>

#include "formats.h"
#include "functions.h"
#include "jxl_reader.h"

namespace eitherside {
namespace {

// What a file's beginning tells of the work that it means. Zero frames: it does not tell.
struct Size {
  uint64_t width = 0;
  uint64_t height = 0;
  uint64_t frames = 1;
  uint32_t channels = 0;
  uint32_t bits_per_sample = 0;
  bool lossy = false;
  bool animation = false;
};

bool measure_jxl(Call& call, Bytes bytes, Size* size) {
  JxlReader reader(call, bytes);
  if (!reader.read_header()) return false;
  const JxlBasicInfo& info = reader.facts().info;
  const std::vector<BoxFacts>& boxes = reader.facts().boxes;
  const bool has_jpeg =
      std::any_of(boxes.begin(), boxes.end(), [](const BoxFacts& box) { return box.type == "jbrd"; });
  size->width = info.xsize;
  size->height = info.ysize;
  size->animation = info.have_animation == JXL_TRUE;
  size->frames = size->animation ? 0 : 1;
  size->channels = info.num_color_channels + (info.alpha_bits > 0 ? 1 : 0);
  size->bits_per_sample = info.bits_per_sample;
  size->lossy = info.uses_original_profile == JXL_FALSE || has_jpeg;
  // Reconstruction data stands before the first frame.
  const bool is_known = has_jpeg || reader.reached_frame();
  yyjson_mut_val* told = is_known ? yyjson_mut_bool(call.doc(), has_jpeg) : yyjson_mut_null(call.doc());
  yyjson_mut_obj_add_val(call.doc(), call.result(), "jpeg_reconstruction", told);
  return true;
}

bool measure_other(Call& call, Format format, Bytes bytes, Size* size) {
  const Outline outline = outline_of(format, bytes);
  if (outline.width == 0 || outline.height == 0) {
    return call.fail_input("truncated", "image", "these %zu bytes end before the image's size is told",
                           bytes.size());
  }
  size->width = outline.width;
  size->height = outline.height;
  size->channels = outline.channels;
  size->bits_per_sample = outline.bits_per_sample;
  size->lossy = format == Format::jpeg;
  size->animation = format == Format::apng || (format == Format::gif && outline.frames > 1);
  if (format == Format::gif || format == Format::apng) {
    size->frames = outline.complete ? outline.frames : outline.announced_frames;
  }
  yyjson_mut_obj_add_bool(call.doc(), call.result(), "jpeg_reconstruction", false);
  return true;
}

}  // namespace

bool measure(Call& call) {
  const Bytes bytes = call.input("image");
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  yyjson_mut_doc* doc = call.doc();
  yyjson_mut_val* result = call.result();
  yyjson_mut_obj_add_str(doc, result, "format", name_of(format));
  Size size;
  if (!(format == Format::jxl ? measure_jxl(call, bytes, &size)
                              : measure_other(call, format, bytes, &size))) {
    return false;
  }
  yyjson_mut_obj_add_uint(doc, result, "width", size.width);
  yyjson_mut_obj_add_uint(doc, result, "height", size.height);
  yyjson_mut_obj_add_uint(doc, result, "pixels", size.width * size.height);
  yyjson_mut_obj_add_val(doc, result, "frames",
                         size.frames == 0 ? yyjson_mut_null(doc) : yyjson_mut_uint(doc, size.frames));
  yyjson_mut_obj_add_uint(doc, result, "channels", size.channels);
  yyjson_mut_obj_add_uint(doc, result, "bits_per_sample", size.bits_per_sample);
  yyjson_mut_obj_add_bool(doc, result, "lossy", size.lossy);
  yyjson_mut_obj_add_bool(doc, result, "animation", size.animation);
  return true;
}

}  // namespace eitherside
