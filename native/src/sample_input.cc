#include "sample_input.h"

#include <string.h>

#include <algorithm>
#include <cmath>

#include "channel_names.h"
#include "colours.h"

namespace eitherside {
namespace {

constexpr double kTicksPerSecond = 1000;

// Sample type and depth, from the options.
struct Samples {
  JxlPixelFormat format = {};
  uint32_t bits = 0;
  uint32_t exponent_bits = 0;

  bool is_float() const { return exponent_bits > 0; }
  bool has_alpha() const { return format.num_channels % 2 == 0; }
};

uint32_t exponent_of(uint32_t bits) { return bits == 32 ? 8 : (bits == 16 ? 5 : 0); }

bool read_samples(Call& call, Samples* samples) {
  const Options& options = call.options();
  const std::string_view type = options.text("type");
  const bool is_float = type == "f32" || type == "f16";
  const auto bits = static_cast<uint32_t>(options.integer("bits_per_sample"));
  const JxlDataType data_type = type == "f32"   ? JXL_TYPE_FLOAT
                                : type == "f16" ? JXL_TYPE_FLOAT16
                                : type == "u16" ? JXL_TYPE_UINT16
                                                : JXL_TYPE_UINT8;
  samples->format = {static_cast<uint32_t>(options.integer("channels")), data_type, JXL_LITTLE_ENDIAN, 0};
  const auto width = static_cast<uint32_t>(8 * bytes_of(data_type));
  samples->bits = bits == 0 ? width : bits;
  if (samples->bits > width) {
    return call.fail_option("bits_per_sample", "%u bits do not fit samples of type %.*s", bits,
                            static_cast<int>(type.size()), type.data());
  }
  if (is_float) {
    samples->exponent_bits = exponent_of(samples->bits);
    if (samples->exponent_bits == 0) {
      return call.fail_option("bits_per_sample", "samples of type %.*s are stored with %s bits, not %u",
                              static_cast<int>(type.size()), type.data(), type == "f32" ? "32 or 16" : "16",
                              bits);
    }
  }
  return true;
}

double member(yyjson_val* object, const char* name, double otherwise) {
  yyjson_val* value = yyjson_obj_get(object, name);
  return value == nullptr ? otherwise : yyjson_get_num(value);
}

std::string_view text_member(yyjson_val* object, const char* name, std::string_view otherwise) {
  yyjson_val* value = yyjson_obj_get(object, name);
  return value == nullptr ? otherwise : std::string_view(yyjson_get_str(value), yyjson_get_len(value));
}

ExtraChannel alpha_channel(const Options& options, const Samples& samples) {
  ExtraChannel alpha;
  JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_ALPHA, &alpha.info);
  alpha.info.bits_per_sample = samples.bits;
  alpha.info.exponent_bits_per_sample = samples.exponent_bits;
  alpha.info.alpha_premultiplied = options.boolean("premultiplied") ? JXL_TRUE : JXL_FALSE;
  return alpha;
}

bool read_extra_channel(Call& call, const Samples& samples, yyjson_val* given, size_t index,
                        ExtraChannel* channel) {
  const JxlExtraChannelType type = channel_type_named(text_member(given, "type", "optional"));
  JxlExtraChannelInfo& info = channel->info;
  JxlEncoderInitExtraChannelInfo(type, &info);
  channel->name = text_member(given, "name", "");
  const auto bits = static_cast<uint32_t>(member(given, "bits_per_sample", 0));
  info.bits_per_sample = bits == 0 ? samples.bits : bits;
  info.exponent_bits_per_sample = samples.is_float() ? exponent_of(info.bits_per_sample) : 0;
  if (!samples.is_float() && info.bits_per_sample > 8 * bytes_of(samples.format.data_type)) {
    const std::string name = "extra_channels/" + std::to_string(index) + "/bits_per_sample";
    return call.fail_option(name.c_str(), "%u bits do not fit the sample type", bits);
  }
  info.dim_shift = static_cast<uint32_t>(member(given, "dim_shift", 0));
  if (info.dim_shift > 0 && call.options().integer("extra_resampling") < (1 << info.dim_shift)) {
    const std::string name = "extra_channels/" + std::to_string(index) + "/dim_shift";
    return call.fail_option(name.c_str(), "a channel reduced by 2^%u needs 'extra_resampling' of at least %u",
                            info.dim_shift, 1U << info.dim_shift);
  }
  if (type == JXL_CHANNEL_ALPHA && call.options().boolean("premultiplied"))
    info.alpha_premultiplied = JXL_TRUE;
  yyjson_val* spot = yyjson_obj_get(given, "spot");
  for (size_t i = 0; i < 4; ++i) {
    info.spot_color[i] = static_cast<float>(yyjson_get_num(yyjson_arr_get(spot, i)));
  }
  if (type == JXL_CHANNEL_SPOT_COLOR && yyjson_arr_size(spot) != 4) {
    const std::string name = "extra_channels/" + std::to_string(index) + "/spot";
    return call.fail_option(name.c_str(), "a spot channel needs 'spot': red, green, blue and solidity");
  }
  return true;
}

bool read_channels(Call& call, const Samples& samples, ImageInput* image) {
  if (samples.has_alpha()) image->extra_channels.push_back(alpha_channel(call.options(), samples));
  size_t index = 0;
  size_t count = 0;
  yyjson_val* given = nullptr;
  yyjson_val* list = call.options().value("extra_channels");
  yyjson_arr_foreach(list, index, count, given) {
    ExtraChannel channel;
    if (!read_extra_channel(call, samples, given, index, &channel)) return false;
    image->extra_channels.push_back(std::move(channel));
  }
  return true;
}

bool read_image(Call& call, const Samples& samples, bool animated, ImageInput* image) {
  const Options& options = call.options();
  JxlBasicInfo& info = image->info;
  JxlEncoderInitBasicInfo(&info);
  uint32_t factor = 1;
  if (options.boolean("already_downsampled")) {
    factor = static_cast<uint32_t>(options.integer("resampling"));
    if (factor < 2) {
      return call.fail_option("already_downsampled", "'resampling' must tell the factor: 2, 4 or 8");
    }
  }
  info.xsize = static_cast<uint32_t>(options.integer("width")) * factor;
  info.ysize = static_cast<uint32_t>(options.integer("height")) * factor;
  info.bits_per_sample = samples.bits;
  info.exponent_bits_per_sample = samples.exponent_bits;
  info.num_color_channels = samples.format.num_channels < 3 ? 1 : 3;
  info.orientation = static_cast<JxlOrientation>(options.integer("orientation"));
  if (animated) {
    info.have_animation = JXL_TRUE;
    info.animation.tps_numerator = static_cast<uint32_t>(kTicksPerSecond);
    info.animation.tps_denominator = 1;
    info.animation.num_loops = static_cast<uint32_t>(options.integer("loops"));
  }
  image->encoding = colour_named(options.text("colour"), info.num_color_channels == 1);
  image->icc = call.input("icc");
  if (!samples.is_float()) image->depth.type = JXL_BIT_DEPTH_FROM_CODESTREAM;
  return read_channels(call, samples, image);
}

uint32_t ticks_of(double seconds) { return static_cast<uint32_t>(std::llround(seconds * kTicksPerSecond)); }

bool read_layer(Call& call, const ImageInput& image, yyjson_val* given, size_t index, FrameInput* frame) {
  const std::string path = "layers/" + std::to_string(index) + "/";
  JxlLayerInfo& layer = frame->header.layer_info;
  layer.have_crop = JXL_TRUE;
  layer.xsize = frame->width = static_cast<uint32_t>(member(given, "width", frame->width));
  layer.ysize = frame->height = static_cast<uint32_t>(member(given, "height", frame->height));
  layer.crop_x0 = static_cast<int32_t>(member(given, "x", 0));
  layer.crop_y0 = static_cast<int32_t>(member(given, "y", 0));
  JxlBlendInfo& blend = layer.blend_info;
  blend.blendmode = blend_mode_named(text_member(given, "blend", "replace"));
  blend.source = static_cast<uint32_t>(member(given, "source", 0));
  blend.clamp = yyjson_get_bool(yyjson_obj_get(given, "clamp")) ? JXL_TRUE : JXL_FALSE;
  layer.save_as_reference = static_cast<uint32_t>(member(given, "save_as", 0));
  frame->header.duration = ticks_of(member(given, "duration", 0));
  frame->name = text_member(given, "name", "");
  if (frame->name.size() > 1071) {
    return call.fail_option((path + "name").c_str(), "a layer's name has %zu bytes; 1071 are allowed",
                            frame->name.size());
  }
  size_t alpha = 0;
  const size_t channels = image.extra_channels.size();
  while (alpha < channels && image.extra_channels[alpha].info.type != JXL_CHANNEL_ALPHA) ++alpha;
  const bool asked = yyjson_obj_get(given, "alpha") != nullptr;
  if (asked) alpha = static_cast<size_t>(member(given, "alpha", 0));
  const bool needed = blend.blendmode == JXL_BLEND_BLEND || blend.blendmode == JXL_BLEND_MULADD;
  if (alpha >= channels && (asked || needed)) {
    return call.fail_option((path + (asked ? "alpha" : "blend")).c_str(),
                            "there is no alpha channel to blend by");
  }
  blend.alpha = alpha < channels ? static_cast<uint32_t>(alpha) : 0;
  frame->extra_blend.assign(channels, blend);
  return true;
}

// Whether no sample has all bits of the exponent set: none is infinite or not a number.
template <typename Bits>
bool is_finite(Bytes samples, Bits exponent) {
  constexpr size_t kStretch = 4096;
  for (size_t i = 0; i < samples.size();) {
    const size_t end = std::min(samples.size(), i + kStretch * sizeof(Bits));
    // Without a way out, so that the loop becomes vectors.
    Bits odd = 0;
    for (; i < end; i += sizeof(Bits)) {
      Bits sample;
      memcpy(&sample, samples.data() + i, sizeof(sample));
      odd |= (sample & exponent) == exponent ? 1 : 0;
    }
    if (odd != 0) return false;
  }
  return true;
}

bool is_finite(const Plane& plane) {
  if (plane.format.data_type == JXL_TYPE_FLOAT) return is_finite<uint32_t>(plane.samples, 0x7F800000);
  return is_finite<uint16_t>(plane.samples, 0x7C00);
}

// The encoder takes samples of up to 8 bits in bytes only.
bool narrow(Call& call, Plane* plane, std::vector<Buffer>* kept) {
  Buffer bytes;
  if (!bytes.resize(plane->samples.size() / 2)) return call.fail("memory_limit", "no memory for the samples");
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint8_t* sample = plane->samples.data() + 2 * i;
    bytes.data()[i] = sample[1] == 0 ? sample[0] : 0xFF;
  }
  plane->format.data_type = JXL_TYPE_UINT8;
  plane->samples = {bytes.data(), bytes.size()};
  kept->push_back(std::move(bytes));
  return true;
}

