#include <cmath>
#include <string>

#include "functions.h"
#include "metrics.h"
#include "picture.h"
#include "source.h"

namespace eitherside {
namespace {

// The decoded frames of one input: interleaved floats, alpha straight.
struct Decoded {
  Image format;
  std::vector<uint8_t> icc;
  bool integers = false;
  std::vector<Buffer> frames;

  Image image(const Buffer& samples) const {
    Image described = format;
    described.icc = icc;
    described.samples = reinterpret_cast<const float*>(samples.data());
    return described;
  }
};

// Samples are equal where they are the same floats; integers of up to 16 bits, which files of different
// depths bring to floats in different ways, where they are the same at 16 bits.
bool same_samples(const Image& a, const Image& b, bool integers) {
  const size_t count = a.width * a.height * a.channels;
  for (size_t i = 0; i < count; ++i) {
    if (a.samples[i] == b.samples[i]) continue;
    if (!integers || std::lround(a.samples[i] * 65535.0F) != std::lround(b.samples[i] * 65535.0F))
      return false;
  }
  return true;
}

// Scores of one pair of frames, or the worst of all.
struct Found {
  bool identical = true;
  Scores scores;
};

class Comparison {
 public:
  explicit Comparison(Call& call) : call_(call) {}

  bool run() {
    read_options();
    if (!a_.open(call_, "a") || !b_.open(call_, "b") || !check_sizes()) return false;
    call_.reading("a");
    const auto keep = [this](Buffer&& samples) {
      first_.frames.push_back(std::move(samples));
      return true;
    };
    if (!decode(a_, &first_, keep)) return false;
    call_.reading("b");
    // The second file's frames are compared as they come; only the first one's are all in memory.
    if (!decode(b_, &second_, [this](Buffer&& samples) { return compare(samples); })) return false;
    return write_difference() && answer();
  }

 private:
  void read_options() {
    const Options& options = call_.options();
    size_t index = 0;
    size_t count = 0;
    yyjson_val* item = nullptr;
    yyjson_arr_foreach(options.value("metrics"), index, count, item) {
      wanted_.butteraugli |= yyjson_equals_str(item, "butteraugli");
      wanted_.ssimulacra2 |= yyjson_equals_str(item, "ssimulacra2");
      wanted_.psnr |= yyjson_equals_str(item, "psnr");
    }
    wanted_.intensity_target = static_cast<float>(options.number("intensity_target"));
    wanted_.heat_map = options.text("difference") != "none";
    wanted_.butteraugli |= wanted_.heat_map;
    first_only_ = options.text("frames") == "first";
  }

  bool check_sizes() {
    const JxlBasicInfo& a = a_.facts().info;
    const JxlBasicInfo& b = b_.facts().info;
    if (a.xsize != b.xsize || a.ysize != b.ysize) {
      return call_.fail_input("bad_input", "b", "a has %u x %u pixels, b has %u x %u: their sizes differ",
                              a.xsize, a.ysize, b.xsize, b.ysize);
    }
    const size_t frames_a = a_.facts().frames.size();
    const size_t frames_b = b_.facts().frames.size();
    if (!first_only_ && frames_a != frames_b) {
      return call_.fail_input("bad_input", "b",
                              "a has %zu frames, b has %zu; ask for the first to compare it", frames_a,
                              frames_b);
    }
    return true;
  }

  bool decode(const Source& source, Decoded* decoded, const std::function<bool(Buffer&&)>& take) {
    PixelRequest request;
    request.format.data_type = JXL_TYPE_FLOAT;
    request.unpremultiply = true;
    request.first_frame_only = first_only_;
    request.srgb = has_black(source.facts());
    JxlReader reader(call_, source.file());
    return reader.read_pixels(request, [&](const FrameFacts&, Buffer&& samples) {
      const JxlFacts& facts = reader.facts();
      decoded->format.width = facts.info.xsize;
      decoded->format.height = facts.info.ysize;
      decoded->format.channels = reader.format().num_channels;
      decoded->format.intensity_target = reader.intensity_target();
      decoded->format.encoding = facts.encoding;
      if (!facts.has_encoding) decoded->icc = facts.icc;
      decoded->integers = facts.info.exponent_bits_per_sample == 0 && facts.info.bits_per_sample <= 16;
      return take(std::move(samples));
    });
  }

  bool compare(const Buffer& samples) {
    const size_t index = pairs_.size();
    if (index >= first_.frames.size())
      return call_.fail("corrupt", "b has more frames than its headers tell");
    const Image a = first_.image(first_.frames[index]);
    const Image b = second_.image(samples);
    Found found;
    const bool same_kind = a.channels == b.channels && same_colours(a, b);
    found.identical = same_kind && same_samples(a, b, first_.integers && second_.integers);
    if (!measure_difference(call_, a, b, wanted_, &found.scores)) return false;
    first_.frames[index] = Buffer();
    if (pairs_.empty() || is_worse(found.scores, pairs_[worst_].scores)) {
      heat_map_ = std::move(found.scores.heat_map);
      worst_ = index;
    }
    found.scores.heat_map = Buffer();
    pairs_.push_back(std::move(found));
    return true;
  }

