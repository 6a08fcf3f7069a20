#pragma once

#include <jxl/decode.h>

#include <memory>

#include "call.h"
#include "colour_converter.h"
#include "jxl_facts.h"
#include "pixel_request.h"

namespace eitherside {

// How a file's colours come to those asked for: what the decoder does, and what is left to a converter.
class ColourPlan {
 public:
  // Decides at the decoder's event for colours; sets the decoder's output, and the facts' colours to those of
  // the samples. Ends the call where it returns false.
  bool make(Call& call, JxlDecoder* decoder, const PixelRequest& request, JxlFacts* facts);

  // What turns decoded floats into the colours asked for; null where the decoder gives them.
  ColourConverter* converter() const { return converter_.get(); }
  float intensity_target() const { return intensity_target_; }

 private:
  bool read_source(JxlDecoder* decoder, JxlFacts* facts);
  bool choose_target(Call& call, const PixelRequest& request, const JxlFacts& facts);
  bool let_decoder_convert(JxlDecoder* decoder, const PixelRequest& request, const JxlFacts& facts) const;

  std::string colour_;
  ColourSpace source_;
  ColourSpace target_;
  bool maps_tones_ = false;
  float intensity_target_ = 0;
  std::unique_ptr<ColourConverter> converter_;
};

}  // namespace eitherside
