// Numbers from and to decimal text, rounded correctly: the same digits as any other reader or writer would
// give.
#ifndef EITHERSIDE_NUMBER_H_
#define EITHERSIDE_NUMBER_H_

#include "text.h"

// Digits beyond these cannot change how a number rounds, but for whether any is not zero (770 would do).
#define ES_DIGITS 800
#define ES_LIMBS 144

// A natural number below 2 to the power of 32 * ES_LIMBS, least significant limb first, no limb of zero at
// the end.
typedef struct EsBig {
  uint32_t count;
  uint32_t limbs[ES_LIMBS];
} EsBig;

static void es_big_times_plus(EsBig* big, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t i = 0; i < big->count; ++i) {
    carry += (uint64_t)big->limbs[i] * factor;
    big->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0) big->limbs[big->count++] = (uint32_t)carry;
}

static void es_big_times_ten(EsBig* big, int32_t power) {
  for (; power >= 9; power -= 9) es_big_times_plus(big, 1000000000, 0);
  for (; power > 0; --power) es_big_times_plus(big, 10, 0);
}

static void es_big_shift(EsBig* big, uint32_t bits) {
  const uint32_t limbs = bits / 32;
  if (big->count == 0) return;
  if (limbs != 0) {
    for (uint32_t i = big->count; i-- > 0;) big->limbs[i + limbs] = big->limbs[i];
    for (uint32_t i = 0; i < limbs; ++i) big->limbs[i] = 0;
    big->count += limbs;
  }
  if (bits % 32 != 0) es_big_times_plus(big, 1u << bits % 32, 0);
}

static int32_t es_big_bits(const EsBig* big) {
  if (big->count == 0) return 0;
  return (int32_t)(32 * big->count) - __builtin_clz(big->limbs[big->count - 1]);
}

// Below, at or above 0 as one is less than, the same as or more than the other.
static int es_big_compare(const EsBig* one, const EsBig* other) {
  if (one->count != other->count) return one->count < other->count ? -1 : 1;
  for (uint32_t i = one->count; i-- > 0;) {
    if (one->limbs[i] != other->limbs[i]) return one->limbs[i] < other->limbs[i] ? -1 : 1;
  }
  return 0;
}

// Takes away what is not more.
static void es_big_minus(EsBig* big, const EsBig* less) {
  uint64_t borrow = 0;
  for (uint32_t i = 0; i < big->count; ++i) {
    const uint64_t taken = borrow + (i < less->count ? less->limbs[i] : 0);
    borrow = big->limbs[i] < taken;
    big->limbs[i] = (uint32_t)(big->limbs[i] - taken);
  }
  while (big->count > 0 && big->limbs[big->count - 1] == 0) --big->count;
}

// The number above / below, rounded to the nearest double, ties to even; infinity where it is too large.
static double es_quotient(EsBig* above, EsBig* below) {
  int32_t exponent = es_big_bits(above) - es_big_bits(below);
  es_big_shift(exponent > 0 ? below : above, (uint32_t)(exponent > 0 ? exponent : -exponent));
  if (es_big_compare(above, below) < 0) {
    es_big_shift(above, 1);
    --exponent;
  }
  if (exponent > 1023) return __builtin_inf();
  // Now the quotient is from 1 to 2, times 2 to the power of exponent.
  const int32_t bits = exponent >= -1022 ? 53 : 53 + 1022 + exponent;
  if (bits < 0) return 0;
  uint64_t mantissa = 0;
  for (int32_t i = 0; i < bits; ++i) {
    mantissa <<= 1;
    if (es_big_compare(above, below) >= 0) {
      es_big_minus(above, below);
      mantissa |= 1;
    }
    es_big_shift(above, 1);
  }
  const int half = es_big_compare(above, below);
  if (half > 0 || (half == 0 && (mantissa & 1) != 0)) ++mantissa;
  if (exponent >= -1022) mantissa += (uint64_t)(exponent + 1022) << 52;
  double value;
  __builtin_memcpy(&value, &mantissa, sizeof(value));
  return value;
}

// As es_from_decimal, for digits and a power of ten that doubles hold exactly: one division or product rounds
// once.
static double es_from_few(const uint8_t* digits, uint32_t count, int32_t point) {
  double value = 0;
  double power = 1;
  const int32_t scale = point - (int32_t)count;
  for (uint32_t i = 0; i < count; ++i) value = value * 10 + digits[i];
  for (int32_t i = 0; i < (scale < 0 ? -scale : scale); ++i) power *= 10;
  return scale < 0 ? value / power : value * power;
}

// The value of digits, a decimal point before the first of them, times 10 to the power of point.
static double es_from_decimal(const uint8_t* digits, uint32_t count, int64_t point) {
  if (count == 0 || point < -400) return 0;
  if (point > 400) return __builtin_inf();
  if (count <= 15 && point >= (int64_t)count - 22 && point <= 22)
    return es_from_few(digits, count, (int32_t)point);
  EsBig above = {.count = 0};
  EsBig below = {.count = 1, .limbs = {1}};
  for (uint32_t i = 0; i < count; ++i) es_big_times_plus(&above, 10, digits[i]);
  const int32_t power = (int32_t)point - (int32_t)count;
  es_big_times_ten(power > 0 ? &above : &below, power > 0 ? power : -power);
  return es_quotient(&above, &below);
}

