#pragma once

#include <functional>
#include <vector>

#include "call.h"
#include "metrics.h"

namespace eitherside {

// Scores files of one picture against what it was before it was encoded, as compare does.
class Scorer {
 public:
  explicit Scorer(Call& call) : call_(call) {}

  // Decodes a JPEG XL file of the original; its samples stay in memory.
  bool take_reference(Bytes file);
  // The worst score of all frames: Butteraugli's maximum, or SSIMULACRA 2.
  bool score(Bytes file, bool butteraugli, double* score);

 private:
  // The decoded frames of a file: interleaved floats, alpha straight.
  struct Decoded {
    Image format;
    std::vector<uint8_t> icc;
    std::vector<Buffer> frames;

    Image image(const Buffer& samples) const;
  };

  bool decode(Bytes file, Decoded* decoded, const std::function<bool(Buffer&&)>& take);

  Call& call_;
  Decoded reference_;
};

}  // namespace eitherside
