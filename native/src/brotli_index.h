// Included before every file of Brotli's encoder, in the place of its static_dict_lut.h: an index of the
// static dictionary that is made when first searched. As constants it is 190 kB that hardly compress.
#ifndef BROTLI_ENC_STATIC_DICT_LUT_H_
#define BROTLI_ENC_STATIC_DICT_LUT_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A word of the dictionary in one of three spellings: as it is, first letter or all letters in upper case.
typedef struct DictWord {
  uint8_t len;        // 0x80 is set in a bucket's last word
  uint8_t transform;  // BROTLI_TRANSFORM_IDENTITY, _UPPERCASE_FIRST or _UPPERCASE_ALL
  uint16_t idx;       // among the words of this length
} DictWord;

static const int kDictNumBits = 15;
static const uint32_t kDictHashMul32 = 0x1E35A7BD;

// For each hash of the first four bytes, where its words begin; 0: there are none.
extern uint16_t kStaticDictionaryBuckets[32768];
extern DictWord kStaticDictionaryWords[31705];

#ifdef __cplusplus
}
#endif
#endif
