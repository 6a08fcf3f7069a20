#include "picture.h"

#include <jxl/encode.h>
#include <string.h>

#include "packed.h"

namespace eitherside {

bool write_picture(Call& call, const Picture& picture, Format to, const EncodeRequest& request,
                   Buffer* file) {
  auto made = jxl::extras::PackedFrame::Create(picture.width, picture.height,
                                               {picture.channels, JXL_TYPE_UINT8, JXL_BIG_ENDIAN, 0});
  if (!made.ok()) return call.fail_with_note("memory_limit", "no memory for the picture");
  jxl::extras::PackedFrame frame = std::move(made).value_();
  memcpy(frame.color.pixels(), picture.samples.data(),
         std::min(picture.samples.size(), frame.color.pixels_size));
  frame.frame_info.is_last = JXL_TRUE;
  frame.frame_info.layer_info.xsize = picture.width;
  frame.frame_info.layer_info.ysize = picture.height;
  Packed packed;
  JxlEncoderInitBasicInfo(&packed.info);
  packed.info.xsize = picture.width;
  packed.info.ysize = picture.height;
  packed.info.bits_per_sample = 8;
  packed.info.num_color_channels = picture.channels < 3 ? 1 : 3;
  packed.info.alpha_bits = picture.channels % 2 == 0 ? 8 : 0;
  packed.info.num_extra_channels = picture.channels % 2 == 0 ? 1 : 0;
  packed.color_encoding = picture.encoding;
  packed.icc = picture.icc;
  packed.primary_color_representation =
      picture.icc.empty() ? Packed::kColorEncodingIsPrimary : Packed::kIccIsPrimary;
  packed.frames.push_back(std::move(frame));
  return to == Format::jxl ? encode_packed(call, packed, request, false, file)
                           : write_packed(call, to, &packed, file);
}

}  // namespace eitherside
