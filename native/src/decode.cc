#include <string.h>

#include "formats.h"
#include "functions.h"
#include "jxl_reader.h"
#include "packed.h"

namespace eitherside {
namespace {

const char* type_name(JxlDataType type) {
  return type == JXL_TYPE_UINT8 ? "u8" : (type == JXL_TYPE_UINT16 ? "u16" : "f32");
}

PixelRequest read_request(const Options& options) {
  PixelRequest request;
  const std::string_view type = options.text("type");
  request.automatic_type = type == "auto";
  request.format.data_type =
      type == "f32" ? JXL_TYPE_FLOAT : (type == "u16" ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8);
  request.format.num_channels = static_cast<uint32_t>(options.integer("channels"));
  request.keep_orientation = options.text("orientation") == "keep";
  request.unpremultiply = options.text("alpha") == "straight";
  request.srgb = options.text("colour") == "srgb";
  request.first_frame_only = options.text("frames") == "first";
  return request;
}

// Decodes a JPEG XL file into the call's outputs.
bool decode_jxl(Call& call, Bytes bytes, const PixelRequest& request) {
  yyjson_mut_doc* doc = call.doc();
  yyjson_mut_val* result = call.result();
  yyjson_mut_val* frames = yyjson_mut_arr(doc);
  JxlReader reader(call, bytes);
  const bool decoded = reader.read_pixels(request, [&](const FrameFacts& frame, Buffer&& samples) {
    yyjson_mut_val* item = yyjson_mut_arr_add_obj(doc, frames);
    yyjson_mut_obj_add_real(doc, item, "duration", frame.seconds);
    yyjson_mut_obj_add_strncpy(doc, item, "name", frame.name.data(), frame.name.size());
    call.output("samples", std::move(samples));
    return true;
  });
  if (!decoded) return false;
  const JxlBasicInfo& info = reader.facts().info;
  const JxlPixelFormat& format = reader.format();
  const bool alpha = format.num_channels == 2 || format.num_channels == 4;
  yyjson_mut_obj_add_uint(doc, result, "width", info.xsize);
  yyjson_mut_obj_add_uint(doc, result, "height", info.ysize);
  yyjson_mut_obj_add_uint(doc, result, "channels", format.num_channels);
  yyjson_mut_obj_add_str(doc, result, "type", type_name(format.data_type));
  yyjson_mut_obj_add_uint(doc, result, "bits_per_sample", info.bits_per_sample);
  yyjson_mut_obj_add_bool(doc, result, "alpha", alpha);
  yyjson_mut_obj_add_bool(doc, result, "premultiplied",
                          alpha && info.alpha_premultiplied == JXL_TRUE && !request.unpremultiply);
  yyjson_mut_obj_add_uint(doc, result, "orientation", request.keep_orientation ? info.orientation : 1U);
  yyjson_mut_obj_add_real(doc, result, "intensity_target", info.intensity_target);
  if (info.have_animation == JXL_TRUE) {
    yyjson_mut_val* animation = yyjson_mut_obj_add_obj(doc, result, "animation");
    yyjson_mut_obj_add_uint(doc, animation, "loops", info.animation.num_loops);
  } else {
    yyjson_mut_obj_add_null(doc, result, "animation");
  }
  yyjson_mut_obj_add_val(doc, result, "frames", frames);
  if (!reader.icc().empty()) {
    Buffer icc;
    if (!icc.resize(reader.icc().size())) return call.fail("memory_limit", "no memory for the ICC profile");
    memcpy(icc.data(), reader.icc().data(), reader.icc().size());
    call.output("icc", std::move(icc));
  }
  return true;
}

}  // namespace

bool decode(Call& call) {
  const Bytes bytes = call.input("image");
  const Format format = sniff_input(call, bytes);
  if (format == Format::unknown) return false;
  yyjson_mut_obj_add_str(call.doc(), call.result(), "format", name_of(format));
  const PixelRequest request = read_request(call.options());
  if (format == Format::jxl) return decode_jxl(call, bytes, request);
  // Other formats go through a lossless JPEG XL file: one piece of code blends frames, turns, converts types
  // and colours.
  Buffer file;
  {
    Packed packed;
    if (!read_packed(call, format, bytes, &packed)) return false;
    EncodeRequest lossless;
    lossless.distance = 0;
    lossless.effort = 1;
    if (!encode_packed(call, packed, lossless, false, &file)) return false;
  }
  return decode_jxl(call, {file.data(), file.size()}, request);
}

}  // namespace eitherside
