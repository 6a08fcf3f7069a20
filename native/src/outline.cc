#include <algorithm>

#include "codestream.h"
#include "fault.h"
#include "formats.h"
#include "jxl_boxes.h"
#include "structure.h"

namespace eitherside {
namespace {

// Critical chunks have a capital first letter; APNG's are not critical, but frames depend on them.
bool carries_pixels(const PngChunk& chunk) {
  return chunk.type[0] <= 'Z' || chunk.is("acTL") || chunk.is("fcTL") || chunk.is("fdAT");
}

uint32_t channels_of_png(uint8_t colour_type) {
  return ((colour_type & 2) != 0 ? 3U : 1U) + ((colour_type & 4) != 0 ? 1U : 0U);
}

Outline outline_of_png(Bytes bytes, bool checksums) {
  Outline outline;
  uint64_t frames = 0;
  PngReader reader(bytes);
  for (PngChunk chunk; reader.next(&chunk);) {
    if (checksums && outline.damaged_at == 0 && chunk.complete && carries_pixels(chunk) && !chunk.sound()) {
      outline.damaged_at = chunk.offset;
    }
    const Bytes content = chunk.content;
    if (chunk.is("IHDR") && content.size() >= 10) {
      outline.width = big32(&content[0]);
      outline.height = big32(&content[4]);
      // A palette holds samples of 8 bits.
      outline.bits_per_sample = content[9] == 3 ? 8 : content[8];
      outline.channels = channels_of_png(content[9]);
    } else if (chunk.is("acTL")) {
      outline.animation = true;
      if (content.size() >= 4) outline.announced_frames = big32(&content[0]);
    } else if (chunk.is("fcTL") && chunk.complete) {
      ++frames;
    }
  }
  outline.complete = reader.ended();
  outline.frames = std::max<uint64_t>(frames, 1);
  return outline;
}

Outline outline_of_gif(Bytes bytes) {
  Outline outline;
  outline.frames = 0;
  outline.complete = false;
  if (bytes.size() < 13) return outline;
  outline.width = little16(&bytes[6]);
  outline.height = little16(&bytes[8]);
  outline.channels = 3;
  outline.bits_per_sample = 8;
  GifReader reader(bytes);
  for (GifBlock block; reader.next(&block);) {
    if (std::string_view(block.type) == "image") ++outline.frames;
  }
  outline.animation = outline.frames > 1;
  outline.complete = reader.ended();
  return outline;
}

Outline outline_of_jpeg(Bytes bytes) {
  Outline outline;
  outline.lossy = true;
  JpegReader reader(bytes);
  for (JpegSegment segment; reader.next(&segment);) {
    if (!segment.is_frame_header() || segment.content.size() < 6 || outline.width != 0) continue;
    outline.bits_per_sample = segment.content[0];
    outline.height = big16(&segment.content[1]);
    outline.width = big16(&segment.content[3]);
    outline.channels = segment.content[5];
  }
  outline.complete = reader.ended();
  return outline;
}

Outline outline_of_pnm(Bytes bytes) {
  const PnmHeader header = read_pnm_header(bytes);
  Outline outline;
  outline.width = header.width;
  outline.height = header.height;
  outline.channels = header.channels;
  outline.bits_per_sample = header.bits_per_sample;
  outline.complete = header.size <= bytes.size();
  return outline;
}

}  // namespace

Outline outline_of(Format format, Bytes bytes, bool checksums) {
  switch (format) {
    case Format::png:
    case Format::apng:
      return outline_of_png(bytes, checksums);
    case Format::gif:
      return outline_of_gif(bytes);
    case Format::jpeg:
      return outline_of_jpeg(bytes);
    case Format::pnm:
    case Format::pfm:
      return outline_of_pnm(bytes);
    default:
      return {};
  }
}

bool outline_of_jxl(Call& call, Bytes bytes, Outline* outline) {
  const FaultScope scope("corrupt");
  clear_notes();
  bool has_jpeg = false;
  if (has_boxes(bytes)) {
    BoxReader reader(bytes);
    for (Box box; reader.next(&box);) has_jpeg = has_jpeg || box.is("jbrd");
    if (reader.fault() != nullptr) {
      return call.fail_input("corrupt", "image", "the JPEG XL file is damaged: %s", reader.fault());
    }
  }
  Buffer joined;
  Bytes pieces;
  if (!gather_codestream(bytes, &joined, &pieces)) {
    return call.fail("memory_limit", "the codestream does not fit the call's memory ceiling");
  }
  Codestream codestream(pieces);
  const Reach reach = codestream.read_header();
  if (reach == Reach::corrupt) return call.fail_with_note("corrupt", "the image header cannot be read");
  if (reach == Reach::cut) {
    return call.fail_input("truncated", "image", "these %zu bytes end before the image's size is told",
                           bytes.size());
  }
  const jxl::CodecMetadata& metadata = codestream.metadata();
  const bool grey = metadata.m.color_encoding.GetColorSpace() == jxl::ColorSpace::kGray;
  outline->width = metadata.oriented_xsize(false);
  outline->height = metadata.oriented_ysize(false);
  outline->animation = metadata.m.have_animation;
  outline->frames = outline->animation ? 0 : 1;
  outline->channels = (grey ? 1 : 3) + (metadata.m.HasAlpha() ? 1 : 0);
  outline->bits_per_sample = metadata.m.bit_depth.bits_per_sample;
  outline->lossy = metadata.m.xyb_encoded || has_jpeg;
  // Reconstruction data stands before the first frame.
  bool reached_frame = false;
  if (codestream.read_profile() == Reach::whole) {
    codestream.read_frames([&](const CodestreamFrame&) {
      reached_frame = true;
      return false;
    });
  }
  outline->has_jpeg.reset();
  if (has_jpeg || reached_frame) outline->has_jpeg = has_jpeg;
  return true;
}

}  // namespace eitherside
