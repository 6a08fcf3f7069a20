#pragma once

#include <jxl/color_encoding.h>

#include <cstddef>
#include <memory>

namespace eitherside {

// Brings linear samples from one brightest luminance to another as libjxl's render pipeline does: PQ by the
// curve of Report ITU-R BT.2408, HLG by the opto-optical transfer function of Rec. ITU-R BT.2100, then
// colours that no longer fit the gamut towards grey. A greater luminance than the source's keeps absolute
// luminances.
class ToneMapper {
 public:
  // `linear` is the space of the samples, 1 being `from` cd/m² before and `to` after.
  ToneMapper(const JxlColorEncoding& linear, bool is_hlg, float from, float to);
  ~ToneMapper();
  ToneMapper(const ToneMapper&) = delete;
  ToneMapper& operator=(const ToneMapper&) = delete;

  // Maps pixels of 1 or 3 interleaved samples in place.
  void apply(float* samples, size_t pixels, size_t channels) const;

 private:
  struct Curves;
  std::unique_ptr<Curves> curves_;
};

}  // namespace eitherside
