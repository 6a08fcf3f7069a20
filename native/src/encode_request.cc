#include "encode_request.h"

#include <algorithm>
#include <array>

namespace eitherside {
namespace {

// Options whose value is the setting's value; booleans count as 0 and 1.
struct Direct {
  const char* option;
  JxlEncoderFrameSettingId id;
};

constexpr Direct kIntegers[] = {
    {"progressive_dc", JXL_ENC_FRAME_SETTING_PROGRESSIVE_DC},
    {"faster_decoding", JXL_ENC_FRAME_SETTING_DECODING_SPEED},
    {"already_downsampled", JXL_ENC_FRAME_SETTING_ALREADY_DOWNSAMPLED},
    {"epf", JXL_ENC_FRAME_SETTING_EPF},
    {"brotli_effort", JXL_ENC_FRAME_SETTING_BROTLI_EFFORT},
    {"buffering", JXL_ENC_FRAME_SETTING_BUFFERING},
    {"modular_colour_space", JXL_ENC_FRAME_SETTING_MODULAR_COLOR_SPACE},
    {"modular_previous_channels", JXL_ENC_FRAME_SETTING_MODULAR_NB_PREV_CHANNELS},
    {"modular_palette_colours", JXL_ENC_FRAME_SETTING_PALETTE_COLORS},
};

constexpr Direct kNumbers[] = {
    {"photon_noise", JXL_ENC_FRAME_SETTING_PHOTON_NOISE},
    {"modular_tree_percent", JXL_ENC_FRAME_SETTING_MODULAR_MA_TREE_LEARNING_PERCENT},
    {"modular_global_palette_percent", JXL_ENC_FRAME_SETTING_CHANNEL_COLORS_GLOBAL_PERCENT},
    {"modular_group_palette_percent", JXL_ENC_FRAME_SETTING_CHANNEL_COLORS_GROUP_PERCENT},
};

// Options whose texts are auto, off and on.
constexpr Direct kSwitches[] = {
    {"responsive", JXL_ENC_FRAME_SETTING_RESPONSIVE},
    {"patches", JXL_ENC_FRAME_SETTING_PATCHES},
    {"dots", JXL_ENC_FRAME_SETTING_DOTS},
    {"gaborish", JXL_ENC_FRAME_SETTING_GABORISH},
    {"keep_invisible", JXL_ENC_FRAME_SETTING_KEEP_INVISIBLE},
    {"modular_lossy_palette", JXL_ENC_FRAME_SETTING_LOSSY_PALETTE},
    {"jpeg_chroma_from_luma", JXL_ENC_FRAME_SETTING_JPEG_RECON_CFL},
};

// In the order of the encoder's numbers.
constexpr std::array<std::string_view, 16> kPredictors = {
    "zero",     "left",      "top",      "average0", "select",   "gradient", "weighted", "top_right",
    "top_left", "left_left", "average1", "average2", "average3", "average4", "best",     "variable"};
constexpr std::array<int, 4> kGroupSizes = {128, 256, 512, 1024};

int as_switch(std::string_view text) { return text == "auto" ? -1 : (text == "on" ? 1 : 0); }

void add(EncodeRequest* request, const char* option, JxlEncoderFrameSettingId id, int64_t value) {
  request->settings.push_back({id, value, option});
}

bool read_distance(Call& call, EncodeRequest* request) {
  const Options& options = call.options();
  const bool lossless = options.knows("lossless") && options.boolean("lossless");
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
  if (options.has("alpha_distance")) {
    request->alpha_distance = static_cast<float>(options.number("alpha_distance"));
  }
  if (options.has("extra_distance")) {
    request->extra_distance = static_cast<float>(options.number("extra_distance"));
  }
  if (lossless && (request->alpha_distance > 0 || request->extra_distance > 0)) {
    return call.fail_option(request->alpha_distance > 0 ? "alpha_distance" : "extra_distance",
                            "'lossless' excludes a distance above 0 of any channel");
  }
  return true;
}

bool read_effort(Call& call, EncodeRequest* request) {
  const Options& options = call.options();
  if (!options.knows("effort")) return true;
  request->effort = static_cast<int>(options.integer("effort"));
  const int64_t most = options.knows("max_effort") ? options.integer("max_effort") : 9;
  return request->effort <= most ||
         call.fail_option("effort", "effort %d takes very long; 'max_effort' must allow it, and it is %lld",
                          request->effort, static_cast<long long>(most));
}

// XYB or the colours as they are: the encoder takes it from the image's header.
bool read_transform(Call& call, EncodeRequest* request) {
  const Options& options = call.options();
  if (!options.has("colour_transform")) return true;
  const std::string_view wanted = options.text("colour_transform");
  if (wanted == "auto") return true;
  if (wanted == "xyb" && request->lossless()) {
    return call.fail_option("colour_transform", "XYB is never lossless; ask for a distance above 0");
  }
  request->xyb = wanted == "xyb" ? 1 : 0;
  return true;
}

void read_progression(const Options& options, EncodeRequest* request) {
  if (options.knows("progressive") && options.boolean("progressive")) {
    add(request, "progressive", JXL_ENC_FRAME_SETTING_RESPONSIVE, 1);
    add(request, "progressive", JXL_ENC_FRAME_SETTING_QPROGRESSIVE_AC, 1);
    add(request, "progressive", JXL_ENC_FRAME_SETTING_PROGRESSIVE_DC, 1);
  }
  if (options.has("progressive_ac")) {
    const std::string_view ac = options.text("progressive_ac");
    add(request, "progressive_ac", JXL_ENC_FRAME_SETTING_PROGRESSIVE_AC, ac == "on" ? 1 : 0);
    add(request, "progressive_ac", JXL_ENC_FRAME_SETTING_QPROGRESSIVE_AC, ac == "quantised" ? 1 : 0);
  }
}

void read_named(const Options& options, EncodeRequest* request) {
  for (const char* option : {"resampling", "extra_resampling"}) {
    if (!options.has(option)) continue;
    const int64_t factor = options.integer(option);
    const bool extra = std::string_view(option) == "extra_resampling";
    add(request, option,
        extra ? JXL_ENC_FRAME_SETTING_EXTRA_CHANNEL_RESAMPLING : JXL_ENC_FRAME_SETTING_RESAMPLING,
        factor == 0 ? -1 : factor);
  }
  if (options.has("group_order") && options.text("group_order") != "auto") {
    add(request, "group_order", JXL_ENC_FRAME_SETTING_GROUP_ORDER,
        options.text("group_order") == "centre" ? 1 : 0);
  }
  if (options.has("group_order_centre")) {
    const std::vector<double> centre = options.numbers("group_order_centre");
    if (centre.size() == 2) {
      add(request, "group_order_centre", JXL_ENC_FRAME_SETTING_GROUP_ORDER_CENTER_X,
          static_cast<int64_t>(centre[0]));
      add(request, "group_order_centre", JXL_ENC_FRAME_SETTING_GROUP_ORDER_CENTER_Y,
          static_cast<int64_t>(centre[1]));
    }
  }
  if (options.has("modular_predictor")) {
    const auto found = std::find(kPredictors.begin(), kPredictors.end(), options.text("modular_predictor"));
    add(request, "modular_predictor", JXL_ENC_FRAME_SETTING_MODULAR_PREDICTOR,
        found == kPredictors.end() ? -1 : found - kPredictors.begin());
  }
  if (options.has("modular_group_size")) {
    const auto found = std::find(kGroupSizes.begin(), kGroupSizes.end(),
                                 static_cast<int>(options.integer("modular_group_size")));
    add(request, "modular_group_size", JXL_ENC_FRAME_SETTING_MODULAR_GROUP_SIZE,
        found == kGroupSizes.end() ? -1 : found - kGroupSizes.begin());
  }
}

void read_settings(const Options& options, EncodeRequest* request) {
  read_progression(options, request);
  for (const Direct& direct : kIntegers) {
    if (!options.has(direct.option)) continue;
    yyjson_val* value = options.value(direct.option);
    add(request, direct.option, direct.id,
        yyjson_is_bool(value) ? (yyjson_get_bool(value) ? 1 : 0) : options.integer(direct.option));
  }
  for (const Direct& direct : kSwitches) {
    if (options.has(direct.option)) {
      add(request, direct.option, direct.id, as_switch(options.text(direct.option)));
    }
  }
  for (const Direct& direct : kNumbers) {
    if (!options.has(direct.option)) continue;
    request->float_settings.push_back(
        {direct.id, static_cast<float>(options.number(direct.option)), direct.option});
  }
  read_named(options, request);
}

bool read_container(Call& call, EncodeRequest* request) {
  const Options& options = call.options();
  if (options.knows("container")) {
    request->use_container = options.text("container") == "always";
    request->forbid_container = options.text("container") == "never";
  }
  if (options.knows("intensity_target")) {
    request->intensity_target = static_cast<float>(options.number("intensity_target"));
  }
  if (options.has("compress_boxes")) request->compress_boxes = options.boolean("compress_boxes");
  if (options.has("level") && options.integer("level") > 0) {
    request->level = static_cast<int>(options.integer("level"));
  }
  return true;
}

}  // namespace

bool read_encode_request(Call& call, float default_distance, EncodeRequest* request) {
  const Options& options = call.options();
  request->distance = default_distance;
  if (!read_distance(call, request) || !read_effort(call, request)) return false;
  if (options.knows("mode")) {
    const std::string_view mode = options.text("mode");
    request->modular = mode == "auto" ? -1 : (mode == "modular" ? 1 : 0);
  }
  if (request->lossless() && request->modular == 0) {
    return call.fail_option("mode", "VarDCT is never lossless; ask for a distance above 0 or for modular");
  }
  if (!read_transform(call, request) || !read_container(call, request)) return false;
  read_settings(options, request);
  return true;
}

}  // namespace eitherside
