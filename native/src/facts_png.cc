#include <jxl/encode.h>
#include <string.h>
#include <zlib.h>

#include <algorithm>

#include "picture_facts.h"

namespace eitherside {
namespace {

// Compressed text and profiles are looked at up to this size.
constexpr size_t kMostInflated = size_t{64} << 20;
constexpr size_t kMostTexts = 256;

// False where the data are damaged or too large.
bool inflate_all(Bytes bytes, std::vector<uint8_t>* out) {
  z_stream stream = {};
  if (inflateInit(&stream) != Z_OK) return false;
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  const size_t most = static_cast<size_t>(std::min<uint64_t>(kMostInflated, memory_left() / 4));
  int status = Z_OK;
  while (status == Z_OK && out->size() < most) {
    const size_t used = out->size();
    out->resize(std::min(most, std::max<size_t>(4096, 2 * used)));
    stream.next_out = out->data() + used;
    stream.avail_out = static_cast<uInt>(out->size() - used);
    status = inflate(&stream, Z_NO_FLUSH);
    out->resize(out->size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

double hundred_thousandths(const uint8_t* p) { return static_cast<int32_t>(big32(p)) * 1e-5; }

// What a chunk of text holds (https://www.w3.org/TR/png-3/#11textinfo).
struct Text {
  std::string_view keyword;
  Bytes value;
  bool compressed = false;
};

bool skip_string(Bytes* bytes) {
  const auto end = std::find(bytes->begin(), bytes->end(), 0);
  if (end == bytes->end()) return false;
  *bytes = bytes->subspan(static_cast<size_t>(end - bytes->begin()) + 1);
  return true;
}

bool read_text(const PngChunk& chunk, Text* text) {
  Bytes rest = chunk.content;
  if (!skip_string(&rest)) return false;
  text->keyword = as_text(chunk.content).substr(0, chunk.content.size() - rest.size() - 1);
  text->compressed = chunk.is("zTXt");
  if (chunk.is("zTXt")) {
    if (rest.empty()) return false;
    rest = rest.subspan(1);
  } else if (chunk.is("iTXt")) {
    if (rest.size() < 2) return false;
    text->compressed = rest[0] == 1;
    rest = rest.subspan(2);
    if (!skip_string(&rest) || !skip_string(&rest)) return false;
  }
  text->value = rest;
  return true;
}

// Whose word on the colours counts: that of cICP, then of iCCP or sRGB, then of gAMA and cHRM.
enum class Authority { none, gamma, profile, cicp };

class Reading {
 public:
  Reading(Bytes bytes, uint64_t most_frames, PictureFacts* facts, Json json)
      : bytes_(bytes), most_frames_(most_frames), facts_(*facts), json_(json) {}

  void run();

 private:
  void read(const PngChunk& chunk);
  void read_header(Bytes content);
  void read_colour(const PngChunk& chunk);
  void read_cicp(Bytes content);
  void read_profile(Bytes content);
  void read_chromaticities(Bytes content);
  void read_text_chunk(const PngChunk& chunk);
  void read_animation(const PngChunk& chunk);

  Bytes bytes_;
  uint64_t most_frames_;
  PictureFacts& facts_;
  Json json_;
  yyjson_mut_val* texts_ = nullptr;
  size_t text_count_ = 0;
  uint64_t palette_ = 0;
  uint8_t colour_type_ = 0;
  Authority authority_ = Authority::none;
};

void Reading::read_header(Bytes content) {
  static constexpr const char* kTypes[] = {"grey", "", "rgb", "palette", "grey_alpha", "", "rgb_alpha", ""};
  if (content.size() < 13) return;
  colour_type_ = content[9];
  facts_.width = big32(&content[0]);
  facts_.height = big32(&content[4]);
  facts_.bits_per_sample = colour_type_ == 3 ? 8 : content[8];
  facts_.colour_channels = (colour_type_ & 2) != 0 ? 3 : 1;
  facts_.alpha = (colour_type_ & 4) != 0;
  JxlColorEncodingSetToSRGB(&facts_.encoding, facts_.colour_channels == 1 ? JXL_TRUE : JXL_FALSE);
  json_.text("colour_type", kTypes[colour_type_ & 7])
      .integer("bits_stored", uint64_t{content[8]})
      .boolean("interlaced", content[12] != 0);
}

// ITU-T H.273; of its many numbers those that JPEG XL has names for.
void Reading::read_cicp(Bytes content) {
  if (content.size() != 4 || content[2] != 0 || content[3] != 1) return;
  JxlColorEncoding& e = facts_.encoding;
  const uint8_t primaries = content[0];
  e.white_point = primaries == 11 ? JXL_WHITE_POINT_DCI : JXL_WHITE_POINT_D65;
  e.primaries = JXL_PRIMARIES_CUSTOM;
  if (primaries == 1) e.primaries = JXL_PRIMARIES_SRGB;
  if (primaries == 9) e.primaries = JXL_PRIMARIES_2100;
  if (primaries == 11 || primaries == 12) e.primaries = JXL_PRIMARIES_P3;
  const uint8_t transfer = content[1];
  e.transfer_function = JXL_TRANSFER_FUNCTION_UNKNOWN;
  if (transfer == 1 || transfer == 6 || transfer == 14 || transfer == 15) {
    e.transfer_function = JXL_TRANSFER_FUNCTION_709;
  } else if (transfer == 8 || transfer == 13 || (transfer >= 16 && transfer <= 18)) {
    e.transfer_function = static_cast<JxlTransferFunction>(transfer);
  } else if (transfer == 4 || transfer == 5) {
    e.transfer_function = JXL_TRANSFER_FUNCTION_GAMMA;
    e.gamma = transfer == 4 ? 1 / 2.2 : 1 / 2.8;
  }
  e.rendering_intent = JXL_RENDERING_INTENT_RELATIVE;
  facts_.has_icc = false;
  facts_.icc.clear();
  authority_ = Authority::cicp;
}

void Reading::read_profile(Bytes content) {
  if (!skip_string(&content) || content.empty()) return;
  facts_.has_icc = true;
  authority_ = Authority::profile;
  std::vector<uint8_t> icc;
  if (!inflate_all(content.subspan(1), &icc)) return;
  facts_.icc_bytes = icc.size();
  facts_.icc = std::move(icc);
}

void Reading::read_chromaticities(Bytes content) {
  if (content.size() != 32) return;
  JxlColorEncoding& e = facts_.encoding;
  e.white_point = JXL_WHITE_POINT_CUSTOM;
  e.primaries = JXL_PRIMARIES_CUSTOM;
  double* const points[] = {e.white_point_xy, e.primaries_red_xy, e.primaries_green_xy, e.primaries_blue_xy};
  for (size_t i = 0; i < 8; ++i) points[i / 2][i % 2] = hundred_thousandths(&content[4 * i]);
  authority_ = Authority::gamma;
}

void Reading::read_colour(const PngChunk& chunk) {
  const Bytes content = chunk.content;
  if (chunk.is("cICP")) {
    read_cicp(content);
  } else if (chunk.is("iCCP") && authority_ < Authority::profile) {
    read_profile(content);
  } else if (chunk.is("sRGB") && authority_ < Authority::profile && content.size() == 1 && content[0] < 4) {
    JxlColorEncodingSetToSRGB(&facts_.encoding, facts_.colour_channels == 1 ? JXL_TRUE : JXL_FALSE);
    facts_.encoding.rendering_intent = static_cast<JxlRenderingIntent>(content[0]);
    authority_ = Authority::profile;
  } else if (chunk.is("gAMA") && authority_ <= Authority::gamma && content.size() == 4) {
    facts_.encoding.transfer_function = JXL_TRANSFER_FUNCTION_GAMMA;
    facts_.encoding.gamma = hundred_thousandths(&content[0]);
    authority_ = Authority::gamma;
  } else if (chunk.is("cHRM") && authority_ <= Authority::gamma) {
    read_chromaticities(content);
  } else if ((chunk.is("cLLi") || chunk.is("cLLI")) && content.size() == 8) {
    facts_.intensity_target = static_cast<float>(big32(&content[0])) / 10000.0F;
  } else if (chunk.is("sBIT") && !content.empty()) {
    const size_t colours = std::min<size_t>(facts_.colour_channels, content.size());
    facts_.bits_per_sample = *std::max_element(content.begin(), content.begin() + colours);
  }
}

void Reading::read_text_chunk(const PngChunk& chunk) {
  Text text;
  if (!read_text(chunk, &text)) return;
  if (text_count_++ < kMostTexts) {
    json_.item(texts_)
        .text("keyword", text.keyword)
        .integer("bytes", uint64_t{text.value.size()})
        .boolean("compressed", text.compressed);
  }
  if (text.keyword != "XML:com.adobe.xmp" || facts_.has_xmp) return;
  facts_.has_xmp = true;
  if (!text.compressed) {
    facts_.xmp.assign(text.value.begin(), text.value.end());
  } else if (!inflate_all(text.value, &facts_.xmp)) {
    facts_.xmp.clear();
    return;
  }
  facts_.xmp_bytes = facts_.xmp.size();
}

// https://www.w3.org/TR/png-3/#apng-frame-based-animation
void Reading::read_animation(const PngChunk& chunk) {
  const Bytes content = chunk.content;
  if (chunk.is("acTL") && content.size() >= 8) {
    facts_.animated = true;
    facts_.loops = big32(&content[4]);
  }
  if (chunk.is("fcTL") && content.size() >= 24 && facts_.durations.size() <= most_frames_) {
    const uint32_t divisor = big16(&content[22]);
    facts_.durations.push_back(static_cast<double>(big16(&content[20])) / (divisor == 0 ? 100 : divisor));
  }
}

void Reading::read(const PngChunk& chunk) {
  if (chunk.is("IHDR")) return read_header(chunk.content);
  if (chunk.is("PLTE")) palette_ = chunk.content.size() / 3;
  if (chunk.is("tRNS")) facts_.alpha = true;
  if (chunk.is("eXIf") && !facts_.has_exif) {
    facts_.has_exif = true;
    facts_.exif = chunk.content;
  }
  read_colour(chunk);
  read_animation(chunk);
  if (chunk.is("tEXt") || chunk.is("zTXt") || chunk.is("iTXt")) read_text_chunk(chunk);
}

void Reading::run() {
  texts_ = json_.array("text");
  PngReader reader(bytes_);
  for (PngChunk chunk; reader.next(&chunk);) {
    facts_.add_part({std::string(chunk.type), chunk.offset, chunk.size, chunk.complete, "", 1});
    if (chunk.complete) read(chunk);
  }
  json_.integer("palette", palette_);
  if (facts_.durations.empty()) facts_.durations = {0};
  if (facts_.encoding.transfer_function != JXL_TRANSFER_FUNCTION_PQ) facts_.intensity_target = 0;
  facts_.complete = reader.ended();
  facts_.trailing = facts_.complete ? bytes_.size() - reader.position() : 0;
}

}  // namespace

void read_png_facts(Bytes bytes, uint64_t most_frames, PictureFacts* facts, Json json) {
  Reading(bytes, most_frames, facts, json.object("png")).run();
}

}  // namespace eitherside
