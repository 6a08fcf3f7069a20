#include "region.h"

namespace eitherside {

bool read_region(Call& call, const char* option, Region* region) {
  const std::vector<double> numbers = call.options().numbers(option);
  if (numbers.empty()) return true;
  if (numbers.size() != 4) {
    return call.fail_option(option, "'%s' must be [] or [x, y, width, height], not %zu numbers", option,
                            numbers.size());
  }
  const auto at = [&](size_t i) { return static_cast<uint32_t>(numbers[i]); };
  *region = {at(0), at(1), at(2), at(3)};
  return (at(2) > 0 && at(3) > 0) ||
         call.fail_option(option, "the %s has no pixels: it is %u x %u", option, at(2), at(3));
}

bool check_region(Call& call, const char* option, const Region& region, uint32_t width, uint32_t height) {
  const uint64_t right = static_cast<uint64_t>(region.x) + region.width;
  const uint64_t bottom = static_cast<uint64_t>(region.y) + region.height;
  if (right <= width && bottom <= height) return true;
  return call.fail_option(option, "the %s ends at %llu, %llu, outside of the image of %u x %u", option,
                          static_cast<unsigned long long>(right), static_cast<unsigned long long>(bottom),
                          width, height);
}

}  // namespace eitherside
