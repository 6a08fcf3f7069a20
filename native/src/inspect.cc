#include <algorithm>

#include "colours.h"
#include "formats.h"
#include "functions.h"
#include "jxl_reader.h"
#include "packed.h"

namespace eitherside {
namespace {

// A small writer over yyjson's mutable values: every string is copied.
class Json {
 public:
  Json(yyjson_mut_doc* doc, yyjson_mut_val* object) : doc_(doc), object_(object) {}

  Json& text(const char* key, const std::string& value) {
    yyjson_mut_obj_add_strncpy(doc_, object_, key, value.data(), value.size());
    return *this;
  }
  Json& integer(const char* key, uint64_t value) {
    yyjson_mut_obj_add_uint(doc_, object_, key, value);
    return *this;
  }
  Json& number(const char* key, double value) {
    yyjson_mut_obj_add_real(doc_, object_, key, value);
    return *this;
  }
  Json& boolean(const char* key, bool value) {
    yyjson_mut_obj_add_bool(doc_, object_, key, value);
    return *this;
  }
  Json& null(const char* key) {
    yyjson_mut_obj_add_null(doc_, object_, key);
    return *this;
  }
  Json object(const char* key) { return {doc_, yyjson_mut_obj_add_obj(doc_, object_, key)}; }
  yyjson_mut_val* array(const char* key) { return yyjson_mut_obj_add_arr(doc_, object_, key); }
  Json item(yyjson_mut_val* array) { return {doc_, yyjson_mut_arr_add_obj(doc_, array)}; }

