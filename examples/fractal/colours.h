// Colours: palettes in linear light, and sRGB (IEC 61966-2-1) from it.
#ifndef FRACTAL_COLOURS_H_
#define FRACTAL_COLOURS_H_

#include <stdint.h>

// Red, green and blue in linear light, 0 to 1.
typedef struct Colour {
  double linear[3];
} Colour;

#define STOPS 6

// Stops of a palette, at equal distances, the first following the last again.
typedef struct Palette {
  uint32_t count;
  Colour stops[STOPS];
} Palette;

// For each value of a sample but the first, the linear light from which on it is the nearest.
typedef struct Samples {
  double from[255];
} Samples;

// In the order of the interface's enum.
static const struct {
  uint32_t count;
  uint32_t stops[STOPS];  // sRGB
} kPalettes[] = {
    {5, {0x000764, 0x206BCB, 0xEDFFFF, 0xFFAA00, 0x000200}},
    {5, {0x0B0000, 0x8C1A00, 0xFF7A00, 0xFFE680, 0x5A0A00}},
    {6, {0xE6194B, 0xF5A300, 0xC8E64B, 0x3CB44B, 0x4363D8, 0x911EB4}},
    {2, {0x000000, 0xFFFFFF}},
};

// Base 2, of a number above 0 that is no denormal.
static double logarithm(double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  const int64_t exponent = (int64_t)(bits >> 52) - 1023;
  bits = (bits & 0xFFFFFFFFFFFFFu) | (uint64_t)1023 << 52;
  double mantissa;
  __builtin_memcpy(&mantissa, &bits, sizeof(mantissa));
  // ln(m) = 2 artanh((m - 1) / (m + 1)); the argument is at most 1/3, so 20 terms are more than a double
  // holds.
  const double ratio = (mantissa - 1) / (mantissa + 1);
  double power = ratio;
  double sum = 0;
  for (int i = 1; i < 40; i += 2) {
    sum += power / i;
    power *= ratio * ratio;
  }
  return (double)exponent + sum * 2.8853900817779268;
}

// Linear light of a sample of sRGB, both 0 to 1.
static double linear_of(double sample) {
  if (sample <= 0.04045) return sample / 12.92;
  const double base = (sample + 0.055) / 1.055;
  // base to the power of 2.4, the fifth root of base squared by Newton's method.
  double root = 1;
  for (int i = 0; i < 40; ++i) root = (4 * root + base * base / (root * root * root * root)) / 5;
  return base * base * root;
}

static Samples make_samples(void) {
  Samples samples;
  for (int i = 0; i < 255; ++i) samples.from[i] = linear_of((i + 0.5) / 255);
  return samples;
}

static uint8_t sample_of(const Samples* samples, double linear) {
  uint32_t low = 0;
  uint32_t high = 255;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (linear < samples->from[middle]) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return (uint8_t)low;
}

static Palette make_palette(uint32_t choice) {
  Palette palette = {.count = kPalettes[choice].count};
  for (uint32_t i = 0; i < palette.count; ++i) {
    for (uint32_t c = 0; c < 3; ++c) {
      palette.stops[i].linear[c] = linear_of((kPalettes[choice].stops[i] >> (16 - 8 * c) & 0xFF) / 255.0);
    }
  }
  return palette;
}

// The colour at a place from 0 on, where the palette begins anew at every whole number.
static Colour shade(const Palette* palette, double place) {
  const double at = (place - __builtin_floor(place)) * palette->count;
  const uint32_t index = (uint32_t)at % palette->count;
  const double part = at - __builtin_floor(at);
  const Colour* before = &palette->stops[index];
  const Colour* after = &palette->stops[(index + 1) % palette->count];
  Colour colour;
  for (int c = 0; c < 3; ++c)
    colour.linear[c] = before->linear[c] + part * (after->linear[c] - before->linear[c]);
  return colour;
}

#endif
