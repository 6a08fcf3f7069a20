#include <algorithm>
#include <cmath>
#include <optional>

#include "colours.h"
#include "functions.h"
#include "jpeg_shrink.h"
#include "picture.h"
#include "resample.h"
#include "source.h"

namespace eitherside {
namespace {

// Side of the squares whose mean a DC sample is (ISO/IEC 18181-1).
constexpr size_t kDcSquare = 8;

// How many times larger than the thumbnail a coarse picture must be whose samples are means of coded values,
// so that most of the way is still made in linear light.
constexpr uint64_t kSpare = 2;

using Size = Resampler::Size;

class Thumbnail {
 public:
  explicit Thumbnail(Call& call) : call_(call) {}

  bool run() {
    const Options& options = call_.options();
    to_ = options.text("to");
    may_shrink_ = options.text("source") == "auto";
    return read_encode_request(call_, 1.0F, &request_) && open() && read() && finish() && answer();
  }

 private:
  // Size of the thumbnail of a picture.
  Size fit(uint64_t width, uint64_t height) const {
    const Options& options = call_.options();
    return fit_into({static_cast<size_t>(width), static_cast<size_t>(height)}, options.number("width"),
                    options.number("height"), options.boolean("upscale"));
  }

  // Opens the file, a JPEG one at a fraction of its size where twice the thumbnail's is left.
  bool open() {
    const Bytes bytes = call_.input("image");
    format_ = sniff_input(call_, bytes);
    if (format_ == Format::unknown) return false;
    bool shrunk = false;
    if (format_ == Format::jpeg && may_shrink_ && !open_shrunk(bytes, &shrunk)) return false;
    if (shrunk) return true;
    if (!source_.open(call_, "image")) return false;
    const JxlBasicInfo& info = source_.facts().info;
    size_ = fit(info.xsize, info.ysize);
    return true;
  }

  bool open_shrunk(Bytes bytes, bool* done) {
    const Outline outline = outline_of(format_, bytes);
    if (!outline.complete || outline.width == 0 || outline.height == 0) return true;
    // Exif may turn the picture, which may make the thumbnail larger.
    const Size upright = fit(outline.width, outline.height);
    const Size turned = fit(outline.height, outline.width);
    const uint64_t width = std::max(upright.width, turned.height);
    const uint64_t height = std::max(upright.height, turned.width);
    uint32_t denominator = 8;
    while (denominator > 1 &&
           (outline.width < kSpare * denominator * width || outline.height < kSpare * denominator * height)) {
      denominator /= 2;
    }
    if (denominator == 1) return true;
    Packed packed;
    if (!read_shrunk_jpeg(call_, bytes, denominator, &packed, done)) return false;
    if (!*done) return true;
    size_ = packed.info.orientation >= JXL_ORIENT_TRANSPOSE ? turned : upright;
    used_ = "scaled";
    return source_.open_packed(call_, packed);
  }

  // Whether the preview shows the whole picture, as large as the thumbnail or larger.
  bool preview_is_enough(const JxlBasicInfo& info) const {
    if (info.have_preview != JXL_TRUE) return false;
    const bool turns = info.orientation >= JXL_ORIENT_TRANSPOSE;
    const double width = turns ? info.preview.ysize : info.preview.xsize;
    const double height = turns ? info.preview.xsize : info.preview.ysize;
    const double expected = width * info.ysize / info.xsize;
    return width >= static_cast<double>(size_.width) && height >= static_cast<double>(size_.height) &&
           std::fabs(expected - height) <= 1;
  }

  bool read() {
    const JxlBasicInfo& info = source_.facts().info;
    PixelRequest request;
    request.format.data_type = JXL_TYPE_FLOAT;
    request.colour = "linear_srgb";
    request.premultiply = true;
    request.first_frame_only = true;
    if (may_shrink_ && format_ == Format::jxl) {
      request.preview = preview_is_enough(info);
      request.dc_only = !request.preview && info.xsize >= kSpare * kDcSquare * size_.width &&
                        info.ysize >= kSpare * kDcSquare * size_.height;
    }
    JxlReader reader(call_, source_.file());
    std::optional<Resampler> resampler;
    const auto put = [&](size_t x, size_t y, size_t pixels, const uint8_t* samples) {
      resampler->put(x, y, pixels, reinterpret_cast<const float*>(samples));
    };
    request.format.num_channels = info.num_color_channels + (info.alpha_bits > 0 ? 1 : 0);
    channels_ = request.format.num_channels;
    Size from = {info.xsize, info.ysize};
    if (request.preview) {
      const bool turns = info.orientation >= JXL_ORIENT_TRANSPOSE;
      from = {turns ? info.preview.ysize : info.preview.xsize,
              turns ? info.preview.xsize : info.preview.ysize};
    }
    if (!start(from, &resampler)) return false;
    request.rows = put;
    if (!reader.read_frames(request, [&](Frame&& frame) {
          if (format_ == Format::jxl) {
            used_ = request.preview ? "preview" : (frame.stage == Stage::full ? "full" : "dc");
          }
          const size_t row = from.width * channels_ * sizeof(float);
          for (size_t y = 0; y < from.height && frame.samples.size() > 0; ++y) {
            put(0, y, from.width, frame.samples.data() + y * row);
          }
          return true;
        })) {
      return false;
    }
    pixels_ = resampler->take();
    return true;
  }

