#include <jxl/encode.h>
#include <string.h>

#include <algorithm>

#include "direct.h"
#include "fault.h"
#include "formats.h"
#include "functions.h"
#include "jpeg_carry.h"
#include "jxl_reader.h"
#include "lib/extras/exif.h"
#include "packed.h"
#include "recode.h"
#include "target.h"

namespace eitherside {
namespace {

// One run of transcode; its parts share the options and what the result says.
class Transcode {
 public:
  Transcode(Call& call, Bytes bytes, Format from, Format to)
      : call_(call), bytes_(bytes), from_(from), to_(to) {}

  bool run() {
    const Options& options = call_.options();
    const std::string_view jpeg = options.text("jpeg");
    exact_ = jpeg == "exact";
    coefficients_ = jpeg == "coefficients";
    keep_metadata_ = options.text("metadata") == "keep";
    if (!read_target(call_, &target_)) return false;
    if (target_.kind != Target::Kind::none && (to_ != Format::jxl || exact_ || coefficients_)) {
      return call_.fail_option(target_.option(), "'%s' is for JPEG XL from pixels", target_.option());
    }
    const bool pixels_asked = jpeg == "pixels" || target_.kind != Target::Kind::none ||
                              options.has("distance") || options.has("quality") || options.has("mode");
    bool done = false;
    if (exact_ || coefficients_ || !pixels_asked) {
      if (!try_carrying(&done)) return false;
    }
    if (!done && !by_pixels()) return false;
    return answer();
  }

 private:
  bool must_carry() const { return exact_ || coefficients_; }

  // Carries JPEG data over where both ends can; `*done` tells whether that was so.
  bool try_carrying(bool* done) {
    if (from_ == Format::jpeg && to_ == Format::jxl) return jpeg_to_jxl(bytes_, {}, done);
    if (from_ == Format::jxl && to_ == Format::jpeg && !coefficients_) return jxl_to_jpeg(done);
    if (from_ == Format::jxl && to_ == Format::jxl) return jpeg_in_jxl(done);
    return !must_carry() ||
           call_.fail_option("jpeg", "JPEG data can be carried over between JPEG and JPEG XL only");
  }

  // Exactly, else without what gives the file back, else says why not.
  bool jpeg_to_jxl(Bytes jpeg, const MetadataInput& more, bool* done) {
    if (!keep_metadata_ && exact_) {
      return call_.fail_option("metadata",
                               "an exact JPEG keeps its metadata; ask for its coefficients to strip it");
    }
    const Outline outline = outline_of(Format::jpeg, jpeg);
    if (!check_limits(call_, outline.width, outline.height, 1)) return false;
    EncodeRequest request;
    if (!read_encode_request(call_, 1.0F, &request)) return false;
    if (request.forbid_container && exact_) {
      return call_.fail_option("container",
                               "JPEG reconstruction data needs the container; 'never' cannot be met");
    }
    std::string refused;
    JpegCarriage how;
    how.keep_metadata = keep_metadata_;
    if (keep_metadata_) how.more = more;
    how.exact = !coefficients_ && keep_metadata_ && !request.forbid_container;
    bool carried = carry_jpeg(call_, jpeg, how, request, &file_, &refused);
    if (!carried && refused.empty()) return false;
    if (!carried && how.exact && !exact_) {
      how.exact = false;
      std::string again;
      carried = carry_jpeg(call_, jpeg, how, request, &file_, &again);
      if (!carried && again.empty()) return false;
    }
    if (!carried) {
      return !must_carry() || call_.fail_input("unsupported", "image",
                                               "the JPEG file cannot be carried over: %s", refused.c_str());
    }
    carried_ = how.exact ? "exact" : "coefficients";
    *done = true;
    return note_jxl_size();
  }

  bool note_jxl_size() {
    JxlReader reader(call_, {file_.data(), file_.size()});
    if (!reader.read_facts()) return false;
    width_ = reader.facts().info.xsize;
    height_ = reader.facts().info.ysize;
    return true;
  }

