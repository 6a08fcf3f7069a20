#include "brotli_index.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <vector>

#include "common/dictionary.h"
#include "common/transform.h"

uint16_t kStaticDictionaryBuckets[32768];
DictWord kStaticDictionaryWords[31705];

namespace {

constexpr size_t kBuckets = std::size(kStaticDictionaryBuckets);
constexpr size_t kWords = std::size(kStaticDictionaryWords);
constexpr uint8_t kShortest = BROTLI_MIN_DICTIONARY_WORD_LENGTH;
constexpr uint8_t kLongest = BROTLI_MAX_DICTIONARY_WORD_LENGTH;

using Word = std::array<uint8_t, kLongest>;

bool is_lower(uint8_t c) { return c >= 'a' && c <= 'z'; }

uint8_t upper(uint8_t c) { return is_lower(c) ? static_cast<uint8_t>(c - ('a' - 'A')) : c; }

size_t bucket_of(const Word& word) {
  uint32_t first;
  std::memcpy(&first, word.data(), sizeof first);
  return first * kDictHashMul32 >> (32 - kDictNumBits);
}

// Fills the index as the constants of Brotli's encoder have it, word for word.
class Maker {
 public:
  Maker() {
    entries_.reserve(kWords);
    before_.reserve(kWords);
    add_all({BROTLI_TRANSFORM_IDENTITY});
    add_all({BROTLI_TRANSFORM_UPPERCASE_FIRST, BROTLI_TRANSFORM_UPPERCASE_ALL});
  }

  // Buckets one behind another, each in the order in which its words came; the place 0 stays unused.
  void arrange() const {
    size_t end = 1;
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
      if (sizes_[bucket] == 0) continue;
      kStaticDictionaryBuckets[bucket] = static_cast<uint16_t>(end);
      end += sizes_[bucket];
      size_t place = end;
      for (size_t at = newest_[bucket]; at != 0; at = before_[at - 1]) {
        kStaticDictionaryWords[--place] = entries_[at - 1];
      }
      kStaticDictionaryWords[end - 1].len |= 0x80;
    }
  }

 private:
  // False where this spelling is none of its own.
  bool spell(uint8_t length, size_t index, uint8_t transform, Word& word) const {
    std::memcpy(word.data(), dictionary_->data + dictionary_->offsets_by_length[length] + length * index,
                length);
    if (transform == BROTLI_TRANSFORM_IDENTITY) return true;
    if (transform == BROTLI_TRANSFORM_UPPERCASE_FIRST) {
      if (!is_lower(word[0])) return false;
      word[0] = upper(word[0]);
      return true;
    }
    bool changes = false;
    for (size_t i = 0; i < length; ++i) {
      if (word[i] >= 0x80) return false;
      changes = changes || (i > 0 && is_lower(word[i]));
      word[i] = upper(word[i]);
    }
    return changes;
  }

  void add_all(std::initializer_list<uint8_t> transforms) {
    for (uint8_t length = kShortest; length <= kLongest; ++length) {
      const size_t count = size_t{1} << dictionary_->size_bits_by_length[length];
      for (size_t index = 0; index < count; ++index) {
        for (const uint8_t transform : transforms) add(length, transform, index);
      }
    }
  }

  void add(uint8_t length, uint8_t transform, size_t index) {
    Word word;
    if (!spell(length, index, transform, word)) return;
    const size_t bucket = bucket_of(word);
    if (transform != BROTLI_TRANSFORM_IDENTITY && has(bucket, length, word)) return;
    entries_.push_back({length, transform, static_cast<uint16_t>(index)});
    before_.push_back(newest_[bucket]);
    newest_[bucket] = static_cast<uint16_t>(entries_.size());
    ++sizes_[bucket];
  }

  bool has(size_t bucket, uint8_t length, const Word& word) const {
    Word other;
    for (size_t at = newest_[bucket]; at != 0; at = before_[at - 1]) {
      const DictWord& entry = entries_[at - 1];
      if (entry.len != length) continue;
      spell(length, entry.idx, entry.transform, other);
      if (std::memcmp(word.data(), other.data(), length) == 0) return true;
    }
    return false;
  }

  const BrotliDictionary* dictionary_ = BrotliGetDictionary();
  std::vector<DictWord> entries_;
  std::vector<uint16_t> before_;  // the entry before in the same bucket, counted from 1
  std::vector<uint16_t> newest_ = std::vector<uint16_t>(kBuckets), sizes_ = newest_;
};

}  // namespace

// The linker puts __wrap_ in the place of the encoder's only function that reads the index (--wrap), which
// only its highest qualities call, always in the thread of the call itself.
extern "C" {
int __real_BrotliFindAllStaticDictionaryMatches(const void*, const uint8_t*, size_t, size_t, uint32_t*);

int __wrap_BrotliFindAllStaticDictionaryMatches(const void* dictionary, const uint8_t* data, size_t least,
                                                size_t most, uint32_t* matches) {
  static bool made = false;
  if (!made) Maker().arrange();
  made = true;
  return __real_BrotliFindAllStaticDictionaryMatches(dictionary, data, least, most, matches);
}
}
