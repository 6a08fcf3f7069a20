#include <jxl/encode.h>

#include "describe.h"
#include "fault.h"
#include "picture_facts.h"

namespace eitherside {
namespace {

// What libjxl takes for the luminance of the brightest sample where nothing tells it.
double default_intensity(const JxlColorEncoding& encoding) {
  if (encoding.transfer_function == JXL_TRANSFER_FUNCTION_PQ) return 10000;
  return encoding.transfer_function == JXL_TRANSFER_FUNCTION_HLG ? 1000 : 255;
}

void read_facts(Call& call, Format format, Bytes bytes, PictureFacts* facts, Json json) {
  const auto most_frames = static_cast<uint64_t>(call.options().integer("max_frames"));
  JxlColorEncodingSetToSRGB(&facts->encoding, JXL_FALSE);
  switch (format) {
    case Format::png:
    case Format::apng:
      return read_png_facts(bytes, most_frames, facts, json);
    case Format::jpeg:
      return read_jpeg_facts(bytes, facts, json);
    case Format::gif:
      return read_gif_facts(bytes, most_frames, facts);
    default:
      return read_pnm_facts(bytes, facts);
  }
}

void describe_picture(const PictureFacts& facts, Json json) {
  const uint32_t asked = exif_orientation(facts.exif);
  const uint32_t orientation = asked == 0 ? 1 : asked;
  const bool turned = orientation >= 5;
  json.integer("width", turned ? facts.height : facts.width)
      .integer("height", turned ? facts.width : facts.height)
      .integer("bits_per_sample", uint64_t{facts.bits_per_sample})
      .integer("exponent_bits", uint64_t{facts.exponent_bits})
      .integer("colour_channels", uint64_t{facts.colour_channels})
      .integer("orientation", uint64_t{orientation})
      .number("intensity_target",
              facts.intensity_target > 0 ? facts.intensity_target : default_intensity(facts.encoding))
      .boolean("jpeg_reconstruction", false)
      .null("preview");
  const bool cmyk = facts.colour_channels == 4;
  Json colour = json.object("colour");
  if (cmyk && !facts.has_icc) {
    colour.text("space", "cmyk").integer("icc_bytes", uint64_t{0}).boolean("icc_embedded", false);
  } else {
    std::optional<uint64_t> size = facts.icc_bytes;
    if (!facts.has_icc) size = 0;
    describe_colour(colour, facts.has_icc ? nullptr : &facts.encoding, size, facts.has_icc);
  }
  yyjson_mut_val* channels = json.array("extra_channels");
  if (facts.alpha) {
    json.item(channels)
        .text("type", "alpha")
        .text("name", "")
        .integer("bits_per_sample", uint64_t{facts.bits_per_sample})
        .integer("exponent_bits", uint64_t{facts.exponent_bits})
        .integer("dim_shift", uint64_t{0})
        .boolean("premultiplied", false);
  }
}

void describe_frames(const PictureFacts& facts, Json json) {
  if (facts.animated) {
    json.object("animation").number("ticks_per_second", facts.ticks_per_second).integer("loops", facts.loops);
  } else {
    json.null("animation");
  }
  yyjson_mut_val* frames = json.array("frames");
  for (const double duration : facts.durations) {
    json.item(frames).number("duration", facts.animated ? duration : 0).text("name", "");
  }
}

void describe_parts(const PictureFacts& facts, Json json) {
  yyjson_mut_val* parts = json.array("boxes");
  for (const Part& part : facts.parts) {
    Json item = json.item(parts);
    item.text("type", part.type)
        .integer("offset", part.offset)
        .integer("bytes", part.size)
        .boolean("complete", part.complete);
    if (!part.what.empty()) item.text("contents", part.what);
    if (part.count > 1) item.integer("count", part.count);
  }
  if (facts.more_parts > 0) json.integer("more_boxes", facts.more_parts);
}

void describe_metadata(const PictureFacts& facts, Json json) {
  if (facts.has_exif) {
    describe_exif(json.object("exif"), facts.exif, facts.exif.size());
  } else {
    json.null("exif");
  }
  if (facts.has_xmp) {
    json.object("xmp").integer("bytes", facts.xmp_bytes);
  } else {
    json.null("xmp");
  }
  json.integer("jumbf", uint64_t{0}).null("gain_map");
}

}  // namespace

bool inspect_other(Call& call, Format format, Bytes bytes, Json json) {
  const FaultScope scope("corrupt");
  clear_notes();
  PictureFacts facts;
  read_facts(call, format, bytes, &facts, json);
  if (facts.width == 0 || facts.height == 0) {
    if (!facts.complete) {
      return call.fail_input("truncated", "image", "these %zu bytes end before the image's size is told",
                             bytes.size());
    }
    return call.fail_input("corrupt", "image", "the %s file tells no size of its image", name_of(format));
  }
  if (!check_limits(call, facts.width, facts.height, facts.durations.size())) return false;
  if (!facts.complete && !call.options().boolean("prefix")) return fail_cut(call, format, bytes);
  describe_picture(facts, json);
  describe_frames(facts, json);
  describe_parts(facts, json);
  describe_metadata(facts, json.object("metadata"));
  json.boolean("complete", facts.complete).integer("trailing_bytes", facts.trailing);
  return !call.options().boolean("contents") ||
         (give(call, "exif", facts.exif) && give(call, "xmp", facts.xmp) && give(call, "icc", facts.icc));
}

}  // namespace eitherside
