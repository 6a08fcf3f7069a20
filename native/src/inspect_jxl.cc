#include <algorithm>

#include "describe.h"
#include "fault.h"
#include "inspect_parts.h"
#include "jxl_boxes.h"

namespace eitherside {
namespace {

// An Exif box that is only looked at is decompressed no further.
constexpr uint64_t kLook = 65536;
constexpr uint64_t kAll = UINT64_MAX;

// One inspection of a JPEG XL file. Each step returns false where it ended the call.
class Inspection {
 public:
  Inspection(Call& call, Bytes file, Json json)
      : call_(call),
        file_(file),
        json_(json),
        prefix_(call.options().boolean("prefix")),
        contents_(call.options().boolean("contents")) {}

  bool run();

 private:
  bool walk_boxes();
  void describe_box(const Box& box);
  void keep(const Box& box);
  bool fail(Reach reach, const char* what);
  bool describe_header();
  void describe_image();
  void describe_channels();
  bool describe_profile();
  bool describe_frames();
  bool add_frame(const CodestreamFrame& frame);
  bool describe_metadata();
  bool add_exif();
  bool add_xmp();
  bool add_jumbf();
  bool add_gain_map();

  Call& call_;
  Bytes file_;
  Json json_;
  std::optional<Json> metadata_;
  bool prefix_;
  bool contents_;
  Buffer joined_;
  std::optional<Codestream> codestream_;
  yyjson_mut_val* boxes_ = nullptr;
  yyjson_mut_val* frames_ = nullptr;
  yyjson_mut_val* headers_ = nullptr;
  uint64_t box_count_ = 0;
  uint64_t frame_count_ = 0;
  uint64_t displayed_ = 0;
  std::optional<Box> exif_;
  std::optional<Box> xmp_;
  std::optional<Box> gain_map_;
  std::vector<Box> jumbf_;
  std::optional<uint64_t> level_;
  bool has_jpeg_ = false;
  bool complete_ = true;
  uint64_t trailing_ = 0;
};

bool Inspection::fail(Reach reach, const char* what) {
  return reach == Reach::cut ? fail_cut(call_, Format::jxl, file_) : call_.fail_with_note("corrupt", what);
}

void Inspection::keep(const Box& box) {
  if (box.is("jbrd")) has_jpeg_ = true;
  if (box.is("jxll") && !box.compressed && !box.contents.empty() && !level_) level_ = box.contents[0];
  if (box.is("Exif") && !exif_) exif_ = box;
  if (box.is("xml ") && !xmp_) xmp_ = box;
  if (box.is("jhgm") && !gain_map_) gain_map_ = box;
  if (box.is("jumb") && jumbf_.size() < kMostParts) jumbf_.push_back(box);
}

void Inspection::describe_box(const Box& box) {
  Json json = json_.item(boxes_);
  json.text("type", box.type)
      .integer("offset", box.offset)
      .integer("bytes", box.size)
      .boolean("compressed", box.compressed)
      .boolean("complete", box.complete);
  if (box.is("jxlp") && box.contents.size() >= 4) {
    const uint8_t* p = box.contents.data();
    const uint32_t index = static_cast<uint32_t>(p[0] & 0x7F) << 24 | static_cast<uint32_t>(p[1]) << 16 |
                           static_cast<uint32_t>(p[2]) << 8 | p[3];
    json.integer("index", uint64_t{index}).boolean("is_last", (p[0] & 0x80) != 0);
  }
  if (box.is("jxll") && !box.contents.empty()) json.integer("level", uint64_t{box.contents[0]});
}

bool Inspection::walk_boxes() {
  boxes_ = json_.array("boxes");
  const bool container = has_boxes(file_);
  json_.boolean("container", container);
  if (!container) return true;
  BoxReader reader(file_);
  for (Box box; reader.next(&box); ++box_count_) {
    if (box_count_ < kMostParts) describe_box(box);
    keep(box);
  }
  if (reader.fault() != nullptr) {
    return call_.fail_input("corrupt", "image", "the JPEG XL file is damaged: %s", reader.fault());
  }
  trailing_ = reader.trailing();
  complete_ = reader.ended() && (!reader.cut() || (trailing_ != 0 && !prefix_));
  return true;
}

void Inspection::describe_channels() {
  yyjson_mut_val* channels = json_.array("extra_channels");
  for (const jxl::ExtraChannelInfo& info : codestream_->metadata().m.extra_channel_info) {
    Json item = json_.item(channels);
    const auto type = static_cast<JxlExtraChannelType>(info.type);
    item.text("type", name_of(type))
        .text("name", info.name)
        .integer("bits_per_sample", uint64_t{info.bit_depth.bits_per_sample})
        .integer("exponent_bits", uint64_t{info.bit_depth.exponent_bits_per_sample})
        .integer("dim_shift", uint64_t{info.dim_shift});
    if (type == JXL_CHANNEL_ALPHA) item.boolean("premultiplied", info.alpha_associated);
    if (type == JXL_CHANNEL_CFA) item.integer("cfa_channel", uint64_t{info.cfa_channel});
    if (type != JXL_CHANNEL_SPOT_COLOR) continue;
    yyjson_mut_val* spot = item.array("spot");
    for (const float value : info.spot_color) item.decimal(spot, value);
  }
}

void Inspection::describe_image() {
  const jxl::CodecMetadata& metadata = codestream_->metadata();
  const jxl::ImageMetadata& m = metadata.m;
  const bool grey = m.color_encoding.GetColorSpace() == jxl::ColorSpace::kGray;
  json_.integer("width", uint64_t{metadata.oriented_xsize(false)})
      .integer("height", uint64_t{metadata.oriented_ysize(false)})
      .integer("bits_per_sample", uint64_t{m.bit_depth.bits_per_sample})
      .integer("exponent_bits", uint64_t{m.bit_depth.exponent_bits_per_sample})
      .integer("colour_channels", uint64_t{grey ? 1U : 3U})
      .integer("orientation", uint64_t{m.orientation})
      .number("intensity_target", m.IntensityTarget())
      .boolean("xyb", m.xyb_encoded)
      .boolean("jpeg_reconstruction", has_jpeg_)
      .integer("level", level_);
  json_.object("tone_mapping")
      .number("min_nits", m.tone_mapping.min_nits)
      .number("linear_below", m.tone_mapping.linear_below)
      .boolean("relative_to_max_display", m.tone_mapping.relative_to_max_display);
  if (m.have_intrinsic_size) {
    json_.object("intrinsic_size")
        .integer("width", uint64_t{m.intrinsic_size.xsize()})
        .integer("height", uint64_t{m.intrinsic_size.ysize()});
  } else {
    json_.null("intrinsic_size");
  }
  if (m.have_animation) {
    const double ticks = m.animation.tps_numerator;
    json_.object("animation")
        .number("ticks_per_second", ticks / std::max(1U, m.animation.tps_denominator))
        .integer("loops", uint64_t{m.animation.num_loops});
  } else {
    json_.null("animation");
  }
  if (m.have_preview) {
    json_.object("preview")
        .integer("width", uint64_t{metadata.oriented_preview_xsize(false)})
        .integer("height", uint64_t{metadata.oriented_preview_ysize(false)});
  } else {
    json_.null("preview");
  }
}

bool Inspection::describe_header() {
  Bytes codestream;
  if (!gather_codestream(file_, &joined_, &codestream)) {
    return call_.fail("memory_limit", "the codestream does not fit the call's memory ceiling");
  }
  codestream_.emplace(codestream);
  const Reach reach = codestream_->read_header();
  if (reach == Reach::cut) {
    return call_.fail_input("truncated", "image", "these %zu bytes end before the image's header does",
                            file_.size());
  }
  if (reach == Reach::corrupt) return fail(reach, "the image header cannot be read");
  const jxl::CodecMetadata& metadata = codestream_->metadata();
  if (!check_limits(call_, metadata.xsize(), metadata.ysize(), 1)) return false;
  describe_image();
  describe_channels();
  return true;
}

bool Inspection::describe_profile() {
  const Reach reach = codestream_->read_profile();
  if (reach == Reach::corrupt || (reach == Reach::cut && !prefix_)) {
    return fail(reach, "the colour profile cannot be read");
  }
  const bool embedded = codestream_->has_embedded_icc();
  const JxlColorEncoding encoding = codestream_->metadata().m.color_encoding.ToExternal();
  std::optional<uint64_t> size;
  if (reach == Reach::whole) size = codestream_->icc().size();
  describe_colour(json_.object("colour"), embedded ? nullptr : &encoding, size, embedded);
  if (reach == Reach::cut) complete_ = false;
  return !contents_ || give(call_, "icc", codestream_->icc());
}

bool Inspection::add_frame(const CodestreamFrame& frame) {
  const jxl::ImageMetadata& m = codestream_->metadata().m;
  describe_frame(json_.item(headers_), frame, m);
  if (frame.displayed()) {
    ++displayed_;
    json_.item(frames_).number("duration", seconds_of(frame.header, m)).text("name", frame.header.name);
  }
  ++frame_count_;
  // A displayed frame may have others that only serve it: DC frames, patches, layers.
  const uint64_t counted = std::max(displayed_, frame_count_ / 8);
  return check_limits(call_, codestream_->metadata().xsize(), codestream_->metadata().ysize(), counted);
}

bool Inspection::describe_frames() {
  frames_ = json_.array("frames");
  headers_ = json_.array("codestream_frames");
  // What the profile did not leave whole has no frames.
  if (!complete_ && codestream_->icc().empty() && codestream_->has_embedded_icc()) return true;
  bool allowed = true;
  const Reach reach = codestream_->read_frames([&](const CodestreamFrame& frame) {
    allowed = add_frame(frame);
    return allowed;
  });
  if (!allowed) return false;
  if (reach == Reach::corrupt) return fail(reach, "a frame header cannot be read");
  if (reach == Reach::cut) complete_ = false;
  if (!has_boxes(file_) && reach == Reach::whole) trailing_ = file_.size() - codestream_->position();
  return complete_ || prefix_ || fail(Reach::cut, "");
}

bool Inspection::add_exif() {
  if (!exif_) return metadata_->null("exif"), true;
  Buffer content;
  bool whole = false;
  if (!open_box(call_, *exif_, contents_ ? kAll : kLook, &content, &whole)) return false;
  // The box begins with the distance to the TIFF header (ISO/IEC 18181-2, 9.3.2).
  Bytes tiff(content.data(), content.size());
  uint64_t skip = 4;
  if (tiff.size() >= 4) {
    for (size_t i = 0; i < 4; ++i) skip += static_cast<uint64_t>(tiff[i]) << (24 - 8 * i);
  }
  tiff = tiff.subspan(static_cast<size_t>(std::min<uint64_t>(skip, tiff.size())));
  std::optional<uint64_t> size;
  if (whole) size = tiff.size();
  if (!whole && !exif_->compressed) {
    const uint64_t stored = exif_->size - 8;
    size = stored > skip ? stored - skip : 0;
  }
  describe_exif(metadata_->object("exif"), tiff, size);
  return !contents_ || !whole || give(call_, "exif", tiff);
}

bool Inspection::add_xmp() {
  if (!xmp_) return metadata_->null("xmp"), true;
  Buffer content;
  bool whole = false;
  if (!open_box(call_, *xmp_, contents_ ? kAll : kLook, &content, &whole)) return false;
  std::optional<uint64_t> size;
  if (whole) size = content.size();
  if (!whole && !xmp_->compressed) size = xmp_->size - 8;
  metadata_->object("xmp").integer("bytes", size);
  return !contents_ || !whole || give(call_, "xmp", {content.data(), content.size()});
}

bool Inspection::add_jumbf() {
  metadata_->integer("jumbf", uint64_t{jumbf_.size()});
  for (const Box& box : jumbf_) {
    if (!contents_ || !box.complete) continue;
    Buffer content;
    bool whole = false;
    if (!open_box(call_, box, kAll, &content, &whole)) return false;
    if (whole && content.size() > 0) call_.output("jumbf", std::move(content));
  }
  return true;
}

bool Inspection::add_gain_map() {
  if (!gain_map_ || (prefix_ && !gain_map_->complete)) return metadata_->null("gain_map"), true;
  Buffer content;
  bool whole = false;
  if (!open_box(call_, *gain_map_, kAll, &content, &whole)) return false;
  const Bytes bundle(content.data(), content.size());
  clear_notes();
  if (!describe_gain_map(metadata_->object("gain_map"), bundle)) {
    return call_.fail_input("corrupt", "image", "the gain map box at byte %llu is damaged",
                            gain_map_->offset);
  }
  return !contents_ || !whole || give(call_, "gain_map", bundle);
}

bool Inspection::describe_metadata() {
  metadata_ = json_.object("metadata");
  return add_exif() && add_xmp() && add_jumbf() && add_gain_map();
}

bool Inspection::run() {
  const FaultScope scope("corrupt");
  clear_notes();
  if (!walk_boxes() || !describe_header() || !describe_profile() || !describe_frames() ||
      !describe_metadata()) {
    return false;
  }
  json_.boolean("complete", complete_).integer("trailing_bytes", trailing_);
  if (box_count_ > kMostParts) json_.integer("more_boxes", box_count_ - kMostParts);
  return true;
}

}  // namespace

bool inspect_jxl(Call& call, Bytes bytes, Json json) { return Inspection(call, bytes, json).run(); }

}  // namespace eitherside
