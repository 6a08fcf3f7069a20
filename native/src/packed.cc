#include "packed.h"

#include <string.h>

#include <algorithm>

#include "fault.h"
#include "jpeg_carry.h"
#include "jpeg_cmyk.h"
#include "jpeg_messages.h"
#include "jpeg_segments.h"
#include "lib/extras/dec/apng.h"
#include "lib/extras/dec/gif.h"
#include "lib/extras/dec/jpg.h"
#include "lib/extras/dec/pnm.h"
#include "lib/extras/enc/apng.h"
#include "lib/extras/enc/encode.h"
#include "lib/extras/enc/jpg.h"
#include "lib/extras/enc/pnm.h"
#include "lib/jxl/base/exif.h"

namespace eitherside {
namespace {

namespace ex = jxl::extras;

bool run_reader(Format format, Bytes bytes, Packed* packed) {
  const jxl::Span<const uint8_t> span(bytes.data(), bytes.size());
  const ex::ColorHints hints;
  switch (format) {
    case Format::png:
    case Format::apng:
      return static_cast<bool>(ex::DecodeImageAPNG(span, hints, packed));
    case Format::jpeg:
      return static_cast<bool>(ex::DecodeImageJPG(span, hints, packed));
    case Format::gif:
      return static_cast<bool>(ex::DecodeImageGIF(span, hints, packed));
    default:
      return static_cast<bool>(ex::DecodeImagePNM(span, hints, packed));
  }
}

// libjpeg goes on after damage and only warns; a caller who gets samples must be able to trust them.
bool check_jpeg_warnings(Call& call) {
  const char* warning = jpeg_warning();
  if (*warning == 0) return true;
  const bool truncated = strcasestr(warning, "premature end") != nullptr;
  return call.fail_input(truncated ? "truncated" : "corrupt", "image", "the JPEG file is damaged: %s",
                         warning);
}

// Each by its own name: Encoder::FromExtension would link every writer there is.
std::unique_ptr<ex::Encoder> encoder_for(Call& call, Format format, const Packed& packed) {
  if (format == Format::png || format == Format::apng) return ex::GetAPNGEncoder();
  if (format == Format::pfm) return ex::GetPFMEncoder();
  if (format != Format::jpeg) {
    if (packed.info.alpha_bits > 0) return ex::GetPAMEncoder();
    return packed.info.num_color_channels == 1 ? ex::GetPGMEncoder() : ex::GetPPMEncoder();
  }
  std::unique_ptr<ex::Encoder> encoder = ex::GetJPEGEncoder();
  const Options& options = call.options();
  const double quality = options.has("quality") ? options.number("quality") : 90;
  encoder->SetOption("q", std::to_string(std::max(1, static_cast<int>(quality + 0.5))));
  if (options.boolean("progressive")) encoder->SetOption("progressive", "1");
  return encoder;
}

}  // namespace

bool read_packed(Call& call, Format format, Bytes bytes, Packed* packed) {
  const Outline outline = outline_of(format, bytes);
  if (!check_limits(call, outline.width, outline.height, outline.frames)) return false;
  if (!outline.complete) {
    return call.fail_input("truncated", "image",
                           "the %s file ends early: its %zu bytes are not the whole image", name_of(format),
                           bytes.size());
  }
  if (outline.damaged_at != 0) {
    return call.fail_input("corrupt", "image", "the PNG chunk at byte %zu is damaged: its checksum is wrong",
                           outline.damaged_at);
  }
  const FaultScope scope("corrupt");
  clear_notes();
  packed->info.uses_original_profile = JXL_TRUE;
  packed->info.orientation = JXL_ORIENT_IDENTITY;
  const char* obstacle = format == Format::jpeg ? jpeg_pixel_obstacle(bytes) : nullptr;
  if (obstacle != nullptr) {
    return call.fail_input("unsupported", "image", "the JPEG file cannot be decoded: %s", obstacle);
  }
  const bool four = format == Format::jpeg && is_four_component_jpeg(bytes);
  const bool read = four ? read_cmyk_jpeg(call, bytes, packed) : run_reader(format, bytes, packed);
  forget_jpeg_errors();
  if (!read) {
    return call.fail_with_note("corrupt",
                               (std::string("the ") + name_of(format) + " file cannot be read").c_str());
  }
  if (format == Format::jpeg && !check_jpeg_warnings(call)) return false;
  if (packed->frames.empty())
    return call.fail_input("corrupt", "image", "the %s file holds no image", name_of(format));
  if (format == Format::jpeg) packed->metadata.xmp = xmp_of_jpeg(bytes);
  jxl::InterpretExif(packed->metadata.exif, &packed->info.orientation);
  return check_limits(call, packed->info.xsize, packed->info.ysize, packed->frames.size());
}

bool write_packed(Call& call, Format format, Packed* packed, Buffer* file) {
  const FaultScope scope("internal");
  clear_notes();
  const std::unique_ptr<ex::Encoder> encoder = encoder_for(call, format, *packed);
  if (encoder == nullptr) return call.fail("internal", "there is no writer for %s", name_of(format));
  ex::EncodedImage encoded;
  if (!encoder->Encode(*packed, &encoded, nullptr) || encoded.bitstreams.empty()) {
    return call.fail_with_note("unsupported",
                               (std::string("the image cannot be written as ") + name_of(format)).c_str());
  }
  packed->frames.clear();
  const std::vector<uint8_t>& bytes = encoded.bitstreams.front();
  if (!file->resize(bytes.size())) return call.fail("memory_limit", "no memory for the file");
  memcpy(file->data(), bytes.data(), bytes.size());
  if (format == Format::jpeg && !add_xmp_to_jpeg(packed->metadata.xmp, file)) {
    return call.fail("memory_limit", "no memory for the file");
  }
  return true;
}

namespace {

// Channels beside the colours: alpha first, where there is one, then those that the reader lists.
std::vector<ExtraChannel> extra_channels_of(const Packed& packed) {
  std::vector<ExtraChannel> channels;
  const JxlBasicInfo& info = packed.info;
  if (info.alpha_bits > 0) {
    ExtraChannel alpha;
    JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_ALPHA, &alpha.info);
    alpha.info.bits_per_sample = info.alpha_bits;
    alpha.info.exponent_bits_per_sample = info.alpha_exponent_bits;
    alpha.info.alpha_premultiplied = info.alpha_premultiplied;
    channels.push_back(std::move(alpha));
  }
  for (const ex::PackedExtraChannel& channel : packed.extra_channels_info) {
    if (channel.ec_info.type == JXL_CHANNEL_ALPHA && info.alpha_bits > 0) continue;
    channels.push_back({channel.ec_info, channel.name});
  }
  return channels;
}

Plane plane_of(const ex::PackedImage& image) {
  return {image.format, Bytes(static_cast<const uint8_t*>(image.pixels()), image.pixels_size)};
}

FrameInput frame_of(const ex::PackedFrame& frame, const Packed& packed, bool last) {
  FrameInput input;
  input.header = frame.frame_info;
  input.name = frame.name;
  input.width = static_cast<uint32_t>(frame.color.xsize);
  input.height = static_cast<uint32_t>(frame.color.ysize);
  input.colour = plane_of(frame.color);
  const bool interleaved =
      packed.info.alpha_bits > 0 && frame.color.format.num_channels > packed.info.num_color_channels;
  if (interleaved) input.extra.emplace_back();
  for (const ex::PackedImage& extra : frame.extra_channels) input.extra.push_back(plane_of(extra));
  input.last = last;
  return input;
}

}  // namespace

bool encode_packed(Call& call, const Packed& packed, const EncodeRequest& request, bool keep_metadata,
                   Buffer* file) {
  JxlWriter writer(call, request);
  ImageInput image;
  image.info = packed.info;
  image.encoding = packed.color_encoding;
  if (packed.primary_color_representation == Packed::kIccIsPrimary) image.icc = packed.icc;
  image.extra_channels = extra_channels_of(packed);
  image.depth = packed.input_bitdepth;
  if (!writer.start() || !writer.set_image(image)) return false;
  if (keep_metadata) {
    MetadataInput metadata = {packed.metadata.exif, packed.metadata.xmp, {}, packed.metadata.jhgm, {}};
    if (!packed.metadata.jumbf.empty()) metadata.jumbf.push_back(packed.metadata.jumbf);
    if (!writer.add_metadata(metadata)) return false;
  }
  for (const ex::PackedFrame& frame : packed.frames) {
    const FrameInput input = frame_of(frame, packed, &frame == &packed.frames.back());
    if (input.extra.size() != image.extra_channels.size())
      return call.fail("internal", "a frame lacks an extra channel");
    if (!writer.add_frame(input)) return false;
  }
  return writer.finish(file);
}

}  // namespace eitherside