// A buffer of one of the call's inputs.
struct Given {
  const char* input;
  size_t index;
  Bytes samples;
  JxlPixelFormat format;
  uint32_t bits;
};

bool take_plane(Call& call, const Given& given, FrameInput* frame, std::vector<Buffer>* kept, Plane* plane) {
  const JxlPixelFormat& format = given.format;
  const uint64_t asked =
      static_cast<uint64_t>(frame->width) * frame->height * format.num_channels * bytes_of(format.data_type);
  if (given.samples.size() != asked) {
    return call.fail_input("bad_input", given.input,
                           "buffer %zu has %zu bytes of samples; its size, channels and type ask for %llu",
                           given.index, given.samples.size(), static_cast<unsigned long long>(asked));
  }
  *plane = {format, given.samples};
  if (format.data_type == JXL_TYPE_UINT16 && given.bits <= 8) return narrow(call, plane, kept);
  const bool is_float = format.data_type == JXL_TYPE_FLOAT || format.data_type == JXL_TYPE_FLOAT16;
  return !is_float || is_finite(*plane) ||
         call.fail_input("bad_input", given.input, "buffer %zu has samples that are infinite or not a number",
                         given.index);
}

// The frame's buffers. Those of extra channels come frame by frame.
bool take_buffers(Call& call, const Samples& samples, const std::vector<Bytes>& colour,
                  const std::vector<Bytes>& extra, size_t index, SampleInput* input, FrameInput* frame) {
  const Given colours = {"samples", index, colour[index], samples.format, samples.bits};
  if (!take_plane(call, colours, frame, &input->narrowed, &frame->colour)) return false;
  JxlPixelFormat format = samples.format;
  format.num_channels = 1;
  const size_t own = samples.has_alpha() ? 1 : 0;
  const std::vector<ExtraChannel>& channels = input->image.extra_channels;
  frame->extra.resize(channels.size());
  for (size_t i = own; i < channels.size(); ++i) {
    const size_t at = index * (channels.size() - own) + i - own;
    const Given given = {"extra", at, extra[at], format, channels[i].info.bits_per_sample};
    if (!take_plane(call, given, frame, &input->narrowed, &frame->extra[i])) return false;
  }
  return true;
}

