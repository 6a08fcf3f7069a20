#include "edited_picture.h"
#include "functions.h"
#include "source.h"
#include "target.h"

namespace eitherside {
namespace {

class Edit {
 public:
  Edit(Call& call, const EditSteps& steps) : call_(call), steps_(steps) {}

  bool run() {
    const Options& options = call_.options();
    to_ = format_named(options.text("to"));
    keep_metadata_ = options.text("metadata") == "keep";
    if (!read_target(call_, &target_)) return false;
    if (target_.kind != Target::Kind::none && to_ != Format::jxl) return refuse_target(call_, target_);
    const Format from = sniff_input(call_, call_.input("image"));
    if (from == Format::unknown) return false;
    EncodeRequest request;
    if (to_ == Format::jxl && !read_encode_request(call_, default_distance(from), &request)) return false;
    if (!source_.open(call_, "image", keep_metadata_)) return false;
    EditedPicture picture(call_, source_.file(), source_.facts(), steps_);
    if (!picture.open()) return false;
    return (to_ == Format::jxl ? write_jxl(&picture, request) : write_flat(&picture)) && answer(picture);
  }

 private:
  bool write_jxl(EditedPicture* picture, const EncodeRequest& request) {
    BoxesOfFile boxes;
    if (keep_metadata_ && !boxes.read(call_, source_.file(), true)) return false;
    MetadataInput metadata = boxes.metadata();
    // It would be laid on another picture than the one that it was made for.
    metadata.gain_map = {};
    const auto write = [&](const EncodeRequest& wanted, Buffer* made) {
      return picture->write(wanted, metadata, made);
    };
    return encode_to_target(call_, target_, request, write, &file_, &found_);
  }

  bool write_flat(EditedPicture* picture) {
    FlatFile flat(call_, to_, keep_metadata_);
    return picture->write(&flat, &file_);
  }

  bool answer(const EditedPicture& picture) {
    yyjson_mut_doc* doc = call_.doc();
    yyjson_mut_val* result = call_.result();
    yyjson_mut_obj_add_str(doc, result, "format", name_of(to_));
    yyjson_mut_obj_add_str(doc, result, "from", name_of(source_.format()));
    yyjson_mut_obj_add_uint(doc, result, "width", picture.width());
    yyjson_mut_obj_add_uint(doc, result, "height", picture.height());
    yyjson_mut_obj_add_uint(doc, result, "frames", picture.frames());
    if (to_ == Format::jxl) {
      report_target(call_, target_, found_);
    } else {
      yyjson_mut_obj_add_null(doc, result, "distance");
    }
    call_.output("image", std::move(file_));
    return true;
  }

  Call& call_;
  const EditSteps& steps_;
  Format to_ = Format::unknown;
  bool keep_metadata_ = true;
  Target target_;
  Found found_;
  Source source_;
  Buffer file_;
};

}  // namespace

bool edit(Call& call) {
  EditSteps steps;
  if (!read_edit_steps(call, &steps)) return false;
  // Without steps it is the same as encoding pixels anew.
  return steps.any() ? Edit(call, steps).run() : transcode(call);
}

}  // namespace eitherside
