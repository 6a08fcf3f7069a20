#include "colour_converter.h"

#include <jxl/cms.h>
#include <jxl/encode.h>
#include <string.h>

#include "colours.h"
#include "lib/jxl/color_encoding_internal.h"
#include "parallel.h"

namespace eitherside {
namespace {

size_t channels_of(const ColourSpace& space) { return space.is_cmyk ? 4 : (space.is_grey() ? 1 : 3); }

}  // namespace

bool make_linear(const ColourSpace& space, ColourSpace* linear) {
  JxlColorEncoding encoding = space.encoding;
  encoding.transfer_function = JXL_TRANSFER_FUNCTION_LINEAR;
  if (!space.is_cmyk && linear->make(encoding)) return true;
  JxlColorEncodingSetToLinearSRGB(&encoding, space.is_grey() ? JXL_TRUE : JXL_FALSE);
  return linear->make(encoding);
}

bool ColourSpace::read(Bytes profile) {
  const JxlCmsInterface cms = *JxlGetDefaultCms();
  JXL_BOOL cmyk = JXL_FALSE;
  icc.assign(profile.begin(), profile.end());
  if (cms.set_fields_from_icc(cms.set_fields_data, icc.data(), icc.size(), &encoding, &cmyk) == JXL_FALSE) {
    return false;
  }
  is_cmyk = cmyk == JXL_TRUE;
  return true;
}

bool ColourSpace::make(const JxlColorEncoding& wanted) {
  jxl::ColorEncoding made;
  if (!made.FromExternal(wanted) || made.ICC().empty()) return false;
  icc.assign(made.ICC().begin(), made.ICC().end());
  encoding = wanted;
  is_cmyk = false;
  return true;
}

bool ColourSpace::is_same(const ColourSpace& other) const {
  if (icc == other.icc) return true;
  if (is_cmyk || other.is_cmyk) return false;
  jxl::ColorEncoding a;
  jxl::ColorEncoding b;
  return a.FromExternal(encoding) && b.FromExternal(other.encoding) && !a.ICC().empty() &&
         a.SameColorEncoding(b);
}

bool ColourConverter::Pass::start(const JxlCmsInterface& cms, size_t threads, const ColourSpace& from,
                                  const ColourSpace& to, float luminance) {
  JxlColorProfile in = {};
  in.icc = {from.icc.data(), from.icc.size()};
  in.color_encoding = from.encoding;
  in.num_channels = channels_of(from);
  JxlColorProfile out = {};
  out.icc = {to.icc.data(), to.icc.size()};
  out.color_encoding = to.encoding;
  out.num_channels = channels_of(to);
  state = cms.init(cms.init_data, threads, kWidth, &in, &out, luminance);
  return state != nullptr;
}

bool ColourConverter::Pass::run(const JxlCmsInterface& cms, size_t thread, size_t pixels) const {
  return cms.run(state, thread, cms.get_src_buf(state, thread), cms.get_dst_buf(state, thread), pixels) ==
         JXL_TRUE;
}

ColourConverter::~ColourConverter() {
  for (const Pass& pass : {first_, second_}) {
    if (pass.state != nullptr) cms_.destroy(pass.state);
  }
}

bool ColourConverter::start(const ColourSpace& from, const ColourSpace& to, float luminance, float target,
                            bool map_tones) {
  cms_ = *JxlGetDefaultCms();
  threads_ = most_threads();
  channels_in_ = channels_of(from);
  channels_out_ = channels_of(to);
  if (from.is_cmyk) {
    // libjxl takes a CMYK profile for sRGB by its fields, and would pass samples on as they are.
    ColourSpace between;
    return between.make(colour_named("display_p3", false)) &&
           first_.start(cms_, threads_, from, between, luminance) &&
           second_.start(cms_, threads_, between, to, target);
  }
  if (!map_tones) return first_.start(cms_, threads_, from, to, target);
  ColourSpace linear;
  if (!make_linear(to, &linear)) return false;
  tones_ = std::make_unique<ToneMapper>(linear.encoding, from.is_hlg(), luminance, target);
  return first_.start(cms_, threads_, from, linear, luminance) &&
         second_.start(cms_, threads_, linear, to, target);
}

float* ColourConverter::row_in(size_t thread) { return cms_.get_src_buf(first_.state, thread); }

const float* ColourConverter::row_out(size_t thread) const {
  return cms_.get_dst_buf(second_.state == nullptr ? first_.state : second_.state, thread);
}

bool ColourConverter::convert(size_t pixels, size_t thread) {
  if (!first_.run(cms_, thread, pixels)) return false;
  if (second_.state == nullptr) return true;
  float* row = cms_.get_src_buf(second_.state, thread);
  memcpy(row, cms_.get_dst_buf(first_.state, thread), pixels * channels_out_ * sizeof(float));
  if (tones_ != nullptr) tones_->apply(row, pixels, channels_out_);
  return second_.run(cms_, thread, pixels);
}

}  // namespace eitherside
