#include "decode_answer.h"

#include <string.h>

#include "describe.h"
#include "json.h"

namespace eitherside {
namespace {

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::dc:
      return "dc";
    case Stage::pass:
      return "pass";
    case Stage::full:
      return "full";
    case Stage::header:
      break;
  }
  return "header";
}

const char* name_of(JxlBlendMode mode) {
  switch (mode) {
    case JXL_BLEND_ADD:
      return "add";
    case JXL_BLEND_BLEND:
      return "blend";
    case JXL_BLEND_MULADD:
      return "muladd";
    case JXL_BLEND_MUL:
      return "mul";
    case JXL_BLEND_REPLACE:
      break;
  }
  return "replace";
}

const char* name_of(JxlDataType type) {
  if (type == JXL_TYPE_FLOAT) return "f32";
  if (type == JXL_TYPE_FLOAT16) return "f16";
  return type == JXL_TYPE_UINT8 ? "u8" : "u16";
}

JxlDataType type_named(std::string_view name) {
  if (name == "f32") return JXL_TYPE_FLOAT;
  if (name == "f16") return JXL_TYPE_FLOAT16;
  return name == "u16" ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8;
}

bool check_together(Call& call, const PixelRequest& request) {
  if ((request.colour == "profile") != !request.profile.empty()) {
    return request.profile.empty()
               ? call.fail_option("colour", "the colour space 'profile' needs the input 'profile'")
               : call.fail_input("bad_input", "profile",
                                 "a profile was given, but 'colour' is not 'profile'");
  }
  if (!request.region.everything() && !request.coalesce) {
    return call.fail_option("region", "a region of layers as stored cannot be given");
  }
  if (!request.preview) return true;
  if (!request.region.everything())
    return call.fail_option("region", "a region of a preview cannot be given");
  if (!request.coalesce || !request.extra.empty() || request.start > 0 || request.prefix || request.dc_only) {
    return call.fail_option("frames", "a preview has no layers, extra channels, other frames or detail");
  }
  return true;
}

}  // namespace

bool read_pixel_request(Call& call, PixelRequest* request) {
  const Options& options = call.options();
  const std::string_view type = options.text("type");
  const std::string_view alpha = options.text("alpha");
  const std::string_view frames = options.text("frames");
  request->automatic_type = type == "auto";
  request->format.data_type = type_named(type);
  request->codestream_depth = options.text("range") == "file";
  request->format.num_channels = static_cast<uint32_t>(options.integer("channels"));
  request->keep_orientation = options.text("orientation") == "keep";
  request->colour = options.text("colour");
  request->profile = call.input("profile");
  request->intensity_target = static_cast<float>(options.number("intensity_target"));
  request->unpremultiply = alpha == "straight";
  request->premultiply = alpha == "premultiplied";
  request->render_spot = options.text("spot") == "render";
  request->extra = options.texts("extra");
  request->coalesce = options.boolean("coalesce");
  request->first_frame_only = frames == "first";
  request->preview = frames == "preview";
  request->start = static_cast<size_t>(options.integer("start"));
  request->count = static_cast<size_t>(options.integer("count"));
  request->prefix = options.boolean("prefix");
  request->dc_only = options.text("detail") == "dc";
  return read_region(call, "region", &request->region) && check_together(call, *request);
}

void DecodeAnswer::begin() {
  yyjson_mut_doc* doc = call_.doc();
  frames_ = yyjson_mut_arr(doc);
  extra_ = yyjson_mut_arr(doc);
  frame_count_ = 0;
}

void DecodeAnswer::describe_layer(const FrameFacts& facts, yyjson_mut_val* item) {
  const JxlLayerInfo& layer = facts.header.layer_info;
  Json json(call_.doc(), item);
  json.integer("width", layer.xsize)
      .integer("height", layer.ysize)
      .negative("x", layer.crop_x0)
      .negative("y", layer.crop_y0)
      .text("blend", name_of(layer.blend_info.blendmode))
      .integer("source", layer.blend_info.source)
      .integer("alpha", layer.blend_info.alpha)
      .boolean("clamp", layer.blend_info.clamp == JXL_TRUE)
      .integer("save_as", layer.save_as_reference);
  yyjson_mut_val* extra = json.array("extra_blend");
  for (const JxlBlendInfo& blend : facts.extra_blend) {
    json.item(extra)
        .text("blend", name_of(blend.blendmode))
        .integer("source", blend.source)
        .integer("alpha", blend.alpha)
        .boolean("clamp", blend.clamp == JXL_TRUE);
  }
}

