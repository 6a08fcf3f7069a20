#include "colour_converter.h"

#include <jxl/cms.h>

#include "lib/jxl/color_encoding_internal.h"

namespace eitherside {

ColourConverter::~ColourConverter() {
  if (state_ != nullptr) cms_.destroy(state_);
}

bool ColourConverter::start(const std::vector<uint8_t>& icc, size_t width, float intensity_target) {
  cms_ = *JxlGetDefaultCms();
  width_ = width;
  JxlColorProfile in = {};
  JXL_BOOL cmyk = JXL_FALSE;
  in.icc = {icc.data(), icc.size()};
  if (cms_.set_fields_from_icc(cms_.set_fields_data, icc.data(), icc.size(), &in.color_encoding, &cmyk) ==
      JXL_FALSE) {
    return false;
  }
  const bool grey = in.color_encoding.color_space == JXL_COLOR_SPACE_GRAY;
  channels_in_ = cmyk == JXL_TRUE ? 4 : (grey ? 1 : 3);
  channels_out_ = grey ? 1 : 3;
  in.num_channels = channels_in_;
  const jxl::ColorEncoding& srgb = jxl::ColorEncoding::SRGB(grey);
  icc_out_.assign(srgb.ICC().begin(), srgb.ICC().end());
  JxlColorProfile out = {};
  out.icc = {icc_out_.data(), icc_out_.size()};
  out.color_encoding = srgb.ToExternal();
  out.num_channels = channels_out_;
  state_ = cms_.init(cms_.init_data, 1, width, &in, &out, intensity_target);
  return state_ != nullptr;
}

float* ColourConverter::row_in() { return cms_.get_src_buf(state_, 0); }

const float* ColourConverter::row_out() const { return cms_.get_dst_buf(state_, 0); }

bool ColourConverter::convert() {
  return cms_.run(state_, 0, cms_.get_src_buf(state_, 0), cms_.get_dst_buf(state_, 0), width_) == JXL_TRUE;
}

}  // namespace eitherside
