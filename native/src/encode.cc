#include <jxl/encode.h>

#include <cmath>

#include "colours.h"
#include "formats.h"
#include "functions.h"
#include "jxl_writer.h"

namespace eitherside {
namespace {

constexpr double kTicksPerSecond = 1000;

struct Samples {
  JxlPixelFormat format;
  uint32_t bits = 0;
  uint32_t exponent_bits = 0;
  size_t frame_bytes = 0;
};

// Sample format, depth and the bytes of a frame, from the options.
bool read_samples(Call& call, Samples* samples) {
  const Options& options = call.options();
  const std::string_view type = options.text("type");
  const auto bits = static_cast<uint32_t>(options.integer("bits_per_sample"));
  samples->format = {static_cast<uint32_t>(options.integer("channels")),
                     type == "f32" ? JXL_TYPE_FLOAT : (type == "u16" ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8),
                     JXL_LITTLE_ENDIAN, 0};
  const uint32_t width = type == "f32" ? 32 : (type == "u16" ? 16 : 8);
  samples->bits = bits == 0 ? width : bits;
  if (samples->bits > width) {
    return call.fail_option("bits_per_sample", "%u bits do not fit samples of type %.*s", bits,
                            static_cast<int>(type.size()), type.data());
  }
  if (type == "f32") {
    if (samples->bits != 32 && samples->bits != 16) {
      return call.fail_option("bits_per_sample", "samples of type f32 are stored with 32 or 16 bits, not %u",
                              bits);
    }
    samples->exponent_bits = samples->bits == 32 ? 8 : 5;
  }
  const auto pixels =
      static_cast<uint64_t>(options.integer("width")) * static_cast<uint64_t>(options.integer("height"));
  const uint64_t pixel_bytes = samples->format.num_channels * width / 8;
  if (pixels > SIZE_MAX / pixel_bytes) {
    return call.fail("too_large", "a frame of %llu pixels is more than the module can address", pixels);
  }
  samples->frame_bytes = static_cast<size_t>(pixels * pixel_bytes);
  return true;
}

JxlBasicInfo read_info(const Options& options, const Samples& samples, bool animated) {
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = static_cast<uint32_t>(options.integer("width"));
  info.ysize = static_cast<uint32_t>(options.integer("height"));
  info.bits_per_sample = samples.bits;
  info.exponent_bits_per_sample = samples.exponent_bits;
  info.num_color_channels = samples.format.num_channels < 3 ? 1 : 3;
  info.orientation = static_cast<JxlOrientation>(options.integer("orientation"));
  if (samples.format.num_channels % 2 == 0) {
    info.num_extra_channels = 1;
    info.alpha_bits = samples.bits;
    info.alpha_exponent_bits = samples.exponent_bits;
    info.alpha_premultiplied = options.boolean("premultiplied") ? JXL_TRUE : JXL_FALSE;
  }
  if (animated) {
    info.have_animation = JXL_TRUE;
    info.animation.tps_numerator = static_cast<uint32_t>(kTicksPerSecond);
    info.animation.tps_denominator = 1;
    info.animation.num_loops = static_cast<uint32_t>(options.integer("loops"));
  }
  return info;
}

bool check_frames(Call& call, const std::vector<Bytes>& frames, const Samples& samples, size_t durations) {
  for (size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].size() != samples.frame_bytes) {
      return call.fail_input("bad_input", "samples",
                             "frame %zu has %zu bytes of samples; its size, channels and type ask for %zu", i,
                             frames[i].size(), samples.frame_bytes);
    }
  }
  if (durations != (frames.size() > 1 || durations > 0 ? frames.size() : 0)) {
    return call.fail_option("durations", "there are %zu durations for %zu frames", durations, frames.size());
  }
  return true;
}

}  // namespace

bool encode(Call& call) {
  const Options& options = call.options();
  EncodeRequest request;
  Samples samples;
  if (!read_encode_request(call, 1.0F, &request) || !read_samples(call, &samples)) return false;
  const std::vector<Bytes> frames = call.inputs("samples");
  const std::vector<double> durations = options.numbers("durations");
  if (!check_frames(call, frames, samples, durations.size())) return false;

  JxlWriter writer(call, request);
  const JxlBasicInfo info = read_info(options, samples, !durations.empty());
  const JxlColorEncoding encoding = colour_named(options.text("colour"), info.num_color_channels == 1);
  const JxlBitDepth depth = {
      samples.exponent_bits > 0 ? JXL_BIT_DEPTH_FROM_PIXEL_FORMAT : JXL_BIT_DEPTH_FROM_CODESTREAM, 0, 0};
  if (!writer.start() || !writer.set_image(info, encoding, call.input("icc")) ||
      !writer.set_bit_depth(depth) ||
      !writer.add_metadata(call.input("exif"), call.input("xmp"), call.input("jumbf"))) {
    return false;
  }
  for (size_t i = 0; i < frames.size(); ++i) {
    JxlFrameHeader header;
    JxlEncoderInitFrameHeader(&header);
    if (!durations.empty())
      header.duration = static_cast<uint32_t>(std::llround(durations[i] * kTicksPerSecond));
    if (!writer.add_frame(header, "", samples.format, frames[i], nullptr, {})) return false;
  }
  Buffer file;
  if (!writer.finish(&file)) return false;

  yyjson_mut_doc* doc = call.doc();
  yyjson_mut_val* result = call.result();
  const bool turned = info.orientation >= JXL_ORIENT_TRANSPOSE;
  yyjson_mut_obj_add_str(doc, result, "format", name_of(Format::jxl));
  yyjson_mut_obj_add_uint(doc, result, "width", turned ? info.ysize : info.xsize);
  yyjson_mut_obj_add_uint(doc, result, "height", turned ? info.xsize : info.ysize);
  yyjson_mut_obj_add_uint(doc, result, "frames", frames.size());
  yyjson_mut_obj_add_real(doc, result, "distance", request.distance);
  yyjson_mut_obj_add_bool(doc, result, "container", in_container(file));
  call.output("image", std::move(file));
  return true;
}

}  // namespace eitherside
