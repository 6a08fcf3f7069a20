#include "colours.h"

#include <jxl/encode.h>

namespace eitherside {

JxlColorEncoding colour_named(std::string_view name, bool grey) {
  JxlColorEncoding encoding;
  JxlColorEncodingSetToSRGB(&encoding, grey ? JXL_TRUE : JXL_FALSE);
  if (name == "linear_srgb") {
    JxlColorEncodingSetToLinearSRGB(&encoding, grey ? JXL_TRUE : JXL_FALSE);
  } else if (name == "display_p3") {
    encoding.primaries = JXL_PRIMARIES_P3;
  } else if (name == "rec2020") {
    encoding.primaries = JXL_PRIMARIES_2100;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_709;
  } else if (name == "linear_rec2020") {
    encoding.primaries = JXL_PRIMARIES_2100;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_LINEAR;
  } else if (name == "rec2020_pq") {
    encoding.primaries = JXL_PRIMARIES_2100;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_PQ;
  } else if (name == "rec2020_hlg") {
    encoding.primaries = JXL_PRIMARIES_2100;
    encoding.transfer_function = JXL_TRANSFER_FUNCTION_HLG;
  }
  return encoding;
}

const char* name_of(JxlColorSpace space) {
  switch (space) {
    case JXL_COLOR_SPACE_RGB:
      return "rgb";
    case JXL_COLOR_SPACE_GRAY:
      return "grey";
    case JXL_COLOR_SPACE_XYB:
      return "xyb";
    case JXL_COLOR_SPACE_UNKNOWN:
      break;
  }
  return "unknown";
}

const char* name_of(JxlWhitePoint point) {
  switch (point) {
    case JXL_WHITE_POINT_D65:
      return "d65";
    case JXL_WHITE_POINT_E:
      return "e";
    case JXL_WHITE_POINT_DCI:
      return "dci";
    case JXL_WHITE_POINT_CUSTOM:
      break;
  }
  return "custom";
}

const char* name_of(JxlPrimaries primaries) {
  switch (primaries) {
    case JXL_PRIMARIES_SRGB:
      return "srgb";
    case JXL_PRIMARIES_2100:
      return "rec2020";
    case JXL_PRIMARIES_P3:
      return "p3";
    case JXL_PRIMARIES_CUSTOM:
      break;
  }
  return "custom";
}

const char* name_of(JxlTransferFunction function) {
  switch (function) {
    case JXL_TRANSFER_FUNCTION_709:
      return "bt709";
    case JXL_TRANSFER_FUNCTION_LINEAR:
      return "linear";
    case JXL_TRANSFER_FUNCTION_SRGB:
      return "srgb";
    case JXL_TRANSFER_FUNCTION_PQ:
      return "pq";
    case JXL_TRANSFER_FUNCTION_DCI:
      return "dci";
    case JXL_TRANSFER_FUNCTION_HLG:
      return "hlg";
    case JXL_TRANSFER_FUNCTION_GAMMA:
      return "gamma";
    case JXL_TRANSFER_FUNCTION_UNKNOWN:
      break;
  }
  return "unknown";
}

const char* name_of(JxlRenderingIntent intent) {
  switch (intent) {
    case JXL_RENDERING_INTENT_PERCEPTUAL:
      return "perceptual";
    case JXL_RENDERING_INTENT_RELATIVE:
      return "relative";
    case JXL_RENDERING_INTENT_SATURATION:
      return "saturation";
    case JXL_RENDERING_INTENT_ABSOLUTE:
      break;
  }
  return "absolute";
}

}  // namespace eitherside
