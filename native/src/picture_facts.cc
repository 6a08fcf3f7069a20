#include "picture_facts.h"

#include <jxl/encode.h>

namespace eitherside {

void PictureFacts::add_part(Part part) {
  // Image data of PNG come in any number of chunks.
  if (!parts.empty() && (part.type == "IDAT" || part.type == "fdAT") && parts.back().type == part.type &&
      parts.back().offset + parts.back().size == part.offset) {
    parts.back().size += part.size;
    parts.back().complete = part.complete;
    ++parts.back().count;
    return;
  }
  if (parts.size() == kMostParts) {
    ++more_parts;
    return;
  }
  parts.push_back(std::move(part));
}

void read_gif_facts(Bytes bytes, uint64_t most_frames, PictureFacts* facts) {
  if (bytes.size() < 13) return;
  facts->width = little16(&bytes[6]);
  facts->height = little16(&bytes[8]);
  facts->ticks_per_second = 100;
  // What no frame covers is transparent; libjxl's extras always read alpha.
  facts->alpha = true;
  // Without a count an animation is played once.
  facts->loops = 1;
  double delay = 0;
  GifReader reader(bytes);
  for (GifBlock block; reader.next(&block);) {
    const std::string_view type = block.type;
    Part part = {block.type, block.offset, block.size, block.complete, "", 1};
    const std::string_view name = as_text(block.content);
    if (type == "application") part.what = name;
    if (type == "graphic_control" && block.content.size() >= 3) delay = little16(&block.content[1]) / 100.0;
    // The sub-block behind the name: a 1 and the number of repetitions, 0 for ever.
    if (type == "application" && name.starts_with("NETSCAPE2.0") && block.size >= 18 && block.complete) {
      const uint32_t repeated = little16(&bytes[block.offset + 16]);
      facts->loops = repeated == 0 ? 0 : repeated + 1;
    }
    if (type == "image" && facts->durations.size() <= most_frames) {
      facts->durations.push_back(delay);
      delay = 0;
    }
    facts->add_part(std::move(part));
  }
  facts->animated = facts->durations.size() > 1;
  facts->complete = reader.ended();
  facts->trailing = facts->complete ? bytes.size() - reader.position() : 0;
}

void read_pnm_facts(Bytes bytes, PictureFacts* facts) {
  const PnmHeader header = read_pnm_header(bytes);
  const bool grey = header.channels < 3;
  facts->width = header.width;
  facts->height = header.height;
  facts->bits_per_sample = header.bits_per_sample;
  facts->exponent_bits = header.is_float ? 8 : 0;
  facts->colour_channels = grey ? 1 : 3;
  facts->alpha = header.has_alpha;
  facts->durations = {0};
  JxlColorEncodingSetToSRGB(&facts->encoding, grey ? JXL_TRUE : JXL_FALSE);
  if (header.header > 0 && header.header <= bytes.size()) {
    const uint64_t samples = header.size - header.header;
    const uint64_t there = std::min<uint64_t>(samples, bytes.size() - header.header);
    facts->add_part({"header", 0, header.header, true, "", 1});
    facts->add_part({"samples", header.header, there, there == samples, "", 1});
  }
  facts->complete = header.size <= bytes.size();
  facts->trailing = facts->complete ? bytes.size() - header.size : 0;
}

}  // namespace eitherside
