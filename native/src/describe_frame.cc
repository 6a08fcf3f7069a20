#include <algorithm>

#include "describe.h"

namespace eitherside {
namespace {

using jxl::FrameHeader;

struct Flag {
  uint64_t bit;
  const char* name;
};

constexpr Flag kFlags[] = {
    {FrameHeader::kNoise, "noise"},
    {FrameHeader::kPatches, "patches"},
    {FrameHeader::kSplines, "splines"},
    {FrameHeader::kUseDcFrame, "dc_frame"},
    {FrameHeader::kSkipAdaptiveDCSmoothing, "skip_dc_smoothing"},
};

const char* name_of(jxl::FrameType type) {
  switch (type) {
    case jxl::kRegularFrame:
      return "regular";
    case jxl::kDCFrame:
      return "dc";
    case jxl::kReferenceOnly:
      return "reference_only";
    case jxl::kSkipProgressive:
      break;
  }
  return "skip_progressive";
}

const char* name_of(jxl::ColorTransform transform) {
  switch (transform) {
    case jxl::ColorTransform::kXYB:
      return "xyb";
    case jxl::ColorTransform::kYCbCr:
      return "ycbcr";
    case jxl::ColorTransform::kNone:
      break;
  }
  return "none";
}

const char* name_of(jxl::BlendMode mode) {
  switch (mode) {
    case jxl::BlendMode::kReplace:
      return "replace";
    case jxl::BlendMode::kAdd:
      return "add";
    case jxl::BlendMode::kBlend:
      return "blend";
    case jxl::BlendMode::kAlphaWeightedAdd:
      return "muladd";
    case jxl::BlendMode::kMul:
      break;
  }
  return "mul";
}

// As J:a:b where there is such a name, else the factors of each channel.
std::string subsampling_of(const jxl::YCbCrChromaSubsampling& chroma) {
  if (chroma.Is444()) return "4:4:4";
  if (chroma.Is422()) return "4:2:2";
  if (chroma.Is420()) return "4:2:0";
  if (chroma.Is440()) return "4:4:0";
  std::string factors;
  for (const size_t channel : {1, 0, 2}) {
    if (!factors.empty()) factors += ",";
    factors +=
        std::to_string(1 << chroma.RawHShift(channel)) + "x" + std::to_string(1 << chroma.RawVShift(channel));
  }
  return factors;
}

void describe_blending(Json json, const jxl::BlendingInfo& blending, bool has_source) {
  json.text("mode", name_of(blending.mode));
  const bool uses_alpha =
      blending.mode == jxl::BlendMode::kBlend || blending.mode == jxl::BlendMode::kAlphaWeightedAdd;
  if (uses_alpha && blending.nonserialized_num_extra_channels > 0) {
    json.integer("alpha_channel", uint64_t{blending.alpha_channel});
  }
  if (uses_alpha || blending.mode == jxl::BlendMode::kMul) json.boolean("clamp", blending.clamp);
  if (has_source || blending.mode != jxl::BlendMode::kReplace) {
    json.integer("source", uint64_t{blending.source});
  }
}

void describe_passes(Json json, const jxl::Passes& passes) {
  json.integer("count", uint64_t{passes.num_passes});
  yyjson_mut_val* shifts = json.array("shifts");
  for (uint32_t i = 0; i < passes.num_passes; ++i) json.item(shifts, uint64_t{passes.shift[i]});
  yyjson_mut_val* steps = json.array("downsampling");
  for (uint32_t i = 0; i < passes.num_downsample; ++i) {
    json.item(steps)
        .integer("factor", uint64_t{passes.downsample[i]})
        .integer("last_pass", uint64_t{passes.last_pass[i]});
  }
}

// Where the frame stands in the image, in pixels before upsampling is undone.
void describe_place(Json json, const FrameHeader& header) {
  const jxl::FrameDimensions size = header.ToFrameDimensions();
  json.integer("width", uint64_t{size.xsize_upsampled})
      .integer("height", uint64_t{size.ysize_upsampled})
      .negative("x", header.frame_origin.x0)
      .negative("y", header.frame_origin.y0)
      .boolean("crop", header.custom_size_or_origin);
}

void describe_coding(Json json, const CodestreamFrame& frame) {
  const FrameHeader& header = frame.header;
  const bool modular = header.encoding == jxl::FrameEncoding::kModular;
  json.text("encoding", modular ? "modular" : "vardct")
      .text("colour_transform", name_of(header.color_transform))
      .text("chroma_subsampling", subsampling_of(header.chroma_subsampling));
  yyjson_mut_val* flags = json.array("flags");
  for (const Flag& flag : kFlags) {
    if ((header.flags & flag.bit) != 0) json.item(flags, flag.name);
  }
  json.integer("upsampling", uint64_t{header.upsampling});
  yyjson_mut_val* extra = json.array("extra_upsampling");
  for (const uint32_t factor : header.extra_channel_upsampling) json.item(extra, uint64_t{factor});
  json.integer("group_size", uint64_t{header.ToFrameDimensions().group_dim})
      .integer("groups", frame.groups)
      .integer("dc_groups", frame.dc_groups)
      .integer("sections", frame.toc_entries)
      .boolean("sections_permuted", frame.toc_permuted);
  if (!modular && header.color_transform == jxl::ColorTransform::kXYB) {
    json.integer("x_quantisation", uint64_t{header.x_qm_scale})
        .integer("b_quantisation", uint64_t{header.b_qm_scale});
  }
  describe_passes(json.object("passes"), header.passes);
  json.boolean("gaborish", header.loop_filter.gab)
      .boolean("gaborish_custom", header.loop_filter.gab && header.loop_filter.gab_custom)
      .integer("epf", uint64_t{header.loop_filter.epf_iters});
}

}  // namespace

double seconds_of(const FrameHeader& header, const jxl::ImageMetadata& image) {
  const jxl::AnimationHeader& animation = image.animation;
  if (!image.have_animation || animation.tps_numerator == 0) return 0;
  return static_cast<double>(header.animation_frame.duration) * animation.tps_denominator /
         animation.tps_numerator;
}

void describe_frame(Json json, const CodestreamFrame& frame, const jxl::ImageMetadata& image) {
  const FrameHeader& header = frame.header;
  const bool regular = header.frame_type == jxl::kRegularFrame || header.frame_type == jxl::kSkipProgressive;
  json.text("type", frame.preview ? "preview" : name_of(header.frame_type))
      .boolean("displayed", frame.displayed())
      .text("name", header.name)
      .integer("offset", frame.offset)
      .integer("bytes", frame.bytes)
      .integer("header_bytes", frame.header_bytes)
      .boolean("complete", frame.complete);
  describe_place(json, header);
  describe_coding(json, frame);
  if (header.frame_type == jxl::kDCFrame) json.integer("dc_level", uint64_t{header.dc_level});
  if (regular) {
    const bool partial = header.blending_info.nonserialized_is_partial_frame;
    Json blending = json.object("blending");
    describe_blending(blending, header.blending_info, partial);
    yyjson_mut_val* extra = json.array("extra_blending");
    for (const jxl::BlendingInfo& info : header.extra_channel_blending_info) {
      describe_blending(json.item(extra), info, partial);
    }
    json.number("duration", seconds_of(header, image));
    if (image.have_animation && image.animation.have_timecodes) {
      json.integer("timecode", uint64_t{header.animation_frame.timecode});
    }
  }
  json.boolean("is_last", header.is_last)
      .integer("save_as_reference", uint64_t{header.save_as_reference})
      .boolean("saved_before_colour_transform", header.save_before_color_transform);
}

}  // namespace eitherside
