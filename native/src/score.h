#pragma once

#include "call.h"

namespace eitherside {

// Scores files of one picture against what it was before it was encoded.
class Scorer {
 public:
  explicit Scorer(Call& call) : call_(call) {}

  // A lossless JPEG XL file of the original.
  bool take_reference(Buffer&& file);
  // The worst score of all frames: Butteraugli's maximum, or SSIMULACRA 2.
  bool score(Bytes file, bool butteraugli, double* score);

 private:
  Call& call_;
  Buffer reference_;
};

}  // namespace eitherside