  bool start(Size from, std::optional<Resampler>* resampler) {
    if (Resampler::bytes(from, size_, channels_) > memory_left()) {
      return call_.fail("memory_limit", "no memory for a thumbnail of %zu x %zu pixels", size_.width,
                        size_.height);
    }
    resampler->emplace(from, size_, channels_, filter_named(call_.options().text("filter")));
    return (*resampler)->start() || call_.fail("memory_limit", "no memory for the thumbnail");
  }

  // Samples of the colour space asked for, 8 bits.
  bool finish() {
    const size_t count = size_.width * size_.height;
    const size_t colours = channels_ < 3 ? 1 : 3;
    const bool flatten = to_ == "jpeg";
    auto* from = reinterpret_cast<float*>(pixels_.data());
    finish_alpha(from, count, channels_, flatten);
    const std::string_view colour = call_.options().text("colour");
    ColourSpace linear;
    ColourSpace wanted;
    ColourConverter converter;
    if (!linear.make(colour_named("linear_srgb", colours == 1)) ||
        !wanted.make(colour_named(colour, colours == 1)) ||
        !converter.start(linear, wanted, 255, 255, false)) {
      return call_.fail_with_note("unsupported", "the colours cannot be converted");
    }
    picture_.width = static_cast<uint32_t>(size_.width);
    picture_.height = static_cast<uint32_t>(size_.height);
    picture_.channels = static_cast<uint32_t>(flatten ? colours : channels_);
    picture_.encoding = wanted.encoding;
    // JPEG and PNG have no other way to tell.
    if (colour != "srgb" && to_ != "jxl") picture_.icc = wanted.icc;
    if (!picture_.samples.resize(count * picture_.channels)) {
      return call_.fail("memory_limit", "no memory for the thumbnail");
    }
    uint8_t* to = picture_.samples.data();
    for (size_t done = 0; done < count; done += ColourConverter::kWidth) {
      const size_t part = std::min(count - done, ColourConverter::kWidth);
      if (!convert(&converter, from, part, to))
        return call_.fail("internal", "the colours cannot be converted");
      from += part * channels_;
      to += part * picture_.channels;
    }
    return true;
  }

  bool convert(ColourConverter* converter, const float* from, size_t pixels, uint8_t* to) const {
    const size_t colours = channels_ < 3 ? 1 : 3;
    float* row = converter->row_in();
    for (size_t x = 0; x < pixels; ++x) {
      std::copy_n(from + x * channels_, colours, row + x * colours);
    }
    if (!converter->convert(pixels)) return false;
    const float* done = converter->row_out();
    for (size_t x = 0; x < pixels; ++x) {
      for (size_t c = 0; c < picture_.channels; ++c) {
        const float value = c < colours ? done[x * colours + c] : from[x * channels_ + c];
        store_sample(value, JXL_TYPE_UINT8, false, 255.0F, to++);
      }
    }
    return true;
  }

  bool answer() {
    yyjson_mut_doc* doc = call_.doc();
    yyjson_mut_val* result = call_.result();
    yyjson_mut_obj_add_strncpy(doc, result, "format", to_.data(), to_.size());
    yyjson_mut_obj_add_str(doc, result, "from", name_of(format_));
    yyjson_mut_obj_add_str(doc, result, "source", used_);
    yyjson_mut_obj_add_uint(doc, result, "width", picture_.width);
    yyjson_mut_obj_add_uint(doc, result, "height", picture_.height);
    yyjson_mut_obj_add_uint(doc, result, "channels", picture_.channels);
    yyjson_mut_obj_add_str(doc, result, "type", "u8");
    yyjson_mut_obj_add_bool(doc, result, "alpha", picture_.channels % 2 == 0);
    if (to_ == "pixels") {
      call_.output("samples", std::move(picture_.samples));
      return true;
    }
    Buffer file;
    if (!write_picture(call_, picture_, format_named(to_), request_, &file)) return false;
    call_.output("image", std::move(file));
    return true;
  }

  Call& call_;
  EncodeRequest request_;
  std::string_view to_;
  bool may_shrink_ = true;
  Format format_ = Format::unknown;
  Source source_;
  Size size_ = {0, 0};
  const char* used_ = "full";
  size_t channels_ = 0;
  // Linear, premultiplied.
  Buffer pixels_;
  Picture picture_;
};

}  // namespace

bool thumbnail(Call& call) { return Thumbnail(call).run(); }

}  // namespace eitherside