 private:
  yyjson_mut_doc* doc_;
  yyjson_mut_val* object_;
};

void describe_colour(Json json, const JxlColorEncoding& encoding, bool has_encoding, size_t icc_bytes) {
  if (has_encoding) {
    json.text("space", name_of(encoding.color_space))
        .text("white_point", name_of(encoding.white_point))
        .text("transfer_function", name_of(encoding.transfer_function))
        .text("rendering_intent", name_of(encoding.rendering_intent));
    if (encoding.color_space == JXL_COLOR_SPACE_RGB) json.text("primaries", name_of(encoding.primaries));
    if (encoding.transfer_function == JXL_TRANSFER_FUNCTION_GAMMA) json.number("gamma", encoding.gamma);
  } else {
    json.text("space", "icc");
  }
  json.integer("icc_bytes", icc_bytes);
}

void describe_info(Json json, const JxlBasicInfo& info) {
  json.integer("width", info.xsize)
      .integer("height", info.ysize)
      .integer("bits_per_sample", info.bits_per_sample)
      .integer("exponent_bits", info.exponent_bits_per_sample)
      .integer("colour_channels", info.num_color_channels)
      .integer("orientation", info.orientation)
      .number("intensity_target", info.intensity_target);
}

const char* type_name(JxlExtraChannelType type) {
  switch (type) {
    case JXL_CHANNEL_ALPHA:
      return "alpha";
    case JXL_CHANNEL_DEPTH:
      return "depth";
    case JXL_CHANNEL_SPOT_COLOR:
      return "spot";
    case JXL_CHANNEL_SELECTION_MASK:
      return "selection_mask";
    case JXL_CHANNEL_BLACK:
      return "black";
    case JXL_CHANNEL_CFA:
      return "cfa";
    case JXL_CHANNEL_THERMAL:
      return "thermal";
    default:
      return "other";
  }
}

bool inspect_jxl(Call& call, Bytes bytes, Json json) {
  JxlReader reader(call, bytes);
  if (!reader.read_facts()) return false;
  const JxlFacts& facts = reader.facts();
  describe_info(json, facts.info);
  describe_colour(json.object("colour"), facts.encoding, facts.has_encoding, facts.icc.size());
  const auto is_box = [](const char* type) {
    return [type](const BoxFacts& box) { return box.type == type; };
  };
  json.boolean("container", facts.info.have_container == JXL_TRUE)
      .boolean("xyb", facts.info.uses_original_profile == JXL_FALSE)
      .boolean("jpeg_reconstruction", std::any_of(facts.boxes.begin(), facts.boxes.end(), is_box("jbrd")));
  if (facts.info.have_animation == JXL_TRUE) {
    const JxlAnimationHeader& a = facts.info.animation;
    json.object("animation")
        .number("ticks_per_second", static_cast<double>(a.tps_numerator) / std::max(1U, a.tps_denominator))
        .integer("loops", a.num_loops);
  } else {
    json.null("animation");
  }
  if (facts.info.have_preview == JXL_TRUE) {
    json.object("preview")
        .integer("width", facts.info.preview.xsize)
        .integer("height", facts.info.preview.ysize);
  } else {
    json.null("preview");
  }
  yyjson_mut_val* channels = json.array("extra_channels");
  for (const ExtraChannelFacts& channel : facts.extra_channels) {
    Json item = json.item(channels);
    item.text("type", type_name(channel.info.type))
        .text("name", channel.name)
        .integer("bits_per_sample", channel.info.bits_per_sample)
        .integer("exponent_bits", channel.info.exponent_bits_per_sample);
    if (channel.info.type == JXL_CHANNEL_ALPHA) {
      item.boolean("premultiplied", channel.info.alpha_premultiplied == JXL_TRUE);
    }
  }
  yyjson_mut_val* frames = json.array("frames");
  for (const FrameFacts& frame : facts.frames) {
    json.item(frames).number("duration", frame.seconds).text("name", frame.name);
  }
  yyjson_mut_val* boxes = json.array("boxes");
  for (const BoxFacts& box : facts.boxes) {
    json.item(boxes).text("type", box.type).integer("bytes", box.size).boolean("compressed", box.compressed);
  }
  return true;
}

bool inspect_packed(Call& call, Format format, Bytes bytes, Json json) {
  Packed packed;
  if (!read_packed(call, format, bytes, &packed)) return false;
  const bool turned = packed.info.orientation >= JXL_ORIENT_TRANSPOSE;
  if (turned) std::swap(packed.info.xsize, packed.info.ysize);
  describe_info(json, packed.info);
  const bool has_icc = packed.primary_color_representation == Packed::kIccIsPrimary;
  describe_colour(json.object("colour"), packed.color_encoding, !has_icc, packed.icc.size());
  json.boolean("jpeg_reconstruction", false).null("preview");
  if (packed.info.have_animation == JXL_TRUE) {
    const JxlAnimationHeader& a = packed.info.animation;
    json.object("animation")
        .number("ticks_per_second", static_cast<double>(a.tps_numerator) / std::max(1U, a.tps_denominator))
        .integer("loops", a.num_loops);
  } else {
    json.null("animation");
  }
  yyjson_mut_val* channels = json.array("extra_channels");
  if (packed.info.alpha_bits > 0) {
    json.item(channels)
        .text("type", "alpha")
        .text("name", "")
        .integer("bits_per_sample", packed.info.alpha_bits)
        .integer("exponent_bits", packed.info.alpha_exponent_bits)
        .boolean("premultiplied", packed.info.alpha_premultiplied == JXL_TRUE);
  }
  yyjson_mut_val* frames = json.array("frames");
  const double tick = packed.info.have_animation == JXL_TRUE
                          ? static_cast<double>(packed.info.animation.tps_denominator) /
                                std::max(1U, packed.info.animation.tps_numerator)
                          : 0;
  for (const auto& frame : packed.frames) {
    json.item(frames).number("duration", frame.frame_info.duration * tick).text("name", frame.name);
  }
  json.array("boxes");
  return true;
}

}  // namespace

bool inspect(Call& call) {
  const Bytes bytes = call.input("image");
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  Json json(call.doc(), call.result());
  json.text("format", name_of(format)).integer("bytes", bytes.size());
  return format == Format::jxl ? inspect_jxl(call, bytes, json) : inspect_packed(call, format, bytes, json);
}

}  // namespace eitherside