  bool jxl_to_jpeg(bool* done) {
    JxlReader reader(call_, bytes_);
    if (!reader.read_jpeg(&file_, done)) return false;
    if (!*done) return !exact_ || fail_without_jpeg();
    carried_ = "exact";
    width_ = reader.facts().info.xsize;
    height_ = reader.facts().info.ysize;
    return true;
  }

  // A JPEG inside a JPEG XL file stays one.
  bool jpeg_in_jxl(bool* done) {
    Buffer jpeg;
    bool found = false;
    JxlReader reader(call_, bytes_);
    if (!reader.read_jpeg(&jpeg, &found)) return false;
    if (!found) return !must_carry() || fail_without_jpeg();
    BoxesOfFile boxes;
    if (!boxes.read(call_, bytes_, false)) return false;
    return jpeg_to_jxl({jpeg.data(), jpeg.size()}, boxes.metadata(), done);
  }

  bool fail_without_jpeg() {
    return call_.fail_input("unsupported", "image", "the JPEG XL file holds no JPEG reconstruction data");
  }

  bool by_pixels() {
    if (to_ == Format::jxl) {
      EncodeRequest request;
      if (!read_encode_request(call_, from_ == Format::gif ? 0.0F : 1.0F, &request)) return false;
      if (from_ == Format::jxl) return jxl_to_jxl(request);
      Packed packed;
      if (!read_packed(call_, from_, bytes_, &packed)) return false;
      note_size(packed);
      const auto write = [&](const EncodeRequest& wanted, Buffer* made) {
        return encode_packed(call_, packed, wanted, keep_metadata_, made);
      };
      return encode_to_target(call_, target_, request, write, &file_, &found_);
    }
    if (from_ == Format::jxl) return from_jxl(bytes_);
    // What stays as it is goes over directly, all else through a lossless JPEG XL file: one piece of code
    // blends frames, turns, and converts types.
    Buffer between;
    {
      Packed packed;
      if (!read_packed(call_, from_, bytes_, &packed)) return false;
      bool done = false;
      if (!go_over(&packed, &done)) return false;
      if (done) return true;
      EncodeRequest lossless;
      lossless.distance = 0;
      lossless.effort = 1;
      if (!encode_packed(call_, packed, lossless, keep_metadata_, &between)) return false;
    }
    return from_jxl({between.data(), between.size()});
  }

  // Gives the frame over to a writer, where its samples are those that are wanted, which `*done` tells.
  bool go_over(Packed* from, bool* done) {
    const PixelRequest request = request_for(from->info, false);
    Direct direct(call_, *from);
    bool failed = false;
    *done = direct.start(request, keep_metadata_, &failed);
    if (failed || !*done) return !failed;
    Packed packed;
    describe(direct.reader(), request, &packed);
    add_frame(direct.frame().facts, std::move(from->frames.front().color), &packed);
    from->frames.clear();
    return write(&packed);
  }

  void note_size(const Packed& packed) {
    const bool turned = packed.info.orientation >= JXL_ORIENT_TRANSPOSE;
    width_ = turned ? packed.info.ysize : packed.info.xsize;
    height_ = turned ? packed.info.xsize : packed.info.ysize;
    frames_ = packed.frames.size();
  }

  // Samples of a JPEG XL file as frames of the whole image, big endian as the writers of PNG and PNM take
  // them.
  bool read_frames(Bytes bytes, const PixelRequest& request, Packed* packed) {
    std::vector<std::pair<FrameFacts, Buffer>> frames;
    JxlPixelFormat format = {};
    {
      JxlReader reader(call_, bytes);
      const bool decoded = reader.read_pixels(request, [&](const FrameFacts& facts, Buffer&& samples) {
        frames.emplace_back(facts, std::move(samples));
        return true;
      });
      if (!decoded) return false;
      format = reader.format();
      describe(reader, request, packed);
    }
    // The decoder has given its memory back before frames are copied.
    for (auto& [facts, samples] : frames) {
      auto image = jxl::extras::PackedImage::Create(packed->info.xsize, packed->info.ysize, format);
      if (!image.ok()) return call_.fail_with_note("memory_limit", "no memory for a frame");
      jxl::extras::PackedImage colour = std::move(image).value_();
      memcpy(colour.pixels(), samples.data(), std::min(colour.pixels_size, samples.size()));
      samples = Buffer();
      add_frame(facts, std::move(colour), packed);
    }
    return true;
  }

