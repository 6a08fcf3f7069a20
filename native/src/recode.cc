#include "recode.h"

#include "jxl_boxes.h"

namespace eitherside {
namespace {

constexpr uint64_t kMostOfBox = 256U << 20;

// Boxes that the encoder writes itself (ISO/IEC 18181-2, 9).
bool is_structure(const Box& box) {
  for (const char* type : {"JXL ", "ftyp", "jxll", "jxlc", "jxlp", "jxli", "jbrd"}) {
    if (box.is(type)) return true;
  }
  return false;
}

bool is_own(const Box& box) { return box.is("Exif") || box.is("xml ") || box.is("jumb"); }

void file_away(const Box& box, Bytes content, MetadataInput* metadata) {
  if (box.is("Exif")) {
    // The first four bytes are the offset of the TIFF header.
    if (metadata->exif.empty() && content.size() > 4) metadata->exif = content.subspan(4);
  } else if (box.is("xml ") && metadata->xmp.empty()) {
    metadata->xmp = content;
  } else if (box.is("jumb")) {
    metadata->jumbf.push_back(content);
  } else if (box.is("jhgm") && metadata->gain_map.empty()) {
    metadata->gain_map = content;
  } else {
    metadata->others.emplace_back(box.type, content);
  }
}

}  // namespace

ImageInput image_of(const JxlFacts& facts, JxlDataType type) {
  ImageInput image;
  image.info = facts.info;
  image.info.have_preview = JXL_FALSE;
  image.encoding = facts.encoding;
  if (!facts.has_encoding) image.icc = facts.icc;
  for (const ExtraChannelFacts& channel : facts.extra_channels) {
    image.extra_channels.push_back({channel.info, channel.name});
    // The samples have the image's size, and the encoder could reduce all channels alike only.
    image.extra_channels.back().info.dim_shift = 0;
  }
  if (type == JXL_TYPE_UINT8 || type == JXL_TYPE_UINT16) image.depth.type = JXL_BIT_DEPTH_FROM_CODESTREAM;
  return image;
}

FrameInput input_of(const Frame& frame, const JxlPixelFormat& format, const std::vector<uint32_t>& extra,
                    size_t channels) {
  FrameInput input;
  input.header = frame.facts.header;
  input.name = frame.facts.name;
  input.extra_blend = frame.facts.extra_blend;
  input.width = frame.width;
  input.height = frame.height;
  input.colour = {format, {frame.samples.data(), frame.samples.size()}};
  JxlPixelFormat single = format;
  single.num_channels = 1;
  input.extra.resize(channels);
  for (size_t i = 0; i < extra.size(); ++i) {
    input.extra[extra[i]] = {single, {frame.extra[i].data(), frame.extra[i].size()}};
  }
  input.last = frame.facts.header.is_last == JXL_TRUE;
  return input;
}

bool BoxesOfFile::read(Call& call, Bytes file, bool with_own) {
  if (!has_boxes(file)) return true;
  BoxReader reader(file);
  for (Box box; reader.next(&box);) {
    if (is_structure(box) || (!with_own && is_own(box))) continue;
    Buffer content;
    bool whole = true;
    if (!open_box(call, box, kMostOfBox, &content, &whole)) return false;
    if (!whole) {
      return call.fail_input("too_large", "image", "a '%s' box has more than %llu bytes", box.type.c_str(),
                             static_cast<unsigned long long>(kMostOfBox));
    }
    contents_.push_back(std::move(content));
    file_away(box, {contents_.back().data(), contents_.back().size()}, &metadata_);
  }
  return true;
}

bool Recoder::open() {
  JxlReader look(call_, file_);
  if (!look.read_facts()) return false;
  facts_ = look.facts();
  return !keep_metadata_ || boxes_.read(call_, file_, true);
}

PixelRequest Recoder::pixels() const {
  PixelRequest request;
  // Floats hold every depth; integers are the same for less memory where one depth is that of all.
  // Layers, in floats again, may hold what is beyond 0 and 1 before they are blended.
  request.automatic_type = request.codestream_depth = !has_layers_ && has_one_depth(facts_);
  if (!request.automatic_type) request.format.data_type = JXL_TYPE_FLOAT;
  request.keep_orientation = true;
  request.render_spot = false;
  request.extra = {"*"};
  request.coalesce = false;
  return request;
}

bool Recoder::write(const EncodeRequest& request, Buffer* file) {
  const bool knew = has_layers_;
  if (write_frames(request, file)) return true;
  // Only now it is known that there are layers.
  return has_layers_ && !knew && write_frames(request, file);
}

bool Recoder::write_frames(const EncodeRequest& request, Buffer* file) {
  JxlWriter writer(call_, request);
  JxlReader reader(call_, file_);
  bool ended = false;
  frames_ = 0;
  const bool read = reader.read_frames(pixels(), [&](Frame&& frame) {
    const FrameInput input =
        input_of(frame, reader.format(), reader.extra(), reader.facts().extra_channels.size());
    if (!input.last && !has_layers_) {
      has_layers_ = true;
      return false;
    }
    if (frames_++ == 0 &&
        (!writer.start() || !writer.set_image(image_of(reader.facts(), reader.format().data_type)) ||
         !writer.add_metadata(boxes_.metadata()))) {
      return false;
    }
    ended = input.last;
    return writer.add_frame(input);
  });
  if (!read) return false;
  if (!ended) return call_.fail_input("corrupt", "image", "the file has no last frame");
  return writer.finish(file);
}

}  // namespace eitherside
