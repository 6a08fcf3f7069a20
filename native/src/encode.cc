#include "formats.h"
#include "functions.h"
#include "jxl_writer.h"
#include "sample_input.h"
#include "target.h"

namespace eitherside {
namespace {

bool write_file(Call& call, const SampleInput& input, const EncodeRequest& request, Buffer* file) {
  JxlWriter writer(call, request);
  if (!writer.start() || !writer.set_image(input.image) || !writer.add_metadata(input.metadata)) return false;
  for (const FrameInput& frame : input.frames) {
    if (!writer.add_frame(frame)) return false;
  }
  return writer.finish(file);
}

}  // namespace

bool encode(Call& call) {
  EncodeRequest request;
  Target target;
  SampleInput input;
  if (!read_encode_request(call, 1.0F, &request) || !read_target(call, &target) ||
      !read_sample_input(call, &input)) {
    return false;
  }
  Buffer file;
  Found found;
  const auto write = [&](const EncodeRequest& wanted, Buffer* made) {
    return write_file(call, input, wanted, made);
  };
  if (!encode_to_target(call, target, request, write, &file, &found)) return false;

  const JxlBasicInfo& info = input.image.info;
  yyjson_mut_doc* doc = call.doc();
  yyjson_mut_val* result = call.result();
  const bool turned = info.orientation >= JXL_ORIENT_TRANSPOSE;
  yyjson_mut_obj_add_str(doc, result, "format", name_of(Format::jxl));
  yyjson_mut_obj_add_uint(doc, result, "width", turned ? info.ysize : info.xsize);
  yyjson_mut_obj_add_uint(doc, result, "height", turned ? info.xsize : info.ysize);
  yyjson_mut_obj_add_uint(doc, result, "frames", input.frames.size());
  report_target(call, target, found);
  yyjson_mut_obj_add_bool(doc, result, "container", in_container(file));
  call.output("image", std::move(file));
  return true;
}

}  // namespace eitherside
