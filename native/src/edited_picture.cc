#include "edited_picture.h"

#include <algorithm>

#include "formats.h"
#include "rotation.h"
#include "row_finisher.h"

namespace eitherside {
namespace {

constexpr float kMost8 = 255.0F;
constexpr float kMost16 = 65535.0F;

bool fits_16_bits(uint32_t bits, uint32_t exponent_bits) { return exponent_bits == 0 && bits <= 16; }

bool is_half(uint32_t bits, uint32_t exponent_bits) { return bits == 16 && exponent_bits == 5; }

// Whether 16 bits hold every sample.
bool fits_16_bits(const JxlFacts& facts) {
  return fits_16_bits(facts.info.bits_per_sample, facts.info.exponent_bits_per_sample) &&
         std::all_of(facts.extra_channels.begin(), facts.extra_channels.end(), [](const auto& channel) {
           return fits_16_bits(channel.info.bits_per_sample, channel.info.exponent_bits_per_sample);
         });
}

JxlFrameHeader whole_frame(const FrameFacts& facts) {
  JxlFrameHeader header;
  JxlEncoderInitFrameHeader(&header);
  header.duration = facts.ticks;
  header.timecode = facts.header.timecode;
  header.is_last = facts.header.is_last;
  return header;
}

}  // namespace

bool EditedPicture::open() {
  const JxlBasicInfo& info = stored_.info;
  if (!check_region(call_, "crop", steps_.crop, info.xsize, info.ysize)) return false;
  turned_ = steps_.turned(info.xsize, info.ysize);
  from_ = steps_.swaps_sides() ? Resampler::Size{turned_.height, turned_.width} : turned_;
  to_ = steps_.fitted(turned_);
  return check_limits(call_, to_.width, to_.height, 1);
}

bool EditedPicture::changes_light() const {
  return steps_.gain != 1 || to_.width != turned_.width || to_.height != turned_.height;
}

PixelRequest EditedPicture::request_for_jxl() const {
  PixelRequest request;
  // Floats hold every depth; integers are the same for less memory where one depth is that of all.
  request.codestream_depth = has_one_depth(stored_);
  if (!request.codestream_depth) {
    request.format.data_type = JXL_TYPE_FLOAT;
  } else if (stored_.info.bits_per_sample > 8) {
    request.format.data_type = JXL_TYPE_UINT16;
  }
  request.render_spot = false;
  request.extra = {"*"};
  request.unpremultiply = changes_light();
  // There is no way from light back to CMYK.
  request.srgb = changes_light() && has_black(stored_);
  return request;
}

PixelRequest EditedPicture::decoded_as(const PixelRequest& wanted) const {
  PixelRequest request = wanted;
  request.region = steps_.crop;
  if (!changes_light()) return request;
  request.codestream_depth = false;
  request.format.data_type = fits_16_bits(stored_) ? JXL_TYPE_UINT16 : JXL_TYPE_FLOAT;
  request.format.endianness = JXL_LITTLE_ENDIAN;
  return request;
}

bool EditedPicture::start(const JxlReader& reader, const PixelRequest& wanted) {
  light_.reset();
  format_ = reader.format();
  if (!changes_light()) return true;
  format_.data_type = wanted.format.data_type;
  format_.endianness = wanted.format.endianness;
  const JxlBasicInfo& info = stored_.info;
  float most = format_.data_type == JXL_TYPE_UINT8 ? kMost8 : kMost16;
  if (wanted.codestream_depth) most = static_cast<float>((1U << info.bits_per_sample) - 1);
  Light::Setup setup;
  setup.in = {reader.format(), kMost16};
  setup.out = {format_, most};
  setup.from = turned_;
  setup.to = to_;
  setup.gain = steps_.gain;
  setup.filter = steps_.filter;
  setup.clip = info.exponent_bits_per_sample == 0;
  setup.half_colours = is_half(info.bits_per_sample, info.exponent_bits_per_sample);
  setup.half_alpha = is_half(info.alpha_bits, info.alpha_exponent_bits);
  light_.emplace(call_, setup);
  return light_->start(reader.facts(), reader.intensity_target());
}

void EditedPicture::describe(const JxlReader& reader, const PixelRequest& wanted) {
  facts_ = reader.facts();
  facts_.extra_channels.clear();
  kept_.clear();
  channels_.clear();
  const std::vector<uint32_t>& planes = reader.extra();
  size_t plane = 0;
  for (uint32_t i = 0; i < reader.facts().extra_channels.size(); ++i) {
    ExtraChannelFacts channel = reader.facts().extra_channels[i];
    const bool has_plane = plane < planes.size() && planes[plane] == i;
    if (has_plane) ++plane;
    if (wanted.srgb && channel.info.type == JXL_CHANNEL_BLACK) continue;
    if (has_plane) {
      kept_.push_back(plane - 1);
      channels_.push_back(static_cast<uint32_t>(facts_.extra_channels.size()));
    } else if (wanted.unpremultiply) {
      channel.info.alpha_premultiplied = JXL_FALSE;
    }
    facts_.extra_channels.push_back(std::move(channel));
  }
  JxlBasicInfo& info = facts_.info;
  info.orientation = JXL_ORIENT_IDENTITY;
  info.xsize = info.intrinsic_xsize = static_cast<uint32_t>(to_.width);
  info.ysize = info.intrinsic_ysize = static_cast<uint32_t>(to_.height);
  if (wanted.unpremultiply) info.alpha_premultiplied = JXL_FALSE;
}

bool EditedPicture::turn(size_t bytes, Buffer* samples) {
  return !steps_.turns() ||
         rotate({steps_.quarter_turns, steps_.mirror}, from_.width, from_.height, bytes, samples) ||
         call_.fail("memory_limit", "no memory for a frame");
}

bool EditedPicture::edit(const JxlReader& reader, Frame* frame) {
  const size_t bytes = size_of(reader.format().data_type);
  if (!turn(bytes * reader.format().num_channels, &frame->samples)) return false;
  if (light_.has_value() && !light_->change(&frame->samples)) return false;
  for (size_t i = 0; i < frame->extra.size(); ++i) {
    Buffer& plane = frame->extra[i];
    if (!turn(bytes, &plane)) return false;
    const JxlExtraChannelInfo& channel = facts_.extra_channels[channels_[i]].info;
    const bool half = is_half(channel.bits_per_sample, channel.exponent_bits_per_sample);
    if (light_.has_value() && !light_->change_plane(half, &plane)) return false;
  }
  frame->width = static_cast<uint32_t>(to_.width);
  frame->height = static_cast<uint32_t>(to_.height);
  ++frames_;
  return true;
}

bool EditedPicture::write(const EncodeRequest& request, const MetadataInput& metadata, Buffer* file) {
  const PixelRequest wanted = request_for_jxl();
  JxlWriter writer(call_, request);
  JxlReader reader(call_, file_);
  bool ended = false;
  frames_ = 0;
  const bool read = reader.read_frames(decoded_as(wanted), [&](Frame&& frame) {
    if (frames_ == 0) {
      describe(reader, wanted);
      if (!start(reader, wanted) || !writer.start() ||
          !writer.set_image(image_of(facts_, format_.data_type)) || !writer.add_metadata(metadata)) {
        return false;
      }
    }
    std::vector<Buffer> planes;
    for (const size_t plane : kept_) planes.push_back(std::move(frame.extra[plane]));
    frame.extra = std::move(planes);
    if (!edit(reader, &frame)) return false;
    frame.facts.header = whole_frame(frame.facts);
    frame.facts.extra_blend.clear();
    const FrameInput input = input_of(frame, format_, channels_, facts_.extra_channels.size());
    ended = input.last;
    return writer.add_frame(input);
  });
  if (!read) return false;
  if (!ended) return call_.fail_input("corrupt", "image", "the file has no last frame");
  return writer.finish(file);
}

bool EditedPicture::write(FlatFile* flat, Buffer* file) {
  const PixelRequest wanted = flat->request(stored_.info, has_black(stored_));
  {
    JxlReader reader(call_, file_);
    const bool read = reader.read_frames(decoded_as(wanted), [&](Frame&& frame) {
      if ((frames_ == 0 && !start(reader, wanted)) || !edit(reader, &frame)) return false;
      flat->add_frame(frame.facts, std::move(frame.samples));
      return true;
    });
    if (!read) return false;
    flat->describe(reader, wanted, format_);
  }
  flat->set_size(static_cast<uint32_t>(to_.width), static_cast<uint32_t>(to_.height));
  return flat->write(file);
}

}  // namespace eitherside