bool read_frames(Call& call, const Samples& samples, SampleInput* input) {
  const Options& options = call.options();
  const std::vector<Bytes> colour = call.inputs("samples");
  const std::vector<Bytes> extra = call.inputs("extra");
  const std::vector<double> durations = options.numbers("durations");
  yyjson_val* layers = options.value("layers");
  const size_t layer_count = yyjson_arr_size(layers);
  const size_t declared = input->image.extra_channels.size() - (samples.has_alpha() ? 1 : 0);
  if (layer_count > 0 && options.boolean("already_downsampled")) {
    return call.fail_option("already_downsampled", "layers cannot have been downsampled already");
  }
  if (layer_count > 0 && layer_count != colour.size()) {
    return call.fail_option("layers", "there are %zu layers for %zu buffers of samples", layer_count,
                            colour.size());
  }
  if (layer_count == 0 && durations.size() != (colour.size() > 1 || !durations.empty() ? colour.size() : 0)) {
    return call.fail_option("durations", "there are %zu durations for %zu frames", durations.size(),
                            colour.size());
  }
  if (extra.size() != declared * colour.size()) {
    return call.fail_input("bad_input", "extra",
                           "there are %zu buffers of extra channels; %zu channels in %zu frames ask for %zu",
                           extra.size(), declared, colour.size(), declared * colour.size());
  }
  for (size_t i = 0; i < colour.size(); ++i) {
    FrameInput frame;
    JxlEncoderInitFrameHeader(&frame.header);
    frame.width = static_cast<uint32_t>(options.integer("width"));
    frame.height = static_cast<uint32_t>(options.integer("height"));
    frame.last = i + 1 == colour.size();
    if (!durations.empty()) frame.header.duration = ticks_of(durations[i]);
    if (layer_count > 0 && !read_layer(call, input->image, yyjson_arr_get(layers, i), i, &frame))
      return false;
    if (!take_buffers(call, samples, colour, extra, i, input, &frame)) return false;
    input->frames.push_back(std::move(frame));
  }
  return true;
}

// An animation is what tells a duration; layers without one are shown as one picture.
bool tells_duration(Call& call, bool* animated) {
  const Options& options = call.options();
  *animated = !options.numbers("durations").empty();
  size_t index = 0;
  size_t count = 0;
  yyjson_val* layer = nullptr;
  yyjson_val* layers = options.value("layers");
  yyjson_arr_foreach(layers, index, count, layer) {
    if (*animated && yyjson_arr_size(options.value("durations")) > 0) {
      return call.fail_option("durations", "each of the 'layers' tells its own duration");
    }
    if (yyjson_obj_get(layer, "duration") != nullptr) *animated = true;
  }
  return true;
}

}  // namespace

bool read_sample_input(Call& call, SampleInput* input) {
  Samples samples;
  bool animated = false;
  if (!read_samples(call, &samples) || !tells_duration(call, &animated) ||
      !read_image(call, samples, animated, &input->image) || !read_frames(call, samples, input)) {
    return false;
  }
  input->metadata = {call.input("exif"), call.input("xmp"), call.inputs("jumbf"), call.input("gain_map"), {}};
  return true;
}

}  // namespace eitherside
