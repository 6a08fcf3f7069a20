#include "packed.h"

#include <string.h>

#include <algorithm>

#include "fault.h"
#include "jpeg_messages.h"
#include "jpeg_segments.h"
#include "lib/extras/dec/apng.h"
#include "lib/extras/dec/gif.h"
#include "lib/extras/dec/jpg.h"
#include "lib/extras/dec/pnm.h"
#include "lib/extras/enc/apng.h"
#include "lib/extras/enc/encode.h"
#include "lib/jxl/base/exif.h"

namespace eitherside {
namespace {

namespace ex = jxl::extras;

bool run_reader(Format format, Bytes bytes, Packed* packed) {
  const jxl::Span<const uint8_t> span(bytes.data(), bytes.size());
  const ex::ColorHints hints;
  switch (format) {
    case Format::png:
    case Format::apng:
      return static_cast<bool>(ex::DecodeImageAPNG(span, hints, packed));
    case Format::jpeg:
      return static_cast<bool>(ex::DecodeImageJPG(span, hints, packed));
    case Format::gif:
      return static_cast<bool>(ex::DecodeImageGIF(span, hints, packed));
    default:
      return static_cast<bool>(ex::DecodeImagePNM(span, hints, packed));
  }
}

// libjpeg goes on after damage and only warns; a caller who gets samples must be able to trust them.
bool check_jpeg_warnings(Call& call) {
  const char* warning = jpeg_warning();
  if (*warning == 0) return true;
  const bool truncated = strcasestr(warning, "premature end") != nullptr;
  return call.fail_input(truncated ? "truncated" : "corrupt", "image", "the JPEG file is damaged: %s",
                         warning);
}

const char* extension_for(Format format, const Packed& packed) {
  if (format == Format::pfm) return ".pfm";
  if (packed.info.alpha_bits > 0) return ".pam";
  return packed.info.num_color_channels == 1 ? ".pgm" : ".ppm";
}

std::unique_ptr<ex::Encoder> encoder_for(Call& call, Format format, const Packed& packed) {
  if (format == Format::png || format == Format::apng) return ex::GetAPNGEncoder();
  if (format != Format::jpeg) return ex::Encoder::FromExtension(extension_for(format, packed));
  std::unique_ptr<ex::Encoder> encoder = ex::Encoder::FromExtension(".jpg");
  const Options& options = call.options();
  const double quality = options.has("quality") ? options.number("quality") : 90;
  encoder->SetOption("q", std::to_string(std::max(1, static_cast<int>(quality + 0.5))));
  if (options.boolean("progressive")) encoder->SetOption("progressive", "1");
  return encoder;
}

}  // namespace

bool read_packed(Call& call, Format format, Bytes bytes, Packed* packed) {
  const Outline outline = outline_of(format, bytes);
  if (!check_limits(call, outline.width, outline.height, outline.frames)) return false;
  if (!outline.complete) {
    return call.fail_input("truncated", "image",
                           "the %s file ends early: its %zu bytes are not the whole image", name_of(format),
                           bytes.size());
  }
  if (outline.damaged_at != 0) {
    return call.fail_input("corrupt", "image", "the PNG chunk at byte %zu is damaged: its checksum is wrong",
                           outline.damaged_at);
  }
  const FaultScope scope("corrupt");
  clear_notes();
  packed->info.uses_original_profile = JXL_TRUE;
  packed->info.orientation = JXL_ORIENT_IDENTITY;
  const bool read = run_reader(format, bytes, packed);
  forget_jpeg_errors();
  if (!read) {
    return call.fail_with_note("corrupt",
                               (std::string("the ") + name_of(format) + " file cannot be read").c_str());
  }
  if (format == Format::jpeg && !check_jpeg_warnings(call)) return false;
  if (packed->frames.empty())
    return call.fail_input("corrupt", "image", "the %s file holds no image", name_of(format));
  if (format == Format::jpeg) packed->metadata.xmp = xmp_of_jpeg(bytes);
  jxl::InterpretExif(packed->metadata.exif, &packed->info.orientation);
  return check_limits(call, packed->info.xsize, packed->info.ysize, packed->frames.size());
}

bool write_packed(Call& call, Format format, const Packed& packed, Buffer* file) {
  const FaultScope scope("internal");
  clear_notes();
  const std::unique_ptr<ex::Encoder> encoder = encoder_for(call, format, packed);
  if (encoder == nullptr) return call.fail("internal", "there is no writer for %s", name_of(format));
  ex::EncodedImage encoded;
  if (!encoder->Encode(packed, &encoded, nullptr) || encoded.bitstreams.empty()) {
    return call.fail_with_note("unsupported",
                               (std::string("the image cannot be written as ") + name_of(format)).c_str());
  }
  const std::vector<uint8_t>& bytes = encoded.bitstreams.front();
  if (!file->resize(bytes.size())) return call.fail("memory_limit", "no memory for the file");
  memcpy(file->data(), bytes.data(), bytes.size());
  if (format == Format::jpeg && !add_xmp_to_jpeg(packed.metadata.xmp, file)) {
    return call.fail("memory_limit", "no memory for the file");
  }
  return true;
}

bool encode_packed(Call& call, const Packed& packed, const EncodeRequest& request, bool keep_metadata,
                   Buffer* file) {
  JxlWriter writer(call, request);
  if (!writer.start()) return false;
  JxlBasicInfo info = packed.info;
  info.num_extra_channels = info.alpha_bits > 0 ? 1 : 0;
  const bool use_icc = packed.primary_color_representation == Packed::kIccIsPrimary;
  const Bytes icc = use_icc ? Bytes(packed.icc) : Bytes();
  if (!writer.set_image(info, packed.color_encoding, icc) || !writer.set_bit_depth(packed.input_bitdepth))
    return false;
  if (keep_metadata) {
    std::vector<uint8_t> exif = packed.metadata.exif;
    if (!writer.add_metadata(exif, packed.metadata.xmp, packed.metadata.jumbf)) return false;
  }
  for (const ex::PackedFrame& frame : packed.frames) {
    const ex::PackedImage& color = frame.color;
    const bool separate_alpha = info.alpha_bits > 0 && color.format.num_channels == info.num_color_channels;
    if (separate_alpha && frame.extra_channels.empty())
      return call.fail("internal", "a frame lacks its alpha channel");
    const ex::PackedImage* alpha = separate_alpha ? &frame.extra_channels.front() : nullptr;
    const Bytes samples(static_cast<const uint8_t*>(color.pixels()), color.pixels_size);
    const Bytes alpha_samples =
        alpha == nullptr ? Bytes() : Bytes(static_cast<const uint8_t*>(alpha->pixels()), alpha->pixels_size);
    if (!writer.add_frame(frame.frame_info, frame.name.c_str(), color.format, samples,
                          alpha == nullptr ? nullptr : &alpha->format, alpha_samples)) {
      return false;
    }
  }
  return writer.finish(file);
}

}  // namespace eitherside
