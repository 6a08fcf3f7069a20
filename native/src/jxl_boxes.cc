#include "jxl_boxes.h"

#include <brotli/decode.h>
#include <string.h>

#include <algorithm>
#include <memory>

#include "json.h"

namespace eitherside {
namespace {

constexpr size_t kStep = 16384;

uint64_t big(const uint8_t* p, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | p[i];
  return value;
}

std::string four(const uint8_t* p) { return {reinterpret_cast<const char*>(p), 4}; }

bool is_name(const std::string& type) {
  return std::all_of(type.begin(), type.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void* allocate(void* opaque, size_t size) {
  const auto* manager = static_cast<const JxlMemoryManager*>(opaque);
  return manager->alloc(manager->opaque, size);
}

void release(void* opaque, void* address) {
  const auto* manager = static_cast<const JxlMemoryManager*>(opaque);
  manager->free(manager->opaque, address);
}

bool is_codestream(const Box& box) { return !box.compressed && (box.is("jxlc") || box.is("jxlp")); }

// Those that may follow the codestream.
bool is_metadata(const Box& box) {
  constexpr const char* kTypes[] = {"Exif", "xml ", "jumb", "jhgm", "jbrd", "jxli", "free"};
  return std::any_of(std::begin(kTypes), std::end(kTypes), [&](const char* type) { return box.is(type); });
}

// What a codestream box holds of the codestream: a jxlp begins with its index.
Bytes piece_of(const Box& box) {
  return box.is("jxlc") ? box.contents : box.contents.subspan(std::min<size_t>(4, box.contents.size()));
}

}  // namespace

bool BoxReader::stop(const char* fault) {
  // What follows the image need not be boxes.
  if (ended_) {
    trailing_ = bytes_.size() - at_;
    return false;
  }
  fault_ = fault;
  return false;
}

bool BoxReader::check(const Box& box) {
  if (count_ == 1 && !box.is("ftyp")) return stop("its second box is not the file type box");
  if (count_ != 1 && box.is("ftyp")) return stop("a file type box stands in the wrong place");
  if (count_ == 1 && box.complete &&
      (box.contents.size() < 12 || memcmp(box.contents.data(), "jxl ", 4) != 0)) {
    return stop("its file type box is not that of a JPEG XL file");
  }
  if (!is_codestream(box)) return true;
  if (ended_) {
    fault_ = "a codestream box follows the last one";
    return false;
  }
  const bool partial = box.is("jxlp");
  if (partial && box.complete && box.contents.size() < 4)
    return stop("a jxlp box is too short for its index");
  ended_ = !partial || (box.contents.size() >= 4 && (box.contents[0] & 0x80) != 0);
  return true;
}

bool BoxReader::next(Box* box) {
  if (fault_ != nullptr || cut_ || trailing_ != 0 || at_ == bytes_.size()) return false;
  const Bytes rest = bytes_.subspan(static_cast<size_t>(at_));
  if (ended_ && rest.size() >= 2 && rest[0] == 0xFF && rest[1] == 0x0A) return stop(nullptr);
  cut_ = true;
  if (rest.size() < 8) {
    if (ended_) trailing_ = rest.size();
    return false;
  }
  *box = {};
  box->type = four(&rest[4]);
  if (ended_ && (box->is("JXL ") || !is_name(box->type))) {
    cut_ = false;
    return stop(nullptr);
  }
  box->offset = at_;
  box->size = big(rest.data(), 4);
  uint64_t header = 8;
  if (box->size == 1) {
    header = 16;
    if (rest.size() < header) return false;
    box->size = big(&rest[8], 8);
  } else if (box->size == 0) {
    box->size = std::max<uint64_t>(rest.size(), header);
  }
  if (box->is("brob")) {
    if (rest.size() < header + 4) return false;
    box->type = four(&rest[static_cast<size_t>(header)]);
    box->compressed = true;
    header += 4;
  }
  cut_ = false;
  if (box->size < header || at_ + box->size < at_) return stop("a box tells a size that cannot be");
  box->complete = box->size <= rest.size();
  const uint64_t there = std::min<uint64_t>(box->size, rest.size());
  box->contents = rest.subspan(static_cast<size_t>(header), static_cast<size_t>(there - header));
  if (ended_ && !box->complete && !is_metadata(*box)) {
    trailing_ = rest.size();
    cut_ = true;
    return false;
  }
  if (!check(*box)) return false;
  cut_ = !box->complete;
  at_ += there;
  ++count_;
  return true;
}

bool has_boxes(Bytes file) { return !(file.size() >= 2 && file[0] == 0xFF && file[1] == 0x0A); }

bool gather_codestream(Bytes file, Buffer* joined, Bytes* codestream) {
  *codestream = file;
  if (!has_boxes(file)) return true;
  *codestream = {};
  size_t pieces = 0;
  size_t total = 0;
  Box box;
  for (BoxReader boxes(file); boxes.next(&box);) {
    if (!is_codestream(box)) continue;
    *codestream = piece_of(box);
    total += codestream->size();
    ++pieces;
  }
  if (pieces < 2) return true;
  if (total > memory_left() || !joined->resize(total)) return false;
  size_t at = 0;
  for (BoxReader boxes(file); boxes.next(&box);) {
    if (!is_codestream(box)) continue;
    const Bytes piece = piece_of(box);
    std::copy(piece.begin(), piece.end(), joined->data() + at);
    at += piece.size();
  }
  *codestream = {joined->data(), total};
  return true;
}

bool open_box(Call& call, const Box& box, uint64_t most, Buffer* contents, bool* whole) {
  const auto room = [&](uint64_t size) {
    return (size <= memory_left() && contents->resize(static_cast<size_t>(size))) ||
           call.fail("memory_limit", "the contents of the %s box do not fit the call's memory ceiling",
                     valid_utf8(box.type).c_str());
  };
  if (!box.compressed) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(most, box.contents.size()));
    *whole = box.complete && size == box.contents.size();
    if (!room(size)) return false;
    std::copy_n(box.contents.begin(), size, contents->data());
    return true;
  }
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> decoder(
      BrotliDecoderCreateInstance(&allocate, &release, const_cast<JxlMemoryManager*>(memory_manager())),
      &BrotliDecoderDestroyInstance);
  if (decoder == nullptr) return call.fail("memory_limit", "no memory to decompress a box");
  const uint8_t* in = box.contents.data();
  size_t in_left = box.contents.size();
  size_t used = 0;
  for (;;) {
    const uint64_t size = std::min<uint64_t>(most, std::max<uint64_t>(kStep, 2 * used));
    if (size > contents->size() && !room(size)) return false;
    uint8_t* out = contents->data() + used;
    size_t out_left = contents->size() - used;
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(decoder.get(), &in_left, &in, &out_left, &out, nullptr);
    used = contents->size() - out_left;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && used < most) continue;
    *whole = result == BROTLI_DECODER_RESULT_SUCCESS;
    const bool damaged = result == BROTLI_DECODER_RESULT_ERROR ||
                         (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && box.complete);
    if (!damaged) return contents->resize(used) || call.fail("memory_limit", "no memory for a box");
    if (memory_exhausted()) return call.fail("memory_limit", "no memory to decompress a box");
    return call.fail_input("corrupt", "image", "the compressed %s box at byte %llu is damaged",
                           valid_utf8(box.type).c_str(), box.offset);
  }
}

}  // namespace eitherside