  bool is_worse(const Scores& one, const Scores& other) const {
    if (wanted_.butteraugli) return one.butteraugli > other.butteraugli;
    return wanted_.ssimulacra2 ? one.ssimulacra2 < other.ssimulacra2 : one.psnr < other.psnr;
  }

  // The heat map of the worst frame, as it was asked for.
  bool write_difference() {
    const std::string_view to = call_.options().text("difference");
    if (to == "none") return true;
    Picture picture;
    picture.width = a_.facts().info.xsize;
    picture.height = a_.facts().info.ysize;
    picture.samples = std::move(heat_map_);
    JxlColorEncodingSetToSRGB(&picture.encoding, JXL_FALSE);
    yyjson_mut_obj_add_uint(call_.doc(), call_.result(), "channels", picture.channels);
    yyjson_mut_obj_add_str(call_.doc(), call_.result(), "type", "u8");
    if (to == "pixels") {
      call_.output("difference_samples", std::move(picture.samples));
      return true;
    }
    EncodeRequest lossless;
    lossless.distance = 0;
    lossless.effort = 2;
    Buffer file;
    if (!write_picture(call_, picture, format_named(to), lossless, &file)) return false;
    call_.output("difference", std::move(file));
    return true;
  }

  void tell_score(yyjson_mut_val* object, const char* name, bool asked, double value) {
    yyjson_mut_doc* doc = call_.doc();
    const bool told = asked && std::isfinite(value);
    yyjson_mut_obj_add(object, yyjson_mut_str(doc, name),
                       told ? yyjson_mut_real(doc, value) : yyjson_mut_null(doc));
  }

  void tell(yyjson_mut_val* object, const Found& found) {
    yyjson_mut_obj_add_bool(call_.doc(), object, "identical", found.identical);
    tell_score(object, "butteraugli", wanted_.butteraugli, found.scores.butteraugli);
    tell_score(object, "butteraugli_3norm", wanted_.butteraugli, found.scores.butteraugli_3norm);
    tell_score(object, "ssimulacra2", wanted_.ssimulacra2, found.scores.ssimulacra2);
    tell_score(object, "psnr", wanted_.psnr, found.scores.psnr);
  }

  bool answer() {
    Found worst;
    worst.scores.psnr = INFINITY;
    for (const Found& pair : pairs_) {
      worst.identical &= pair.identical;
      worst.scores.butteraugli = std::max(worst.scores.butteraugli, pair.scores.butteraugli);
      worst.scores.butteraugli_3norm =
          std::max(worst.scores.butteraugli_3norm, pair.scores.butteraugli_3norm);
      // Both are NaN or neither: all frames have the same size.
      worst.scores.ssimulacra2 =
          std::fmin(pair.scores.ssimulacra2,
                    &pair == &pairs_.front() ? pair.scores.ssimulacra2 : worst.scores.ssimulacra2);
      worst.scores.psnr = std::min(worst.scores.psnr, pair.scores.psnr);
    }
    yyjson_mut_doc* doc = call_.doc();
    yyjson_mut_val* result = call_.result();
    tell(result, worst);
    yyjson_mut_obj_add_uint(doc, result, "worst_frame", worst_);
    yyjson_mut_obj_add_uint(doc, result, "width", a_.facts().info.xsize);
    yyjson_mut_obj_add_uint(doc, result, "height", a_.facts().info.ysize);
    yyjson_mut_obj_add_str(doc, result, "a_format", name_of(a_.format()));
    yyjson_mut_obj_add_str(doc, result, "b_format", name_of(b_.format()));
    const std::string_view difference = call_.options().text("difference");
    yyjson_mut_obj_add_strncpy(doc, result, "difference_format", difference.data(), difference.size());
    yyjson_mut_val* frames = yyjson_mut_obj_add_arr(doc, result, "frames");
    for (const Found& pair : pairs_) tell(yyjson_mut_arr_add_obj(call_.doc(), frames), pair);
    return true;
  }

  Call& call_;
  Source a_;
  Source b_;
  Decoded first_;
  Decoded second_;
  Metrics wanted_;
  bool first_only_ = false;
  std::vector<Found> pairs_;
  size_t worst_ = 0;
  Buffer heat_map_;
};

}  // namespace

bool compare(Call& call) { return Comparison(call).run(); }

}  // namespace eitherside
