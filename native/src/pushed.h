#pragma once

#include <memory>

#include "call.h"

namespace eitherside {

// A call in work whose input arrives in pieces (docs/abi.md). The call outlives it.
class Pushed {
 public:
  Pushed() = default;
  virtual ~Pushed() = default;
  Pushed(const Pushed&) = delete;
  Pushed& operator=(const Pushed&) = delete;

  // Takes the next bytes and fills the call's answer with what they bring; `last` where none follow. The
  // bytes are gone afterwards. False after fail().
  virtual bool push(Bytes piece, bool last) = 0;
};

}  // namespace eitherside
