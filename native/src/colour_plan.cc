#include "colour_plan.h"

#include <algorithm>

#include "colours.h"
#include "fault.h"

namespace eitherside {
namespace {

// Luminance of white on an ordinary display, as libjxl takes it.
constexpr float kOrdinaryWhite = 255.0F;

std::vector<uint8_t> profile_of(JxlDecoder* d, JxlColorProfileTarget target) {
  size_t size = 0;
  std::vector<uint8_t> icc;
  if (JxlDecoderGetICCProfileSize(d, target, &size) != JXL_DEC_SUCCESS || size == 0) return icc;
  icc.resize(size);
  if (JxlDecoderGetColorAsICCProfile(d, target, icc.data(), size) != JXL_DEC_SUCCESS) icc.clear();
  return icc;
}

bool has_encoding(JxlDecoder* d, JxlColorProfileTarget target, JxlColorEncoding* encoding) {
  return JxlDecoderGetColorAsEncodedProfile(d, target, encoding) == JXL_DEC_SUCCESS;
}

}  // namespace

bool ColourPlan::read_source(JxlDecoder* decoder, JxlFacts* facts) {
  JxlColorEncoding encoding;
  if (facts->info.uses_original_profile == JXL_FALSE &&
      !has_encoding(decoder, JXL_COLOR_PROFILE_TARGET_ORIGINAL, &encoding)) {
    // An XYB image with an ICC profile comes out in linear sRGB unless the profile is asked for. Where the
    // profile cannot be an output the decoder's own choice stands, and the ICC output says which.
    const std::vector<uint8_t> icc = profile_of(decoder, JXL_COLOR_PROFILE_TARGET_ORIGINAL);
    if (!icc.empty()) (void)JxlDecoderSetOutputColorProfile(decoder, nullptr, icc.data(), icc.size());
  }
  facts->icc = profile_of(decoder, JXL_COLOR_PROFILE_TARGET_DATA);
  facts->has_encoding = has_encoding(decoder, JXL_COLOR_PROFILE_TARGET_DATA, &facts->encoding);
  const bool is_known = !facts->icc.empty() && source_.read(facts->icc);
  if (facts->has_encoding) source_.encoding = facts->encoding;
  clear_notes();
  return is_known;
}

bool ColourPlan::choose_target(Call& call, const PixelRequest& request, const JxlFacts& facts) {
  const bool is_grey = facts.info.num_color_channels == 1;
  if (colour_ == "original") {
    target_ = source_;
  } else if (colour_ == "profile") {
    if (!target_.read(request.profile)) {
      return call.fail_input("bad_input", "profile", "the ICC profile cannot be used");
    }
    if (target_.is_cmyk || target_.is_grey() != is_grey) {
      return call.fail_input("bad_input", "profile", "the ICC profile is for %s; the image is %s",
                             target_.is_cmyk ? "CMYK" : (target_.is_grey() ? "grey" : "RGB"),
                             is_grey ? "grey" : "in colour");
    }
  } else if (colour_ == "linear") {
    JxlColorEncoding encoding = source_.encoding;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_LINEAR;
    if (source_.is_cmyk || !target_.make(encoding)) {
      return call.fail_input("unsupported", "image",
                             "the colour profile has no primaries that linear samples could have");
    }
  } else if (!target_.make(colour_named(colour_, is_grey))) {
    return call.fail("internal", "the colour space '%s' has no profile", colour_.c_str());
  }
  return true;
}

bool ColourPlan::let_decoder_convert(JxlDecoder* decoder, const PixelRequest& request,
                                     const JxlFacts& facts) const {
  // The decoder blends frames in the colours that it gives, and takes no account of alpha in them, so that
  // both need the file's own.
  if (facts.info.uses_original_profile == JXL_TRUE || maps_tones_ || facts.info.have_animation == JXL_TRUE ||
      (facts.info.alpha_bits > 0 && facts.info.alpha_premultiplied == JXL_TRUE) || request.premultiply ||
      colour_ == "profile" || intensity_target_ != facts.info.intensity_target) {
    return false;
  }
  return JxlDecoderSetOutputColorProfile(decoder, &target_.encoding, nullptr, 0) == JXL_DEC_SUCCESS;
}

bool ColourPlan::make(Call& call, JxlDecoder* decoder, const PixelRequest& request, JxlFacts* facts) {
  colour_ = request.srgb ? "srgb" : request.colour;
  const float luminance = facts->info.intensity_target;
  const bool is_known = read_source(decoder, facts);
  intensity_target_ = luminance;
  const bool is_hdr = is_known && (source_.is_pq() || source_.is_hlg());
  if (colour_ == "original" && (!is_hdr || request.intensity_target == 0)) return true;
  if (!is_known) {
    return call.fail_input("unsupported", "image", "the image has no colour profile to convert from");
  }
  if (!choose_target(call, request, *facts)) return false;
  const bool to_hdr = target_.is_pq() || target_.is_hlg();
  if (request.intensity_target > 0) {
    intensity_target_ = request.intensity_target;
  } else if (is_hdr && !to_hdr) {
    intensity_target_ = std::min(luminance, kOrdinaryWhite);
  }
  // HLG is relative: its samples are the same for every display.
  maps_tones_ = is_hdr && intensity_target_ != luminance && !(source_.is_hlg() && target_.is_hlg());
  if (source_.is_same(target_) && !maps_tones_) return true;
  if (let_decoder_convert(decoder, request, *facts)) {
    facts->icc = profile_of(decoder, JXL_COLOR_PROFILE_TARGET_DATA);
    facts->has_encoding = has_encoding(decoder, JXL_COLOR_PROFILE_TARGET_DATA, &facts->encoding);
    return true;
  }
  converter_ = std::make_unique<ColourConverter>();
  if (!converter_->start(source_, target_, luminance, intensity_target_, maps_tones_)) {
    return call.fail_with_note("unsupported", "the colours cannot be converted");
  }
  facts->icc = target_.icc;
  facts->encoding = target_.encoding;
  facts->has_encoding = colour_ != "profile" && (colour_ != "original" || facts->has_encoding);
  return true;
}

}  // namespace eitherside
