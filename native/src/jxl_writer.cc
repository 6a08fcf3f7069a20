#include "jxl_writer.h"

#include <jxl/cms.h>
#include <jxl/encode.h>
#include <string.h>

#include <algorithm>

#include "fault.h"

namespace eitherside {
namespace {

constexpr size_t kFirstOutput = 65536;

// JxlEncoderGetError as an error of the interface.
const char* code_of(JxlEncoderError error, const char* otherwise) {
  switch (error) {
    case JXL_ENC_ERR_OOM:
      return "memory_limit";
    case JXL_ENC_ERR_JBRD:
    case JXL_ENC_ERR_NOT_SUPPORTED:
      return "unsupported";
    case JXL_ENC_ERR_BAD_INPUT:
      return "bad_input";
    case JXL_ENC_ERR_OK:
    case JXL_ENC_ERR_GENERIC:
    case JXL_ENC_ERR_API_USAGE:
      return otherwise;
  }
  return otherwise;
}

}  // namespace

bool read_encode_request(Call& call, float default_distance, EncodeRequest* request) {
  const Options& options = call.options();
  const bool lossless = options.boolean("lossless");
  request->distance = default_distance;
  if (options.has("distance") && options.has("quality")) {
    return call.fail_option("quality", "'quality' and 'distance' exclude each other");
  }
  if (options.has("distance")) request->distance = static_cast<float>(options.number("distance"));
  if (options.has("quality")) {
    request->distance = JxlEncoderDistanceFromQuality(static_cast<float>(options.number("quality")));
  }
  if (lossless) {
    if ((options.has("distance") || options.has("quality")) && request->distance > 0) {
      return call.fail_option("lossless", "'lossless' excludes a distance above 0 and a quality below 100");
    }
    request->distance = 0;
  }
  request->effort = static_cast<int>(options.integer("effort"));
  request->progressive = options.boolean("progressive");
  const std::string_view mode = options.text("mode");
  request->modular = mode == "auto" ? -1 : (mode == "modular" ? 1 : 0);
  if (request->lossless() && request->modular == 0) {
    return call.fail_option("mode", "VarDCT is never lossless; ask for a distance above 0 or for modular");
  }
  request->use_container = options.text("container") == "always";
  request->forbid_container = options.text("container") == "never";
  request->intensity_target = static_cast<float>(options.number("intensity_target"));
  return true;
}

bool JxlWriter::fail(const char* code, const char* what) {
  return call_.fail_with_note(code_of(JxlEncoderGetError(encoder_.get()), code), what);
}

bool JxlWriter::start() {
  encoder_ = JxlEncoderMake(memory_manager());
  if (encoder_ == nullptr) return call_.fail("memory_limit", "no memory for an encoder");
  clear_notes();
  JxlEncoderSetCms(encoder_.get(), *JxlGetDefaultCms());
  settings_ = JxlEncoderFrameSettingsCreate(encoder_.get(), nullptr);
  if (settings_ == nullptr) return fail("internal", "the encoder gives no settings");
  struct Setting {
    JxlEncoderFrameSettingId id;
    int64_t value;
  };
  std::vector<Setting> wanted = {{JXL_ENC_FRAME_SETTING_EFFORT, request_.effort}};
  if (request_.modular >= 0) wanted.push_back({JXL_ENC_FRAME_SETTING_MODULAR, request_.modular});
  if (request_.progressive) {
    wanted.push_back({JXL_ENC_FRAME_SETTING_RESPONSIVE, 1});
    wanted.push_back({JXL_ENC_FRAME_SETTING_QPROGRESSIVE_AC, 1});
    wanted.push_back({JXL_ENC_FRAME_SETTING_PROGRESSIVE_DC, 1});
  }
  for (const Setting& setting : wanted) {
    if (JxlEncoderFrameSettingsSetOption(settings_, setting.id, setting.value) != JXL_ENC_SUCCESS) {
      return fail("internal", "the encoder refused an option");
    }
  }
  if (request_.use_container && JxlEncoderUseContainer(encoder_.get(), JXL_TRUE) != JXL_ENC_SUCCESS) {
    return fail("internal", "the encoder refused the container");
  }
  return true;
}

bool JxlWriter::set_image(JxlBasicInfo info, const JxlColorEncoding& encoding, Bytes icc) {
  JxlEncoder* e = encoder_.get();
  info.uses_original_profile = request_.lossless() ? JXL_TRUE : JXL_FALSE;
  if (request_.intensity_target > 0) info.intensity_target = request_.intensity_target;
  if (JxlEncoderSetBasicInfo(e, &info) != JXL_ENC_SUCCESS)
    return fail("bad_input", "the encoder refused the image's header");
  const JxlEncoderStatus coloured = icc.empty() ? JxlEncoderSetColorEncoding(e, &encoding)
                                                : JxlEncoderSetICCProfile(e, icc.data(), icc.size());
  if (coloured != JXL_ENC_SUCCESS) {
    return fail("bad_input",
                icc.empty() ? "the encoder refused the colour space" : "the ICC profile is not usable");
  }
  if (JxlEncoderSetFrameDistance(settings_, request_.distance) != JXL_ENC_SUCCESS ||
      (request_.lossless() && JxlEncoderSetFrameLossless(settings_, JXL_TRUE) != JXL_ENC_SUCCESS)) {
    return fail("internal", "the encoder refused the distance");
  }
  if (info.alpha_bits > 0) {
    JxlExtraChannelInfo alpha;
    JxlEncoderInitExtraChannelInfo(JXL_CHANNEL_ALPHA, &alpha);
    alpha.bits_per_sample = info.alpha_bits;
    alpha.exponent_bits_per_sample = info.alpha_exponent_bits;
    alpha.alpha_premultiplied = info.alpha_premultiplied;
    if (JxlEncoderSetExtraChannelInfo(e, 0, &alpha) != JXL_ENC_SUCCESS ||
        JxlEncoderSetExtraChannelDistance(settings_, 0, 0) != JXL_ENC_SUCCESS) {
      return fail("bad_input", "the encoder refused the alpha channel");
    }
  }
  return true;
}

bool JxlWriter::set_bit_depth(const JxlBitDepth& depth) {
  return JxlEncoderSetFrameBitDepth(settings_, &depth) == JXL_ENC_SUCCESS ||
         fail("bad_input", "the encoder refused the depth of the samples");
}

bool JxlWriter::add_metadata(Bytes exif, Bytes xmp, Bytes jumbf) {
  JxlEncoder* e = encoder_.get();
  if (exif.empty() && xmp.empty() && jumbf.empty()) return true;
  if (JxlEncoderUseBoxes(e) != JXL_ENC_SUCCESS) return fail("internal", "the encoder refused boxes");
  // ISO/IEC 18181-2: an Exif box starts with the offset of the TIFF header.
  std::vector<uint8_t> exif_box;
  if (!exif.empty()) {
    exif_box.assign(4, 0);
    exif_box.insert(exif_box.end(), exif.begin(), exif.end());
  }
  struct Box {
    const char* type;
    Bytes bytes;
  };
  for (const Box& box : {Box{"Exif", exif_box}, Box{"xml ", xmp}, Box{"jumb", jumbf}}) {
    if (box.bytes.empty()) continue;
    // Plain boxes: other programs look for them without a Brotli decoder.
    if (JxlEncoderAddBox(e, box.type, box.bytes.data(), box.bytes.size(), JXL_FALSE) != JXL_ENC_SUCCESS) {
      return fail("internal", "the encoder refused a metadata box");
    }
  }
  JxlEncoderCloseBoxes(e);
  return true;
}

bool JxlWriter::add_frame(const JxlFrameHeader& header, const char* name, const JxlPixelFormat& format,
                          Bytes samples, const JxlPixelFormat* alpha_format, Bytes alpha) {
  if (JxlEncoderSetFrameHeader(settings_, &header) != JXL_ENC_SUCCESS ||
      JxlEncoderSetFrameName(settings_, name) != JXL_ENC_SUCCESS) {
    return fail("bad_input", "the encoder refused a frame's header");
  }
  if (alpha_format != nullptr || format.num_channels == 2 || format.num_channels == 4) {
    JxlBlendInfo blend = header.layer_info.blend_info;
    blend.clamp = JXL_FALSE;
    if (JxlEncoderSetExtraChannelBlendInfo(settings_, 0, &blend) != JXL_ENC_SUCCESS) {
      return fail("bad_input", "the encoder refused a frame's blending");
    }
  }
  if (JxlEncoderAddImageFrame(settings_, &format, samples.data(), samples.size()) != JXL_ENC_SUCCESS) {
    return fail("bad_input", "the encoder refused a frame");
  }
  if (alpha_format != nullptr && JxlEncoderSetExtraChannelBuffer(settings_, alpha_format, alpha.data(),
                                                                 alpha.size(), 0) != JXL_ENC_SUCCESS) {
    return fail("bad_input", "the encoder refused an alpha channel");
  }
  return true;
}

bool JxlWriter::set_jpeg(Bytes jpeg, std::string* refused) {
  JxlEncoder* e = encoder_.get();
  if (JxlEncoderStoreJPEGMetadata(e, JXL_TRUE) != JXL_ENC_SUCCESS) {
    return fail("internal", "the encoder refused JPEG reconstruction data");
  }
  if (JxlEncoderAddJPEGFrame(settings_, jpeg.data(), jpeg.size()) == JXL_ENC_SUCCESS) return true;
  if (memory_exhausted()) return fail("memory_limit", "the JPEG file cannot be recompressed");
  *refused = last_note();
  if (JxlEncoderGetError(e) == JXL_ENC_ERR_JBRD && refused->empty())
    *refused = "it has more trailing data than can be kept";
  if (refused->empty()) *refused = "its features are beyond JPEG recompression";
  return false;
}

bool JxlWriter::finish(Buffer* file) {
  JxlEncoder* e = encoder_.get();
  JxlEncoderCloseInput(e);
  if (!file->resize(kFirstOutput)) return call_.fail("memory_limit", "no memory for the file");
  size_t used = 0;
  for (;;) {
    uint8_t* next = file->data() + used;
    size_t room = file->size() - used;
    const JxlEncoderStatus status = JxlEncoderProcessOutput(e, &next, &room);
    used = static_cast<size_t>(next - file->data());
    if (status == JXL_ENC_SUCCESS) break;
    if (status == JXL_ENC_ERROR) return fail("internal", "the image cannot be encoded");
    if (!file->resize(file->size() * 2)) return call_.fail("memory_limit", "no memory for the file");
  }
  if (!file->resize(used)) return call_.fail("memory_limit", "no memory for the file");
  if (request_.forbid_container && in_container(*file)) {
    return call_.fail_option("container", "this image needs the container; 'never' cannot be met");
  }
  return true;
}

bool in_container(const Buffer& file) {
  return JxlSignatureCheck(file.data(), file.size()) == JXL_SIG_CONTAINER;
}

}  // namespace eitherside
