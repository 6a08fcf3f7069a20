#pragma once

#include "call.h"
#include "formats.h"
#include "jxl_reader.h"
#include "packed.h"

namespace eitherside {

// An input of any readable format as a JPEG XL file: formats other than JPEG XL become a lossless one, so
// that one piece of code blends frames, turns, and converts types and colours.
class Source {
 public:
  // Reads the headers of the input called `name`. False after the call has ended with an error. The metadata
  // of other formats than JPEG XL goes into the file only where it is to be kept.
  bool open(Call& call, const char* name, bool keep_metadata = false);

  // The same of a picture that was read from it otherwise.
  bool open_packed(Call& call, const Packed& packed, bool keep_metadata = false);

  Format format() const { return format_; }
  Bytes file() const { return file_; }
  // Size as displayed, frames and channels, before any pixel is decoded.
  const JxlFacts& facts() const { return facts_; }

 private:
  bool read_facts(Call& call);

  Format format_ = Format::unknown;
  Buffer made_;
  Bytes file_;
  JxlFacts facts_;
};

}  // namespace eitherside
