// Renders the Mandelbrot set and Julia sets. Only + - * / and sqrt, which IEEE 754 defines to the last bit,
// touch the picture, so it has the same bytes on every engine.
#define EITHERSIDE_INTERFACE "interface.json"
#define EITHERSIDE_IMPLEMENTATION
#include <eitherside.h>

#include "colours.h"

// Two doubles, in one SIMD register.
typedef double Pair __attribute__((vector_size(16)));
typedef int64_t Mask __attribute__((vector_size(16)));

// Square of the distance beyond which an orbit counts as gone. 4 would do; more makes bands of colour meet.
#define GONE 65536.0

typedef struct View {
  double left, top, step;  // of samples, in the complex plane
  double constant[2];      // of a Julia set
  bool julia;
  uint32_t iterations;
  uint32_t width, height;
  uint32_t side;  // samples in a pixel, along each side
} View;

// Where an orbit ended, squared distance from 0, and after how many steps.
typedef struct Orbit {
  double size;
  uint32_t steps;
} Orbit;

typedef struct Totals {
  uint64_t steps;
  uint64_t inside;
} Totals;

static Pair choose(Mask mask, Pair yes, Pair no) { return (Pair)(((Mask)yes & mask) | ((Mask)no & ~mask)); }

// Follows the orbits of two points.
static void follow(const View* view, Pair x, Pair y, Orbit found[2]) {
  const Pair constant_x = view->julia ? (Pair){view->constant[0], view->constant[0]} : x;
  const Pair constant_y = view->julia ? (Pair){view->constant[1], view->constant[1]} : y;
  Pair size = x * x + y * y;
  Mask steps = {0, 0};
  Mask here = size < GONE;
  for (uint32_t i = 0; i < view->iterations && (here[0] | here[1]) != 0; ++i) {
    const Pair next_x = x * x - y * y + constant_x;
    const Pair next_y = (x + x) * y + constant_y;
    // An orbit that is gone stays where it was.
    x = choose(here, next_x, x);
    y = choose(here, next_y, y);
    size = x * x + y * y;
    steps -= here;
    here &= size < GONE;
  }
  for (int lane = 0; lane < 2; ++lane) found[lane] = (Orbit){size[lane], (uint32_t)steps[lane]};
}

static Colour colour_of(const Palette* palette, Orbit orbit) {
  if (orbit.size < GONE) return (Colour){{0, 0, 0}};
  // How much of a step earlier it was gone: a step squares the distance.
  const double early = logarithm(logarithm(orbit.size) / logarithm(GONE));
  const double steps = orbit.steps + 1 - early;
  return shade(palette, steps > 0 ? __builtin_sqrt(steps) / 8 : 0);
}

// Adds the colours of one row of samples to the sums of the pixels that they are in.
static Totals add_samples(const View* view, const Palette* palette, uint32_t row, Colour* sums) {
  const uint32_t count = view->width * view->side;
  const double y = view->top - view->step * (row + 0.5);
  Totals totals = {0, 0};
  for (uint32_t column = 0; column < count; column += 2) {
    const double x = view->left + view->step * (column + 0.5);
    Orbit found[2];
    follow(view, (Pair){x, x + view->step}, (Pair){y, y}, found);
    for (uint32_t lane = 0; lane < 2 && column + lane < count; ++lane) {
      const Colour colour = colour_of(palette, found[lane]);
      Colour* sum = &sums[(column + lane) / view->side];
      for (int c = 0; c < 3; ++c) sum->linear[c] += colour.linear[c];
      totals.steps += found[lane].steps;
      totals.inside += found[lane].size < GONE;
    }
  }
  return totals;
}

static Totals draw(const View* view, const Palette* palette, Colour* sums, uint8_t* to) {
  const Samples samples = make_samples();
  const double share = 1.0 / (view->side * view->side);
  Totals totals = {0, 0};
  for (uint32_t row = 0; row < view->height; ++row) {
    for (uint32_t column = 0; column < view->width; ++column) sums[column] = (Colour){{0, 0, 0}};
    for (uint32_t nth = 0; nth < view->side; ++nth) {
      const Totals more = add_samples(view, palette, row * view->side + nth, sums);
      totals.steps += more.steps;
      totals.inside += more.inside;
    }
    for (uint32_t column = 0; column < view->width; ++column) {
      for (int c = 0; c < 3; ++c) *to++ = sample_of(&samples, sums[column].linear[c] * share);
      *to++ = 255;
    }
  }
  return totals;
}

// Reads two numbers; false where there are more or fewer.
static bool point(EithersideCall* call, const char* option, double found[2]) {
  const EithersideNumbers numbers = eitherside_numbers(call, option);
  if (numbers.length != 2) {
    return eitherside_fail_option(call, option, "'%s' must be two numbers, not %u", option, numbers.length);
  }
  found[0] = numbers.data[0];
  found[1] = numbers.data[1];
  return true;
}

static bool render(EithersideCall* call) {
  View view = {
      .julia = eitherside_choice(call, "set") == 1,
      .iterations = (uint32_t)eitherside_integer(call, "iterations"),
      .width = (uint32_t)eitherside_integer(call, "width"),
      .height = (uint32_t)eitherside_integer(call, "height"),
      .side = (uint32_t)eitherside_integer(call, "supersampling"),
  };
  double centre[2];
  if (!point(call, "centre", centre) || !point(call, "constant", view.constant)) return false;
  if (eitherside_given(call, "constant") && !view.julia) {
    return eitherside_fail_option(call, "constant", "'constant' is for Julia sets alone");
  }
  view.step = 3 / (eitherside_number(call, "zoom") * view.height * view.side);
  view.left = centre[0] - view.step * view.width * view.side / 2;
  view.top = centre[1] + view.step * view.height * view.side / 2;

  const Palette palette = make_palette(eitherside_choice(call, "palette"));
  Colour* sums = eitherside_scratch(call, (uint64_t)view.width * sizeof(Colour));
  uint8_t* samples = eitherside_output(call, "samples", (uint64_t)view.width * view.height * 4);
  const Totals totals = draw(&view, &palette, sums, samples);

  eitherside_tell_integer(call, "width", view.width);
  eitherside_tell_integer(call, "height", view.height);
  eitherside_tell_integer(call, "channels", 4);
  eitherside_tell_text(call, "type", "u8");
  eitherside_tell_integer(call, "steps", (int64_t)totals.steps);
  eitherside_tell_number(call, "inside",
                         (double)totals.inside / ((double)view.width * view.height * view.side * view.side));
  return true;
}

EITHERSIDE_FUNCTIONS({"render", render})