void DecodeAnswer::describe_extra(const JxlReader& reader, uint32_t number, const Frame& frame) {
  const ExtraChannelFacts& channel = reader.facts().extra_channels[number];
  Json json(call_.doc(), yyjson_mut_arr_add_obj(call_.doc(), extra_));
  json.integer("frame", frame.facts.index)
      .integer("channel", number)
      .text("type", eitherside::name_of(channel.info.type))
      .text("name", channel.name)
      .integer("width", frame.width)
      .integer("height", frame.height)
      .text("sample_type", name_of(reader.format().data_type))
      .integer("bits_per_sample", channel.info.bits_per_sample)
      .integer("exponent_bits", channel.info.exponent_bits_per_sample);
  if (channel.info.type == JXL_CHANNEL_ALPHA) {
    json.boolean("premultiplied", channel.info.alpha_premultiplied == JXL_TRUE);
  }
  if (channel.info.type != JXL_CHANNEL_SPOT_COLOR) return;
  yyjson_mut_val* colour = json.array("spot");
  for (const float value : channel.info.spot_color) json.decimal(colour, static_cast<double>(value));
}

bool DecodeAnswer::add(const JxlReader& reader, Frame&& frame) {
  const FrameFacts& facts = frame.facts;
  yyjson_mut_val* item = yyjson_mut_arr_add_obj(call_.doc(), frames_);
  Json(call_.doc(), item)
      .integer("index", facts.index)
      .number("duration", facts.seconds)
      .text("name", facts.name)
      .text("stage", name_of(frame.stage));
  if (facts.is_layer) describe_layer(facts, item);
  call_.output("samples", std::move(frame.samples));
  for (size_t i = 0; i < frame.extra.size(); ++i) {
    describe_extra(reader, reader.extra()[i], frame);
    call_.output("extra", std::move(frame.extra[i]));
  }
  stage_ = frame.stage;
  ++frame_count_;
  return true;
}

bool DecodeAnswer::finish(const JxlReader& reader, const PixelRequest& request, bool complete) {
  const JxlBasicInfo& info = reader.facts().info;
  const JxlPixelFormat& format = reader.format();
  const bool has_alpha = format.num_channels % 2 == 0;
  const bool was_premultiplied = info.alpha_premultiplied == JXL_TRUE && !request.unpremultiply;
  const size_t icc_bytes = reader.icc().size();
  Json json(call_.doc(), call_.result());
  json.text("format", eitherside::name_of(format_))
      .integer("width", reader.width())
      .integer("height", reader.height())
      .integer("channels", format.num_channels)
      .text("type", name_of(format.data_type))
      .integer("bits_per_sample", info.bits_per_sample)
      .boolean("alpha", has_alpha)
      .boolean("premultiplied",
               has_alpha && info.alpha_bits > 0 && (was_premultiplied || request.premultiply))
      .integer("orientation", request.keep_orientation ? info.orientation : 1U)
      .number("intensity_target", static_cast<double>(reader.intensity_target()))
      .boolean("complete", complete)
      .text("stage", name_of(stage_));
  describe_colour(json.object("colour"), reader.facts().has_encoding ? &reader.facts().encoding : nullptr,
                  icc_bytes, false);
  if (info.have_animation == JXL_TRUE) {
    json.object("animation").integer("loops", info.animation.num_loops);
  } else {
    json.null("animation");
  }
  yyjson_mut_obj_add_val(call_.doc(), call_.result(), "frames", frames_);
  yyjson_mut_obj_add_val(call_.doc(), call_.result(), "extra_channels", extra_);
  if (icc_bytes == 0) return true;
  Buffer icc;
  if (!icc.resize(icc_bytes)) return call_.fail("memory_limit", "no memory for the ICC profile");
  memcpy(icc.data(), reader.icc().data(), icc_bytes);
  call_.output("icc", std::move(icc));
  return true;
}

}  // namespace eitherside
