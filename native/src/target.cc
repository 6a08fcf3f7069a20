#include "target.h"

#include <algorithm>
#include <cmath>

#include "score.h"

namespace eitherside {
namespace {

constexpr float kLeast = 0.05F;
constexpr float kMost = 25.0F;
constexpr int kTries = 10;

struct Kinds {
  const char* option;
  Target::Kind kind;
};
constexpr Kinds kKinds[] = {{"target_bytes", Target::Kind::bytes},
                            {"target_butteraugli", Target::Kind::butteraugli},
                            {"target_ssimulacra2", Target::Kind::ssimulacra2}};

// One search by bisection of the distance's logarithm. Larger distances give smaller files and worse scores,
// nearly always: the best file that met the target is kept, not the last.
class Search {
 public:
  Search(Call& call, const Target& target, const EncodeRequest& request, const WriteFile& write)
      : call_(call), target_(target), request_(request), write_(write), scorer_(call) {}

  bool run(Buffer* file, Found* found) {
    if (target_.kind != Target::Kind::bytes && !take_reference()) return false;
    bool meets = false;
    float least = kLeast;
    float most = kMost;
    float distance = first_guess();
    while (tries_ < kTries && most / least > 1.01F) {
      if (!attempt(distance, &meets)) return false;
      if (meets && close_enough()) break;
      // A smaller file is wanted where the size is too large, or where the score has something to give.
      const bool larger = (target_.kind == Target::Kind::bytes) != meets;
      (larger ? least : most) = distance;
      if (tries_ == 1) {
        distance = larger ? std::min(distance * 2.0F, kMost) : std::max(distance / 2.0F, kLeast);
      } else {
        distance = std::sqrt(least * most);
      }
    }
    if (!has_best_ && !settle(&meets)) return false;
    *file = std::move(best_);
    *found = found_;
    found->tries = tries_;
    return true;
  }

 private:
  float first_guess() const {
    if (target_.kind == Target::Kind::bytes) return 2.0F;
    if (target_.kind == Target::Kind::butteraugli) {
      return std::clamp(static_cast<float>(target_.wanted) * 0.7F, kLeast, kMost);
    }
    return std::clamp(static_cast<float>(100 - target_.wanted) / 12, kLeast, kMost);
  }

  bool take_reference() {
    EncodeRequest lossless;
    lossless.distance = 0;
    lossless.effort = 1;
    Buffer file;
    return write_(lossless, &file) && scorer_.take_reference({file.data(), file.size()});
  }

  bool attempt(float distance, bool* meets) {
    EncodeRequest request = request_;
    request.distance = distance;
    Buffer file;
    if (!write_(request, &file)) return false;
    ++tries_;
    last_ = static_cast<double>(file.size());
    if (target_.kind != Target::Kind::bytes &&
        !scorer_.score({file.data(), file.size()}, target_.kind == Target::Kind::butteraugli, &last_)) {
      return false;
    }
    *meets = target_.kind == Target::Kind::ssimulacra2 ? last_ >= target_.wanted : last_ <= target_.wanted;
    const bool better =
        target_.kind == Target::Kind::bytes ? distance < found_.distance : distance > found_.distance;
    if (*meets && (!has_best_ || better)) {
      best_ = std::move(file);
      has_best_ = true;
      found_.distance = distance;
      found_.score = last_;
    }
    return true;
  }

  bool close_enough() const {
    if (target_.kind == Target::Kind::ssimulacra2) return last_ - target_.wanted < 0.2;
    return last_ > 0.98 * target_.wanted;
  }

  // Nothing met the target yet: the end of the range, or for a score a lossless file.
  bool settle(bool* meets) {
    if (target_.kind == Target::Kind::bytes) {
      if (!attempt(kMost, meets)) return false;
      return has_best_ || call_.fail_option("target_bytes", "even at distance %g the file has %.0f bytes",
                                            static_cast<double>(kMost), last_);
    }
    if (!attempt(kLeast, meets)) return false;
    return has_best_ || attempt(0, meets);
  }

  Call& call_;
  const Target& target_;
  const EncodeRequest& request_;
  const WriteFile& write_;
  Scorer scorer_;
  int tries_ = 0;
  double last_ = 0;
  bool has_best_ = false;
  Buffer best_;
  Found found_;
};

}  // namespace

const char* Target::option() const {
  for (const Kinds& known : kKinds) {
    if (known.kind == kind) return known.option;
  }
  return "";
}

bool read_target(Call& call, Target* target) {
  const Options& options = call.options();
  const char* first = nullptr;
  for (const Kinds& kind : kKinds) {
    if (!options.has(kind.option)) continue;
    for (const char* other : {first, "distance", "quality"}) {
      if (other != nullptr && options.has(other)) {
        return call.fail_option(kind.option, "'%s' and '%s' exclude each other", kind.option, other);
      }
    }
    if (options.boolean("lossless")) {
      return call.fail_option(kind.option, "'%s' and 'lossless' exclude each other", kind.option);
    }
    first = kind.option;
    *target = {kind.kind, options.number(kind.option)};
  }
  return true;
}

bool refuse_target(Call& call, const Target& target) {
  return call.fail_option(target.option(), "'%s' is for JPEG XL from pixels", target.option());
}

bool encode_to_target(Call& call, const Target& target, const EncodeRequest& request, const WriteFile& write,
                      Buffer* file, Found* found) {
  if (target.kind == Target::Kind::none) {
    *found = {request.distance, 0, 1};
    return write(request, file);
  }
  return Search(call, target, request, write).run(file, found);
}

void report_target(Call& call, const Target& target, const Found& found) {
  yyjson_mut_doc* doc = call.doc();
  yyjson_mut_val* result = call.result();
  yyjson_mut_obj_add_real(doc, result, "distance", found.distance);
  yyjson_mut_obj_add_uint(doc, result, "tries", static_cast<uint64_t>(found.tries));
  if (target.kind == Target::Kind::none || target.kind == Target::Kind::bytes) {
    yyjson_mut_obj_add_null(doc, result, "score");
  } else {
    yyjson_mut_obj_add_real(doc, result, "score", found.score);
  }
}

}  // namespace eitherside