// Writes the first `count` digits of a finite value above 0, rounded; returns where the decimal point is, as
// above.
static int32_t es_to_decimal(double value, uint8_t* digits, uint32_t count) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  const int32_t field = (int32_t)(bits >> 52 & 0x7FF);
  const uint64_t mantissa = (bits & 0xFFFFFFFFFFFFFu) | (field == 0 ? 0 : (uint64_t)1 << 52);
  const int32_t exponent = (field == 0 ? 1 : field) - 1075;
  EsBig above = {.count = mantissa >> 32 != 0 ? 2 : 1,
                 .limbs = {(uint32_t)mantissa, (uint32_t)(mantissa >> 32)}};
  EsBig below = {.count = 1, .limbs = {1}};
  es_big_shift(exponent > 0 ? &above : &below, (uint32_t)(exponent > 0 ? exponent : -exponent));
  // An estimate from the binary exponent, one too small at times: log10(2) is 0.30103.
  int32_t point = (es_big_bits(&above) - es_big_bits(&below) - 1) * 30103 / 100000 - 1;
  es_big_times_ten(point > 0 ? &below : &above, point > 0 ? point : -point);
  for (; es_big_compare(&above, &below) >= 0; ++point) es_big_times_plus(&below, 10, 0);
  for (uint32_t i = 0; i < count; ++i) {
    es_big_times_plus(&above, 10, 0);
    for (digits[i] = 0; es_big_compare(&above, &below) >= 0; ++digits[i]) es_big_minus(&above, &below);
  }
  es_big_shift(&above, 1);
  const int half = es_big_compare(&above, &below);
  if (half < 0 || (half == 0 && digits[count - 1] % 2 == 0)) return point;
  uint32_t at = count;
  while (at > 0 && digits[at - 1] == 9) digits[--at] = 0;
  if (at > 0) {
    ++digits[at - 1];
    return point;
  }
  digits[0] = 1;
  return point + 1;
}

static void es_add_digits(EsText* text, const uint8_t* digits, uint32_t from, uint32_t to, uint32_t count) {
  for (uint32_t i = from; i < to; ++i) es_add_char(text, i < count ? (char)('0' + digits[i]) : '0');
}

// Digits without an exponent.
static void es_add_plain(EsText* text, const uint8_t* digits, uint32_t count, int32_t point) {
  if (point <= 0) {
    es_add_text(text, "0.");
    for (int32_t i = point; i < 0; ++i) es_add_char(text, '0');
    es_add_digits(text, digits, 0, count, count);
    return;
  }
  es_add_digits(text, digits, 0, (uint32_t)point, count);
  if ((uint32_t)point >= count) return;
  es_add_char(text, '.');
  es_add_digits(text, digits, (uint32_t)point, count, count);
}

// As printf's %.<digits>g writes a finite number.
static void es_add_short(EsText* text, double value, uint32_t count) {
  uint8_t digits[20] = {0};
  if (__builtin_signbit(value)) es_add_char(text, '-');
  value = __builtin_fabs(value);
  if (value == 0) {
    es_add_char(text, '0');
    return;
  }
  const int32_t point = es_to_decimal(value, digits, count);
  const int32_t exponent = point - 1;
  uint32_t used = count;
  while (used > 1 && digits[used - 1] == 0) --used;
  if (exponent >= -4 && exponent < (int32_t)count) {
    es_add_plain(text, digits, used, point);
    return;
  }
  es_add_digits(text, digits, 0, 1, used);
  if (used > 1) es_add_char(text, '.');
  es_add_digits(text, digits, 1, used, used);
  es_add_text(text, exponent < 0 ? "e-" : "e+");
  const uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
  if (size < 10) es_add_char(text, '0');
  es_add_unsigned(text, size);
}

// The shortest digits that read back as the same finite number, as JSON: 1.0, 1.5e-7.
static void es_add_double(EsText* text, double value) {
  uint8_t digits[20] = {0};
  if (__builtin_signbit(value)) es_add_char(text, '-');
  value = __builtin_fabs(value);
  if (value == 0) {
    es_add_text(text, "0.0");
    return;
  }
  uint32_t count = 0;
  int32_t point = 0;
  do {
    point = es_to_decimal(value, digits, ++count);
  } while (count < 17 && es_from_decimal(digits, count, point) != value);
  if (point > -6 && point <= 21) {
    es_add_plain(text, digits, count, point);
    if (point >= (int32_t)count) es_add_text(text, ".0");
    return;
  }
  es_add_digits(text, digits, 0, 1, count);
  if (count > 1) es_add_char(text, '.');
  es_add_digits(text, digits, 1, count, count);
  es_add_char(text, 'e');
  es_add_signed(text, point - 1);
}

#endif