  static void add_frame(const FrameFacts& facts, jxl::extras::PackedImage&& colour, Packed* packed) {
    if (!packed->frames.empty()) packed->frames.back().frame_info.is_last = JXL_FALSE;
    jxl::extras::PackedFrame frame(std::move(colour));
    frame.frame_info.duration = facts.ticks;
    frame.frame_info.layer_info.xsize = packed->info.xsize;
    frame.frame_info.layer_info.ysize = packed->info.ysize;
    frame.frame_info.is_last = JXL_TRUE;
    frame.name = facts.name;
    packed->frames.push_back(std::move(frame));
  }

  // What is told of a picture before its frames.
  void describe(const JxlReader& reader, const PixelRequest& request, Packed* packed) const {
    const JxlFacts& facts = reader.facts();
    packed->info = facts.info;
    packed->info.orientation = JXL_ORIENT_IDENTITY;
    packed->info.num_extra_channels = 0;
    packed->color_encoding = facts.encoding;
    packed->icc = facts.icc;
    packed->primary_color_representation =
        facts.has_encoding ? Packed::kColorEncodingIsPrimary : Packed::kIccIsPrimary;
    take_metadata(reader.metadata(), packed);
    set_depth(request, reader.format(), packed);
  }

  void take_metadata(const Metadata& metadata, Packed* packed) const {
    if (!keep_metadata_) return;
    // ISO/IEC 18181-2: the first four bytes of an Exif box are the offset of the TIFF header.
    if (metadata.exif.size() > 4) {
      packed->metadata.exif.assign(metadata.exif.begin() + 4, metadata.exif.end());
      jxl::ResetExifOrientation(packed->metadata.exif);
    }
    packed->metadata.xmp = metadata.xmp;
    packed->metadata.jumbf = metadata.jumbf;
  }

  static void set_depth(const PixelRequest& request, const JxlPixelFormat& format, Packed* packed) {
    JxlBasicInfo& info = packed->info;
    const bool has_alpha = format.num_channels % 2 == 0;
    if (format.data_type == JXL_TYPE_FLOAT) {
      info.bits_per_sample = 32;
      info.exponent_bits_per_sample = 8;
    } else if (!request.codestream_depth) {
      info.bits_per_sample = format.data_type == JXL_TYPE_UINT8 ? 8 : 16;
      info.exponent_bits_per_sample = 0;
    }
    info.alpha_bits = has_alpha ? info.bits_per_sample : 0;
    info.alpha_exponent_bits = has_alpha ? info.exponent_bits_per_sample : 0;
    info.num_extra_channels = has_alpha ? 1 : 0;
    info.num_color_channels = format.num_channels < 3 ? 1 : 3;
    if (request.unpremultiply) info.alpha_premultiplied = JXL_FALSE;
  }

  PixelRequest request_for(const JxlBasicInfo& info, bool has_black) const {
    PixelRequest request;
    request.first_frame_only = to_ != Format::apng;
    request.want_metadata = keep_metadata_;
    request.unpremultiply = true;
    request.format = {
        0, info.bits_per_sample > 8 || info.exponent_bits_per_sample > 0 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8,
        JXL_BIG_ENDIAN, 0};
    if (to_ == Format::jpeg) request.format.data_type = JXL_TYPE_UINT8;
    if (to_ == Format::pfm) request.format = {info.num_color_channels, JXL_TYPE_FLOAT, JXL_LITTLE_ENDIAN, 0};
    // The other formats know no black channel.
    request.srgb = has_black;
    request.codestream_depth = to_ == Format::pnm && info.exponent_bits_per_sample == 0 &&
                               info.bits_per_sample <= 16 &&
                               (info.alpha_bits == 0 || info.alpha_bits == info.bits_per_sample);
    return request;
  }

