#include <string.h>

#include "direct.h"
#include "flat_file.h"
#include "formats.h"
#include "functions.h"
#include "jpeg_carry.h"
#include "jxl_reader.h"
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
    // Functions without the option change pixels.
    const std::string_view jpeg = options.knows("jpeg") ? options.text("jpeg") : "pixels";
    exact_ = jpeg == "exact";
    coefficients_ = jpeg == "coefficients";
    keep_metadata_ = options.text("metadata") == "keep";
    if (!read_target(call_, &target_)) return false;
    if (target_.kind != Target::Kind::none && (to_ != Format::jxl || exact_ || coefficients_)) {
      return refuse_target(call_, target_);
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
      if (!read_encode_request(call_, default_distance(from_), &request)) return false;
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
    FlatFile flat(call_, to_, keep_metadata_);
    const PixelRequest request = flat.request(from->info, false);
    Direct direct(call_, *from);
    bool failed = false;
    *done = direct.start(request, keep_metadata_, &failed);
    if (failed || !*done) return !failed;
    flat.describe(direct.reader(), request, direct.reader().format());
    flat.add_frame(direct.frame().facts, std::move(from->frames.front().color));
    from->frames.clear();
    return write(&flat);
  }

  void note_size(const Packed& packed) {
    const bool turned = packed.info.orientation >= JXL_ORIENT_TRANSPOSE;
    width_ = turned ? packed.info.ysize : packed.info.xsize;
    height_ = turned ? packed.info.xsize : packed.info.ysize;
    frames_ = packed.frames.size();
  }

  bool from_jxl(Bytes bytes) {
    JxlReader look(call_, bytes);
    if (!look.read_facts()) return false;
    FlatFile flat(call_, to_, keep_metadata_);
    const PixelRequest request = flat.request(look.facts().info, has_black(look.facts()));
    {
      JxlReader reader(call_, bytes);
      const bool decoded = reader.read_pixels(request, [&](const FrameFacts& facts, Buffer&& samples) {
        flat.add_frame(facts, std::move(samples));
        return true;
      });
      if (!decoded) return false;
      flat.describe(reader, request, reader.format());
    }
    return write(&flat);
  }

  bool write(FlatFile* flat) {
    if (!flat->write(&file_)) return false;
    width_ = flat->width();
    height_ = flat->height();
    frames_ = flat->frames();
    return true;
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
    if (call_.options().knows("jpeg")) {
      yyjson_mut_obj_add_bool(doc, result, "exact_jpeg", strcmp(carried_, "exact") == 0);
      yyjson_mut_obj_add_str(doc, result, "jpeg", carried_);
    }
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
