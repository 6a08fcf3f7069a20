#pragma once

#include <functional>

#include "call.h"
#include "encode_request.h"

namespace eitherside {

// What the encoder's output is to reach, where it is not told the distance.
struct Target {
  enum class Kind { none, bytes, butteraugli, ssimulacra2 };
  Kind kind = Kind::none;
  double wanted = 0;

  // The option that told it.
  const char* option() const;
};

// What came of the search.
struct Found {
  double distance = 0;
  double score = 0;
  int tries = 0;
};

using WriteFile = std::function<bool(const EncodeRequest&, Buffer*)>;

// Reads the options target_*; they exclude each other and those that tell the distance.
bool read_target(Call& call, Target* target);

// Ends the call: the target is of no use for what is to be written.
bool refuse_target(Call& call, const Target& target);

// Encodes once, or as often as finding the distance takes. A size that even the largest distance misses is an
// error; a score that no distance reaches gives a lossless file.
bool encode_to_target(Call& call, const Target& target, const EncodeRequest& request, const WriteFile& write,
                      Buffer* file, Found* found);

// Adds distance, score and tries to the result.
void report_target(Call& call, const Target& target, const Found& found);

}  // namespace eitherside
