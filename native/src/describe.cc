#include "describe.h"

#include <jxl/gain_map.h>

#include <algorithm>

#include "colours.h"
#include "lib/jxl/base/exif.h"

namespace eitherside {
namespace {

// Exif's tags for the picture as a whole stand at its beginning.
constexpr size_t kExifLook = 65536;

void describe_point(Json json, const char* key, const double (&xy)[2]) {
  yyjson_mut_val* list = json.array(key);
  json.decimal(list, xy[0]);
  json.decimal(list, xy[1]);
}

}  // namespace

void describe_colour(Json json, const JxlColorEncoding* encoding, std::optional<uint64_t> icc_bytes,
                     bool icc_embedded) {
  if (encoding != nullptr) {
    json.text("space", name_of(encoding->color_space))
        .text("white_point", name_of(encoding->white_point))
        .text("transfer_function", name_of(encoding->transfer_function))
        .text("rendering_intent", name_of(encoding->rendering_intent));
    if (encoding->white_point == JXL_WHITE_POINT_CUSTOM) {
      describe_point(json, "white_point_xy", encoding->white_point_xy);
    }
    if (encoding->color_space == JXL_COLOR_SPACE_RGB) {
      json.text("primaries", name_of(encoding->primaries));
      if (encoding->primaries == JXL_PRIMARIES_CUSTOM) {
        describe_point(json, "red_xy", encoding->primaries_red_xy);
        describe_point(json, "green_xy", encoding->primaries_green_xy);
        describe_point(json, "blue_xy", encoding->primaries_blue_xy);
      }
    }
    if (encoding->transfer_function == JXL_TRANSFER_FUNCTION_GAMMA) json.number("gamma", encoding->gamma);
  } else {
    json.text("space", "icc");
  }
  json.integer("icc_bytes", icc_bytes).boolean("icc_embedded", icc_embedded);
}

uint32_t exif_orientation(Bytes tiff) {
  const Bytes look = tiff.first(std::min(tiff.size(), kExifLook));
  JxlOrientation orientation = static_cast<JxlOrientation>(0);
  jxl::InterpretExif(std::vector<uint8_t>(look.begin(), look.end()), &orientation);
  return orientation;
}

void describe_exif(Json json, Bytes tiff, std::optional<uint64_t> size) {
  const uint32_t orientation = exif_orientation(tiff);
  json.integer("bytes", size);
  if (orientation == 0) {
    json.null("orientation");
  } else {
    json.integer("orientation", uint64_t{orientation});
  }
}

const char* name_of(JxlExtraChannelType type) {
  switch (type) {
    case JXL_CHANNEL_ALPHA:
      return "alpha";
    case JXL_CHANNEL_DEPTH:
      return "depth";
    case JXL_CHANNEL_SPOT_COLOR:
      return "spot";
    case JXL_CHANNEL_SELECTION_MASK:
      return "selection_mask";
    case JXL_CHANNEL_BLACK:
      return "black";
    case JXL_CHANNEL_CFA:
      return "cfa";
    case JXL_CHANNEL_THERMAL:
      return "thermal";
    case JXL_CHANNEL_OPTIONAL:
      return "optional";
    default:
      return "other";
  }
}

bool describe_gain_map(Json json, Bytes bundle) {
  JxlGainMapBundle map = {};
  size_t read = 0;
  if (JxlGainMapReadBundle(&map, bundle.data(), bundle.size(), &read) != JXL_TRUE) return false;
  json.integer("bytes", uint64_t{bundle.size()})
      .integer("version", uint64_t{map.jhgm_version})
      .integer("metadata_bytes", uint64_t{map.gain_map_metadata_size})
      .integer("alternate_icc_bytes", uint64_t{map.alt_icc_size})
      .integer("image_bytes", uint64_t{map.gain_map_size});
  if (map.has_color_encoding == JXL_TRUE) {
    describe_colour(json.object("alternate_colour"), &map.color_encoding, uint64_t{0}, false);
  } else {
    json.null("alternate_colour");
  }
  Codestream image(Bytes(map.gain_map, map.gain_map_size));
  if (image.read_header() != Reach::whole) {
    json.null("width").null("height");
    return true;
  }
  json.integer("width", uint64_t{image.metadata().oriented_xsize(false)})
      .integer("height", uint64_t{image.metadata().oriented_ysize(false)});
  return true;
}

}  // namespace eitherside