  bool from_jxl(Bytes bytes) {
    JxlReader look(call_, bytes);
    if (!look.read_facts()) return false;
    const auto& channels = look.facts().extra_channels;
    const bool has_black =
        std::any_of(channels.begin(), channels.end(),
                    [](const ExtraChannelFacts& channel) { return channel.info.type == JXL_CHANNEL_BLACK; });
    Packed packed;
    return read_frames(bytes, request_for(look.facts().info, has_black), &packed) && write(&packed);
  }

  bool write(Packed* packed) {
    note_size(*packed);
    if (to_ == Format::jpeg) flatten(packed);
    if (to_ != Format::apng) packed->info.have_animation = JXL_FALSE;
    return write_packed(call_, to_, packed, &file_);
  }

  // JPEG has no alpha: what shows through is white.
  static void flatten(Packed* packed) {
    if (packed->info.alpha_bits == 0) return;
    const jxl::extras::PackedImage& from = packed->frames.front().color;
    const uint32_t colours = packed->info.num_color_channels;
    auto made = jxl::extras::PackedFrame::Create(from.xsize, from.ysize,
                                                 {colours, JXL_TYPE_UINT8, JXL_BIG_ENDIAN, 0});
    if (!made.ok()) fault("memory_limit", "no memory for a frame");
    jxl::extras::PackedFrame flat = std::move(made).value_();
    const auto* in = static_cast<const uint8_t*>(from.pixels());
    auto* out = static_cast<uint8_t*>(flat.color.pixels());
    for (size_t i = 0; i < from.xsize * from.ysize; ++i, in += colours + 1) {
      const uint32_t alpha = in[colours];
      for (uint32_t c = 0; c < colours; ++c) {
        *out++ = static_cast<uint8_t>((in[c] * alpha + 255 * (255 - alpha) + 127) / 255);
      }
    }
    flat.frame_info = packed->frames.front().frame_info;
    packed->frames.clear();
    packed->frames.push_back(std::move(flat));
    packed->info.alpha_bits = 0;
    packed->info.num_extra_channels = 0;
  }

  bool jxl_to_jxl(const EncodeRequest& request) {
    Recoder recoder(call_, bytes_, keep_metadata_);
    if (!recoder.open()) return false;
    // The decoder tells the size as it is displayed.
    width_ = recoder.facts().info.xsize;
    height_ = recoder.facts().info.ysize;
    const auto write = [&](const EncodeRequest& wanted, Buffer* made) { return recoder.write(wanted, made); };
    if (!encode_to_target(call_, target_, request, write, &file_, &found_)) return false;
    frames_ = recoder.frames();
    return true;
  }

  bool answer() {
    yyjson_mut_doc* doc = call_.doc();
    yyjson_mut_val* result = call_.result();
    yyjson_mut_obj_add_str(doc, result, "format", name_of(to_));
    yyjson_mut_obj_add_str(doc, result, "from", name_of(from_));
    yyjson_mut_obj_add_uint(doc, result, "width", width_);
    yyjson_mut_obj_add_uint(doc, result, "height", height_);
    yyjson_mut_obj_add_uint(doc, result, "frames", frames_);
    yyjson_mut_obj_add_bool(doc, result, "exact_jpeg", strcmp(carried_, "exact") == 0);
    yyjson_mut_obj_add_str(doc, result, "jpeg", carried_);
    if (to_ == Format::jxl && strcmp(carried_, "pixels") == 0) {
      report_target(call_, target_, found_);
    } else {
      yyjson_mut_obj_add_null(doc, result, "distance");
    }
    call_.output("image", std::move(file_));
    return true;
  }

  Call& call_;
  Bytes bytes_;
  Format from_;
  Format to_;
  bool exact_ = false;
  bool coefficients_ = false;
  bool keep_metadata_ = true;
  Target target_;
  Found found_;
  // What became of JPEG data: exact, coefficients or pixels.
  const char* carried_ = "pixels";
  uint64_t width_ = 0;
  uint64_t height_ = 0;
  size_t frames_ = 1;
  Buffer file_;
};

}  // namespace

bool transcode(Call& call) {
  const Bytes bytes = call.input("image");
  const Format from = sniff_input(call, bytes);
  if (from == Format::unknown) return false;
  const Format to = format_named(call.options().text("to"));
  return Transcode(call, bytes, from, to).run();
}

}  // namespace eitherside
