#pragma once

#include <jxl/cms_interface.h>

#include <vector>

#include "call.h"

namespace eitherside {

// Converts rows of samples from an ICC profile to sRGB with libjxl's colour management. libjxl's decoder does
// that for XYB images only.
class ColourConverter {
 public:
  ColourConverter() = default;
  ~ColourConverter();
  ColourConverter(const ColourConverter&) = delete;
  ColourConverter& operator=(const ColourConverter&) = delete;

  // Prepares for rows of `width` pixels; false where the profile cannot be used.
  bool start(const std::vector<uint8_t>& icc, size_t width, float intensity_target);

  // Channels of a row that goes in (1, 3 or 4) and of one that comes out (1 or 3).
  size_t channels_in() const { return channels_in_; }
  size_t channels_out() const { return channels_out_; }

  // Interleaved floats of the next row, to be filled before convert(), and of the converted row after it.
  float* row_in();
  const float* row_out() const;
  bool convert();

  // ICC profile of what comes out.
  const std::vector<uint8_t>& icc() const { return icc_out_; }

 private:
  JxlCmsInterface cms_ = {};
  void* state_ = nullptr;
  size_t width_ = 0;
  size_t channels_in_ = 0;
  size_t channels_out_ = 0;
  std::vector<uint8_t> icc_out_;
};

}  // namespace eitherside
