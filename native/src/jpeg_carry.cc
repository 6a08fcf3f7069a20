#include "jpeg_carry.h"

#include "jpeg_segments.h"
#include "jxl_writer.h"
#include "structure.h"

namespace eitherside {
namespace {

constexpr uint8_t kProgressive = 0xC2;
constexpr uint8_t kFirstArithmetic = 0xC9;

struct FrameHeader {
  uint8_t marker = 0;
  uint8_t precision = 8;
  uint8_t components = 0;
};

FrameHeader frame_header_of(Bytes jpeg) {
  JpegReader reader(jpeg);
  for (JpegSegment segment; reader.next(&segment);) {
    if (segment.is_frame_header() && segment.content.size() >= 6) {
      return {segment.marker, segment.content[0], segment.content[5]};
    }
  }
  return {};
}

}  // namespace

const char* jpeg_pixel_obstacle(Bytes jpeg) {
  const FrameHeader header = frame_header_of(jpeg);
  if (header.marker == 0) return nullptr;
  if (header.marker >= kFirstArithmetic) return "it is coded arithmetically";
  if (header.marker > kProgressive) return "it is a lossless or a hierarchical JPEG";
  if (header.precision != 8) return "its samples have more than 8 bits";
  return nullptr;
}

bool is_four_component_jpeg(Bytes jpeg) { return frame_header_of(jpeg).components == 4; }

bool carry_jpeg(Call& call, Bytes jpeg, const JpegCarriage& how, const EncodeRequest& request, Buffer* file,
                std::string* refused) {
  if (const char* obstacle = jpeg_pixel_obstacle(jpeg)) {
    *refused = obstacle;
    return false;
  }
  if (is_four_component_jpeg(jpeg)) {
    *refused =
        "JPEG XL has no place for the coefficients of four components (CMYK or YCCK); its pixels can be "
        "encoded";
    return false;
  }
  EncodeRequest settings = request;
  settings.modular = -1;
  JxlWriter writer(call, settings);
  if (!writer.start()) return false;
  MetadataInput metadata = how.more;
  std::vector<uint8_t> exif;
  std::vector<uint8_t> xmp;
  JxlWriter::JpegMetadata kept;
  if (!how.exact) {
    kept = {false, false, false, how.keep_metadata};
    // Ours, as Exif must not tell an orientation that the codestream tells already.
    if (how.keep_metadata) {
      metadata.exif = exif = exif_of_jpeg(jpeg);
      metadata.xmp = xmp = xmp_of_jpeg(jpeg);
    }
  }
  return writer.add_metadata(metadata) && writer.set_jpeg(jpeg, kept, refused) && writer.finish(file);
}

}  // namespace eitherside
