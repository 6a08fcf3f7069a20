#pragma once

#include <jxl/cms_interface.h>

#include <memory>
#include <vector>

#include "call.h"
#include "tone_mapper.h"

namespace eitherside {

// A colour space: its ICC profile, and its fields as far as they can be told.
struct ColourSpace {
  std::vector<uint8_t> icc;
  JxlColorEncoding encoding = {};
  bool is_cmyk = false;

  // Reads the fields of a profile; false where it cannot be used.
  bool read(Bytes profile);
  // Makes the profile of an encoding; false where there is none.
  bool make(const JxlColorEncoding& wanted);

  bool is_grey() const { return encoding.color_space == JXL_COLOR_SPACE_GRAY; }
  bool is_pq() const { return encoding.transfer_function == JXL_TRANSFER_FUNCTION_PQ; }
  bool is_hlg() const { return encoding.transfer_function == JXL_TRANSFER_FUNCTION_HLG; }
  bool is_same(const ColourSpace& other) const;
};

// Linear samples in the primaries of `space`, or of sRGB where it has none; false where there is no profile.
bool make_linear(const ColourSpace& space, ColourSpace* linear);

// Converts rows of samples between colour spaces with libjxl's colour management, mapping tones where the
// brightest luminances differ. libjxl's decoder does that for XYB images only. Threads of a parallel loop may
// each convert a row at the same time, by their numbers in it.
class ColourConverter {
 public:
  ColourConverter() = default;
  ~ColourConverter();
  ColourConverter(const ColourConverter&) = delete;
  ColourConverter& operator=(const ColourConverter&) = delete;

  // Pixels that one row can have.
  static constexpr size_t kWidth = 1024;

  // Samples of 1 stand for `luminance` cd/m² before, and for `target` after where tones are mapped.
  bool start(const ColourSpace& from, const ColourSpace& to, float luminance, float target, bool map_tones);

  // Channels of a row that goes in (1, 3 or 4) and of one that comes out (1 or 3).
  size_t channels_in() const { return channels_in_; }
  size_t channels_out() const { return channels_out_; }

  // Interleaved floats of the next row, to be filled before convert(), and of the converted row after it.
  float* row_in(size_t thread = 0);
  const float* row_out(size_t thread = 0) const;
  bool convert(size_t pixels, size_t thread = 0);
  // How many threads may convert at the same time.
  size_t threads() const { return threads_; }

 private:
  // One conversion by colour management.
  struct Pass {
    void* state = nullptr;
    bool start(const JxlCmsInterface& cms, size_t threads, const ColourSpace& from, const ColourSpace& to,
               float luminance);
    bool run(const JxlCmsInterface& cms, size_t thread, size_t pixels) const;
  };

  JxlCmsInterface cms_ = {};
  Pass first_;
  // From a space between, such as the linear one in which tones are mapped, where there is one.
  Pass second_;
  std::unique_ptr<ToneMapper> tones_;
  size_t threads_ = 1;
  size_t channels_in_ = 0;
  size_t channels_out_ = 0;
};

}  // namespace eitherside
