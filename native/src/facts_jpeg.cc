#include <jxl/encode.h>

#include <algorithm>
#include <map>

#include "picture_facts.h"

namespace eitherside {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);
constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr std::string_view kExtendedXmp("http://ns.adobe.com/xmp/extension/\0", 35);
constexpr std::string_view kIcc("ICC_PROFILE\0", 12);
constexpr std::string_view kJfif("JFIF\0", 5);
constexpr std::string_view kAdobe("Adobe", 5);
constexpr std::string_view kPhotoshop("Photoshop 3.0\0", 14);
constexpr std::string_view kMpf("MPF\0", 4);

struct Component {
  uint32_t id;
  uint32_t horizontal;
  uint32_t vertical;
};

// One reading of a JPEG file's segments.
class Reading {
 public:
  Reading(Bytes bytes, PictureFacts* facts) : bytes_(bytes), facts_(*facts) {}

  void run();
  void describe(Json json) const;

 private:
  void read_frame_header(const JpegSegment& segment);
  std::string read_application(const JpegSegment& segment);
  std::string read(const JpegSegment& segment);
  void join_profile();
  std::string subsampling() const;

  Bytes bytes_;
  PictureFacts& facts_;
  uint8_t frame_marker_ = 0;
  std::vector<Component> components_;
  uint64_t scans_ = 0;
  uint64_t restart_interval_ = 0;
  bool jfif_ = false;
  std::optional<uint64_t> adobe_transform_;
  // By their number; the standard counts from 1.
  std::map<uint8_t, Bytes> profile_;
  uint8_t profile_pieces_ = 0;
};

void Reading::read_frame_header(const JpegSegment& segment) {
  const Bytes content = segment.content;
  if (frame_marker_ != 0 || content.size() < 6) return;
  frame_marker_ = segment.marker;
  facts_.bits_per_sample = content[0];
  facts_.height = big16(&content[1]);
  facts_.width = big16(&content[3]);
  for (size_t i = 6; i + 3 <= content.size() && components_.size() < content[5]; i += 3) {
    components_.push_back({content[i], static_cast<uint32_t>(content[i + 1] >> 4), content[i + 1] & 15U});
  }
  facts_.colour_channels = content[5];
}

std::string Reading::read_application(const JpegSegment& segment) {
  Bytes rest;
  if (segment.marker == 0xE0 && segment.named(kJfif, &rest)) {
    jfif_ = true;
    return "JFIF";
  }
  if (segment.marker == 0xE1 && segment.named(kExif, &rest)) {
    if (!facts_.has_exif) facts_.exif = rest;
    facts_.has_exif = true;
    return "Exif";
  }
  if (segment.marker == 0xE1 && segment.named(kXmp, &rest)) {
    if (!facts_.has_xmp) {
      facts_.xmp.assign(rest.begin(), rest.end());
      facts_.xmp_bytes = rest.size();
    }
    facts_.has_xmp = true;
    return "XMP";
  }
  if (segment.marker == 0xE1 && segment.named(kExtendedXmp, &rest)) return "extended XMP";
  if (segment.marker == 0xE2 && segment.named(kIcc, &rest) && rest.size() >= 2) {
    profile_.try_emplace(rest[0], rest.subspan(2));
    profile_pieces_ = rest[1];
    return "ICC profile";
  }
  if (segment.marker == 0xE2 && segment.named(kMpf, &rest)) return "multi-picture format";
  if (segment.marker == 0xED && segment.named(kPhotoshop, &rest)) return "Photoshop";
  if (segment.marker == 0xEE && segment.named(kAdobe, &rest) && rest.size() >= 7) {
    adobe_transform_ = rest[6];
    return "Adobe";
  }
  return "";
}

std::string Reading::read(const JpegSegment& segment) {
  if (segment.is_frame_header()) read_frame_header(segment);
  if (segment.marker == 0xDA) ++scans_;
  if (segment.marker == 0xDD && segment.content.size() >= 2) restart_interval_ = big16(&segment.content[0]);
  return segment.complete ? read_application(segment) : "";
}

void Reading::join_profile() {
  if (profile_.empty()) return;
  if (profile_.size() != profile_pieces_ || profile_.begin()->first != 1 ||
      profile_.rbegin()->first != profile_pieces_) {
    // Readers do without a profile that lacks a piece.
    return;
  }
  for (const auto& [number, piece] : profile_) {
    facts_.icc.insert(facts_.icc.end(), piece.begin(), piece.end());
  }
  facts_.has_icc = true;
  facts_.icc_bytes = facts_.icc.size();
}

void Reading::run() {
  JpegReader reader(bytes_);
  for (JpegSegment segment; reader.next(&segment);) {
    const std::string what = read(segment);
    facts_.add_part(
        {jpeg_marker_name(segment.marker), segment.offset, segment.size, segment.complete, what, 1});
  }
  join_profile();
  JxlColorEncodingSetToSRGB(&facts_.encoding, facts_.colour_channels == 1 ? JXL_TRUE : JXL_FALSE);
  facts_.encoding.rendering_intent = JXL_RENDERING_INTENT_PERCEPTUAL;
  facts_.durations = {0};
  facts_.complete = reader.ended();
  facts_.trailing = facts_.complete ? bytes_.size() - reader.position() : 0;
}

// As J:a:b where there is such a name for the ratio of chroma to luma, else empty.
std::string Reading::subsampling() const {
  if (components_.size() != 3) return "";
  const Component& luma = components_[0];
  const Component& chroma = components_[1];
  if (components_[2].horizontal != chroma.horizontal || components_[2].vertical != chroma.vertical) return "";
  if (chroma.horizontal == 0 || chroma.vertical == 0 || luma.horizontal % chroma.horizontal != 0 ||
      luma.vertical % chroma.vertical != 0) {
    return "";
  }
  const uint32_t across = luma.horizontal / chroma.horizontal;
  const uint32_t down = luma.vertical / chroma.vertical;
  if (down > 2 || across == 3 || across > 4) return "";
  const std::string a = std::to_string(4 / across);
  return "4:" + a + ":" + (down == 2 ? "0" : a);
}

void Reading::describe(Json json) const {
  static constexpr const char* kProcesses[] = {"baseline", "extended", "progressive", "lossless"};
  if (frame_marker_ == 0) {
    json.null("process");
  } else {
    json.text("process", kProcesses[frame_marker_ & 3]);
  }
  json.boolean("arithmetic", (frame_marker_ & 8) != 0)
      .boolean("hierarchical", (frame_marker_ & 7) > 4)
      .integer("scans", scans_)
      .integer("restart_interval", restart_interval_)
      .boolean("jfif", jfif_)
      .integer("adobe_transform", adobe_transform_);
  const std::string ratio = subsampling();
  if (ratio.empty()) {
    json.null("chroma_subsampling");
  } else {
    json.text("chroma_subsampling", ratio);
  }
  yyjson_mut_val* list = json.array("components");
  for (const Component& component : components_) {
    json.item(list)
        .integer("id", uint64_t{component.id})
        .integer("horizontal", uint64_t{component.horizontal})
        .integer("vertical", uint64_t{component.vertical});
  }
}

}  // namespace

void read_jpeg_facts(Bytes bytes, PictureFacts* facts, Json json) {
  Reading reading(bytes, facts);
  reading.run();
  reading.describe(json.object("jpeg"));
}

}  // namespace eitherside
