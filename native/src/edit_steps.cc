#include "edit_steps.h"

#include <cmath>
#include <limits>

namespace eitherside {

Resampler::Size EditSteps::turned(uint32_t width, uint32_t height) const {
  const Resampler::Size part =
      crop.everything() ? Resampler::Size{width, height} : Resampler::Size{crop.width, crop.height};
  return swaps_sides() ? Resampler::Size{part.height, part.width} : part;
}

Resampler::Size EditSteps::fitted(Resampler::Size turned) const {
  return resizes ? fit_into(turned, width, height, upscale) : turned;
}

bool read_edit_steps(Call& call, EditSteps* steps) {
  const Options& options = call.options();
  if (!read_region(call, "crop", &steps->crop)) return false;
  steps->quarter_turns = static_cast<int>(options.integer("rotate") / 90);
  steps->mirror = options.boolean("mirror");
  steps->gain = static_cast<float>(std::exp2(options.number("exposure")));
  const auto side = [&](const char* option) {
    return options.has(option) ? options.number(option) : std::numeric_limits<double>::infinity();
  };
  steps->resizes = options.has("width") || options.has("height");
  steps->width = side("width");
  steps->height = side("height");
  steps->upscale = options.boolean("upscale");
  steps->filter = filter_named(options.text("filter"));
  if (steps->upscale && !steps->resizes) {
    return call.fail_option("upscale", "'upscale' needs a width or a height");
  }
  return true;
}

}  // namespace eitherside
