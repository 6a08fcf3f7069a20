#include "tone_mapper.h"

#include <array>

#include "lib/jxl/cms/jxl_cms_internal.h"
#include "lib/jxl/cms/tone_mapping.h"
#include "lib/jxl/color_encoding_internal.h"

namespace eitherside {
namespace {

jxl::Vector3 luminances_of(const JxlColorEncoding& linear) {
  jxl::Vector3 luminances{0.2126F, 0.7152F, 0.0722F};
  jxl::ColorEncoding encoding;
  jxl::PrimariesCIExy p;
  jxl::Matrix3x3 to_xyz;
  if (linear.color_space != JXL_COLOR_SPACE_RGB || !encoding.FromExternal(linear) ||
      !encoding.GetPrimaries(p)) {
    return luminances;
  }
  const jxl::CIExy w = encoding.GetWhitePoint();
  const auto f = [](double value) { return static_cast<float>(value); };
  if (jxl::PrimariesToXYZ(f(p.r.x), f(p.r.y), f(p.g.x), f(p.g.y), f(p.b.x), f(p.b.y), f(w.x), f(w.y),
                          to_xyz)) {
    luminances = to_xyz[1];
  }
  return luminances;
}

}  // namespace

struct ToneMapper::Curves {
  jxl::Vector3 luminances;
  bool is_hlg;
  float scale;
  jxl::Rec2408ToneMapperBase curve;
  jxl::HlgOOTF_Base ootf;
};

ToneMapper::ToneMapper(const JxlColorEncoding& linear, bool is_hlg, float from, float to) {
  const jxl::Vector3 luminances = luminances_of(linear);
  curves_.reset(new Curves{luminances, is_hlg, from / to,
                           jxl::Rec2408ToneMapperBase({0.0F, from}, {0.0F, to}, luminances),
                           jxl::HlgOOTF_Base(from, to, luminances)});
}

ToneMapper::~ToneMapper() = default;

void ToneMapper::apply(float* samples, size_t pixels, size_t channels) const {
  const Curves& c = *curves_;
  for (size_t i = 0; i < pixels; ++i, samples += channels) {
    jxl::Color pixel{samples[0], samples[channels == 1 ? 0 : 1], samples[channels == 1 ? 0 : 2]};
    if (c.is_hlg) {
      c.ootf.Apply(pixel);
    } else if (c.scale > 1) {
      c.curve.ToneMap(pixel);
    } else {
      for (float& value : pixel) value *= c.scale;
    }
    // A darker display's gamma, or the curve, pushes colours out of the gamut.
    if (c.scale > 1) jxl::GamutMapScalar(pixel, c.luminances);
    for (size_t k = 0; k < channels; ++k) samples[k] = pixel[k];
  }
}

}  // namespace eitherside
