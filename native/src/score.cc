#include "score.h"

#include <algorithm>
#include <cmath>

#include "jxl_reader.h"

namespace eitherside {
namespace {

bool is_black(const ExtraChannelFacts& channel) { return channel.info.type == JXL_CHANNEL_BLACK; }

}  // namespace

Image Scorer::Decoded::image(const Buffer& samples) const {
  Image described = format;
  described.icc = icc;
  described.samples = reinterpret_cast<const float*>(samples.data());
  return described;
}

bool Scorer::decode(Bytes file, Decoded* decoded, const std::function<bool(Buffer&&)>& take) {
  JxlReader look(call_, file);
  if (!look.read_facts()) return false;
  const auto& channels = look.facts().extra_channels;
  PixelRequest request;
  request.format.data_type = JXL_TYPE_FLOAT;
  request.unpremultiply = true;
  request.srgb = std::any_of(channels.begin(), channels.end(), is_black);
  JxlReader reader(call_, file);
  return reader.read_pixels(request, [&](const FrameFacts&, Buffer&& samples) {
    const JxlFacts& facts = reader.facts();
    decoded->format.width = facts.info.xsize;
    decoded->format.height = facts.info.ysize;
    decoded->format.channels = reader.format().num_channels;
    decoded->format.intensity_target = facts.info.intensity_target;
    decoded->format.encoding = facts.encoding;
    if (!facts.has_encoding) decoded->icc = facts.icc;
    return take(std::move(samples));
  });
}

bool Scorer::take_reference(Bytes file) {
  return decode(file, &reference_, [this](Buffer&& samples) {
    reference_.frames.push_back(std::move(samples));
    return true;
  });
}

bool Scorer::score(Bytes file, bool butteraugli, double* score) {
  Decoded decoded;
  Metrics wanted;
  wanted.butteraugli = butteraugli;
  wanted.ssimulacra2 = !butteraugli;
  size_t index = 0;
  *score = butteraugli ? 0 : 100;
  return decode(file, &decoded, [&](Buffer&& samples) {
    if (index >= reference_.frames.size()) return call_.fail("internal", "a frame was lost in encoding");
    Scores found;
    const Image before = reference_.image(reference_.frames[index++]);
    if (!measure_difference(call_, before, decoded.image(samples), wanted, &found)) return false;
    if (butteraugli) {
      *score = std::max(*score, found.butteraugli);
      return true;
    }
    if (std::isnan(found.ssimulacra2)) {
      return call_.fail_option("target_ssimulacra2",
                               "images of less than 8 pixels a side have no such score");
    }
    *score = std::min(*score, found.ssimulacra2);
    return true;
  });
}

}  // namespace eitherside
