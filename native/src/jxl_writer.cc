#include "jxl_writer.h"

#include <jxl/cms.h>
#include <jxl/decode.h>
#include <jxl/encode.h>
#include <string.h>

#include <algorithm>

#include "fault.h"
#include "lib/extras/exif.h"
#include "parallel.h"

namespace eitherside {
namespace {

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

bool JxlWriter::fail(const char* code, const char* what) {
  if (output_.failed()) return call_.fail("memory_limit", "no memory for the file");
  return call_.fail_with_note(code_of(JxlEncoderGetError(encoder_.get()), code), what);
}

bool JxlWriter::fail_level(const char* what) {
  const int needed = JxlEncoderGetRequiredCodestreamLevel(encoder_.get());
  if (request_.level > 0 && needed > request_.level) {
    return call_.fail_option("level", "this image is beyond level %d; it needs level %d", request_.level,
                             needed);
  }
  return fail("bad_input", what);
}

bool JxlWriter::start() {
  encoder_ = JxlEncoderMake(memory_manager());
  if (encoder_ == nullptr) return call_.fail("memory_limit", "no memory for an encoder");
  JxlEncoder* e = encoder_.get();
  clear_notes();
  JxlEncoderSetCms(e, *JxlGetDefaultCms());
  if (JxlEncoderSetParallelRunner(e, &run_parallel, nullptr) != JXL_ENC_SUCCESS ||
      JxlEncoderSetOutputProcessor(e, output_.processor()) != JXL_ENC_SUCCESS ||
      (request_.use_container && JxlEncoderUseContainer(e, JXL_TRUE) != JXL_ENC_SUCCESS) ||
      (request_.level > 0 && JxlEncoderSetCodestreamLevel(e, request_.level) != JXL_ENC_SUCCESS)) {
    return fail("internal", "the encoder refused its settings");
  }
  settings_ = JxlEncoderFrameSettingsCreate(e, nullptr);
  if (settings_ == nullptr) return fail("internal", "the encoder gives no settings");
  return apply_settings();
}

bool JxlWriter::apply_settings() {
  std::vector<EncodeRequest::Setting> wanted = {{JXL_ENC_FRAME_SETTING_EFFORT, request_.effort, "effort"}};
  if (request_.modular >= 0) wanted.push_back({JXL_ENC_FRAME_SETTING_MODULAR, request_.modular, "mode"});
  if (request_.compress_boxes)
    wanted.push_back({JXL_ENC_FRAME_SETTING_JPEG_COMPRESS_BOXES, 1, "compress_boxes"});
  wanted.insert(wanted.end(), request_.settings.begin(), request_.settings.end());
  for (const EncodeRequest::Setting& setting : wanted) {
    if (JxlEncoderFrameSettingsSetOption(settings_, setting.id, setting.value) != JXL_ENC_SUCCESS) {
      return call_.fail_option(setting.option, "the encoder refused '%s'", setting.option);
    }
  }
  for (const EncodeRequest::FloatSetting& setting : request_.float_settings) {
    if (JxlEncoderFrameSettingsSetFloatOption(settings_, setting.id, setting.value) != JXL_ENC_SUCCESS) {
      return call_.fail_option(setting.option, "the encoder refused '%s'", setting.option);
    }
  }
  return true;
}

bool JxlWriter::set_image(const ImageInput& image) {
  JxlEncoder* e = encoder_.get();
  JxlBasicInfo info = image.info;
  extra_count_ = static_cast<uint32_t>(image.extra_channels.size());
  info.num_extra_channels = extra_count_;
  info.alpha_bits = 0;  // set_channels() declares it
  info.uses_original_profile = request_.in_xyb() ? JXL_FALSE : JXL_TRUE;
  if (request_.intensity_target > 0) info.intensity_target = request_.intensity_target;
  if (JxlEncoderSetBasicInfo(e, &info) != JXL_ENC_SUCCESS)
    return fail_level("the encoder refused the image's header");
  if (!set_channels(image)) return false;
  const JxlEncoderStatus coloured = image.icc.empty()
                                        ? JxlEncoderSetColorEncoding(e, &image.encoding)
                                        : JxlEncoderSetICCProfile(e, image.icc.data(), image.icc.size());
  if (coloured != JXL_ENC_SUCCESS) {
    return fail("bad_input",
                image.icc.empty() ? "the encoder refused the colour space" : "the ICC profile is not usable");
  }
  if (JxlEncoderSetFrameDistance(settings_, request_.distance) != JXL_ENC_SUCCESS ||
      (request_.lossless() && JxlEncoderSetFrameLossless(settings_, JXL_TRUE) != JXL_ENC_SUCCESS)) {
    return fail("internal", "the encoder refused the distance");
  }
  return JxlEncoderSetFrameBitDepth(settings_, &image.depth) == JXL_ENC_SUCCESS ||
         fail("bad_input", "the encoder refused the depth of the samples");
}

bool JxlWriter::set_channels(const ImageInput& image) {
  JxlEncoder* e = encoder_.get();
  for (uint32_t i = 0; i < extra_count_; ++i) {
    const ExtraChannel& channel = image.extra_channels[i];
    const float distance =
        channel.info.type == JXL_CHANNEL_ALPHA ? request_.alpha_distance : request_.extra_distance;
    if (JxlEncoderSetExtraChannelInfo(e, i, &channel.info) != JXL_ENC_SUCCESS ||
        JxlEncoderSetExtraChannelName(e, i, channel.name.data(), channel.name.size()) != JXL_ENC_SUCCESS ||
        JxlEncoderSetExtraChannelDistance(settings_, i, distance) != JXL_ENC_SUCCESS) {
      return fail_level("the encoder refused an extra channel");
    }
  }
  return true;
}

bool JxlWriter::add_box(const char* type, Bytes content) {
  // Plain boxes unless asked for: other programs look for them without a Brotli decoder.
  return content.empty() ||
         JxlEncoderAddBox(encoder_.get(), type, content.data(), content.size(),
                          request_.compress_boxes ? JXL_TRUE : JXL_FALSE) == JXL_ENC_SUCCESS ||
         fail("internal", "the encoder refused a metadata box");
}

bool JxlWriter::add_metadata(const MetadataInput& metadata) {
  if (metadata.exif.empty() && metadata.xmp.empty() && metadata.jumbf.empty() && metadata.gain_map.empty() &&
      metadata.others.empty()) {
    return true;
  }
  if (JxlEncoderUseBoxes(encoder_.get()) != JXL_ENC_SUCCESS)
    return fail("internal", "the encoder refused boxes");
  // ISO/IEC 18181-2: an Exif box starts with the offset of the TIFF header.
  std::vector<uint8_t> exif;
  if (!metadata.exif.empty()) {
    exif.assign(metadata.exif.begin(), metadata.exif.end());
    // The codestream tells the orientation; a reader that followed Exif too would turn the image twice.
    jxl::ResetExifOrientation(exif);
    exif.insert(exif.begin(), 4, 0);
  }
  if (!add_box("Exif", exif) || !add_box("xml ", metadata.xmp) || !add_box("jhgm", metadata.gain_map))
    return false;
  for (const Bytes jumbf : metadata.jumbf) {
    if (!add_box("jumb", jumbf)) return false;
  }
  for (const auto& [type, content] : metadata.others) {
    if (!add_box(type.c_str(), content)) return false;
  }
  return true;
}

bool JxlWriter::add_frame(const FrameInput& frame) {
  JxlFrameHeader header = frame.header;
  JxlLayerInfo& layer = header.layer_info;
  // The encoder's fast lossless path knows neither blending nor references, and takes no crop.
  if (layer.have_crop == JXL_FALSE && (has_frames_ || !frame.last)) {
    layer.have_crop = JXL_TRUE;
    layer.crop_x0 = layer.crop_y0 = 0;
    layer.xsize = frame.width;
    layer.ysize = frame.height;
  }
  has_frames_ = true;
  if (JxlEncoderSetFrameHeader(settings_, &header) != JXL_ENC_SUCCESS ||
      JxlEncoderSetFrameName(settings_, frame.name.c_str()) != JXL_ENC_SUCCESS) {
    return fail("bad_input", "the encoder refused a frame's header");
  }
  for (uint32_t i = 0; i < extra_count_; ++i) {
    JxlBlendInfo blend = layer.blend_info;
    blend.clamp = JXL_FALSE;
    if (i < frame.extra_blend.size()) blend = frame.extra_blend[i];
    if (JxlEncoderSetExtraChannelBlendInfo(settings_, i, &blend) != JXL_ENC_SUCCESS) {
      return fail("bad_input", "the encoder refused a frame's blending");
    }
  }
  if (JxlEncoderAddChunkedFrame(settings_, frame.last ? JXL_TRUE : JXL_FALSE, source_of(&frame)) !=
      JXL_ENC_SUCCESS) {
    return fail("bad_input", "the image cannot be encoded");
  }
  return true;
}

bool JxlWriter::set_jpeg(Bytes jpeg, const JpegMetadata& kept, std::string* refused) {
  JxlEncoder* e = encoder_.get();
  if (kept.reconstruction && JxlEncoderStoreJPEGMetadata(e, JXL_TRUE) != JXL_ENC_SUCCESS) {
    return fail("internal", "the encoder refused JPEG reconstruction data");
  }
  const auto keep = [&](JxlEncoderFrameSettingId id, bool wanted) {
    return JxlEncoderFrameSettingsSetOption(settings_, id, wanted ? 1 : 0) == JXL_ENC_SUCCESS;
  };
  if (!keep(JXL_ENC_FRAME_SETTING_JPEG_KEEP_EXIF, kept.exif) ||
      !keep(JXL_ENC_FRAME_SETTING_JPEG_KEEP_XMP, kept.xmp) ||
      !keep(JXL_ENC_FRAME_SETTING_JPEG_KEEP_JUMBF, kept.jumbf)) {
    return fail("internal", "the encoder refused a setting for metadata");
  }
  if (JxlEncoderAddJPEGFrame(settings_, jpeg.data(), jpeg.size()) == JXL_ENC_SUCCESS) {
    JxlEncoderCloseInput(e);
    if (JxlEncoderFlushInput(e) == JXL_ENC_SUCCESS) return true;
    if (JxlEncoderGetError(e) != JXL_ENC_ERR_GENERIC)
      return fail("internal", "the JPEG file cannot be encoded");
  }
  if (memory_exhausted()) return fail("memory_limit", "the JPEG file cannot be recompressed");
  *refused = last_note();
  if (JxlEncoderGetError(e) == JXL_ENC_ERR_JBRD && refused->empty())
    *refused = "it has more trailing data than can be kept";
  if (refused->empty()) *refused = "its features are beyond JPEG recompression";
  return false;
}

bool JxlWriter::finish(Buffer* file) {
  // Its memory goes before the file is put together.
  encoder_.reset();
  if (!output_.join(file)) return call_.fail("memory_limit", "no memory for the file");
  if (request_.forbid_container && in_container(*file)) {
    return call_.fail_option("container", "this image needs the container; 'never' cannot be met");
  }
  return true;
}

bool in_container(const Buffer& file) {
  return JxlSignatureCheck(file.data(), file.size()) == JXL_SIG_CONTAINER;
}

}  // namespace eitherside
