#pragma once

#include "call.h"

namespace eitherside {

// The functions of the interface, by name.
bool inspect(Call& call);
bool decode(Call& call);
bool encode(Call& call);
bool transcode(Call& call);
bool measure(Call& call);
bool compare(Call& call);

}  // namespace eitherside
