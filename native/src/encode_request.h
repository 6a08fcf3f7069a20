#pragma once

#include <jxl/encode.h>

#include <vector>

#include "call.h"
#include "formats.h"

namespace eitherside {

// The encoder options that functions share. What the caller left out stays the encoder's own choice.
struct EncodeRequest {
  // A setting of jxl/encode.h, and the interface's option that asked for it.
  struct Setting {
    JxlEncoderFrameSettingId id;
    int64_t value;
    const char* option;
  };
  struct FloatSetting {
    JxlEncoderFrameSettingId id;
    float value;
    const char* option;
  };

  float distance = 1.0F;
  // Distance of the alpha channel and of the other extra channels: 0 keeps them exactly.
  float alpha_distance = 0;
  float extra_distance = 0;
  int effort = 7;
  int modular = -1;  // -1: the encoder chooses, 0: VarDCT, 1: modular
  int xyb = -1;      // -1: where it is lossy, 0: the colours as they are, 1: XYB
  bool use_container = false;
  bool forbid_container = false;
  bool compress_boxes = false;
  int level = -1;  // of the codestream; -1: the lowest that the image fits
  float intensity_target = 0;
  std::vector<Setting> settings;
  std::vector<FloatSetting> float_settings;

  bool lossless() const { return distance == 0; }
  bool in_xyb() const { return xyb != 0 && !lossless(); }
};

// Distance of a picture in JPEG XL where the call tells none: a GIF has few colours, which stay.
inline float default_distance(Format from) { return from == Format::gif ? 0.0F : 1.0F; }

// Reads the shared options, those of them that the function has, and checks that they fit together.
bool read_encode_request(Call& call, float default_distance, EncodeRequest* request);

}  // namespace eitherside
