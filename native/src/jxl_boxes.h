#pragma once

#include <string>

#include "call.h"

namespace eitherside {

// A box of a JPEG XL file (ISO/IEC 18181-2, 9). A box that the file ends in has the contents that are there.
struct Box {
  // Four characters; those inside where the box is a brob, whose contents are compressed with Brotli.
  std::string type;
  bool compressed = false;
  uint64_t offset = 0;
  // With its header; as far as the file goes where the box reaches to its end.
  uint64_t size = 0;
  bool complete = false;
  // Without the inner type of a brob.
  Bytes contents;

  bool is(const char* name) const { return type == name; }
};

// Walks the boxes of a file without reading what is in them. Follows libjxl in what it accepts.
class BoxReader {
 public:
  explicit BoxReader(Bytes bytes) : bytes_(bytes) {}

  // False at the end, where the file is cut off in a box's header, or where it breaks the rules.
  bool next(Box* box);

  // A box or its header lacks bytes.
  bool cut() const { return cut_; }
  // What rule was broken, or nullptr.
  const char* fault() const { return fault_; }
  // The codestream boxes have all been met.
  bool ended() const { return ended_; }
  // Bytes behind the image that are none of its boxes.
  uint64_t trailing() const { return trailing_; }

 private:
  bool stop(const char* fault);
  bool check(const Box& box);

  Bytes bytes_;
  uint64_t at_ = 0;
  uint64_t count_ = 0;
  bool cut_ = false;
  bool ended_ = false;
  uint64_t trailing_ = 0;
  const char* fault_ = nullptr;
};

// The codestream of a file, naked or in boxes. Where it is in several boxes `joined` holds it.
// False where memory is short.
bool gather_codestream(Bytes file, Buffer* joined, Bytes* codestream);

// Whether a file has boxes, else it is a naked codestream.
bool has_boxes(Bytes file);

// The contents of a box, decompressed, at most `most` bytes of them: where more would come, `*whole` is
// false. Ends the call where the compressed data are damaged or memory is short.
bool open_box(Call& call, const Box& box, uint64_t most, Buffer* contents, bool* whole);

}  // namespace eitherside
