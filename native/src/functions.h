#pragma once

#include <memory>

#include "call.h"
#include "pushed.h"

namespace eitherside {

// The functions of the interface, by name.
bool inspect(Call& call);
bool decode(Call& call);
bool encode(Call& call);
bool transcode(Call& call);
bool measure(Call& call);
bool compare(Call& call);
bool thumbnail(Call& call);
bool edit(Call& call);

// Functions whose input can be pushed; null after fail().
std::unique_ptr<Pushed> open_decode(Call& call);

}  // namespace eitherside
