// Texts that grow, and the small part of printf that messages need.
#ifndef EITHERSIDE_TEXT_H_
#define EITHERSIDE_TEXT_H_

#include "memory.h"

// A text being written. Where `fixed`, it has no more room than it began with and drops what does not fit.
typedef struct EsText {
  char* data;
  uint32_t length;
  uint32_t capacity;
  bool fixed;
} EsText;

static uint32_t es_length(const char* text) {
  uint32_t length = 0;
  while (text[length] != 0) ++length;
  return length;
}

static bool es_same(const char* one, uint32_t length, const char* other, uint32_t other_length) {
  if (length != other_length) return false;
  for (uint32_t i = 0; i < length; ++i) {
    if (one[i] != other[i]) return false;
  }
  return true;
}

static void es_add(EsText* text, const char* data, uint32_t length) {
  uint32_t room = text->capacity - text->length;
  if (length > room && !text->fixed) {
    const uint64_t capacity = 2 * (uint64_t)text->capacity + length + 64;
    char* larger = es_allocate(capacity);
    __builtin_memcpy(larger, text->data, text->length);
    eitherside_free(text->data);
    text->data = larger;
    text->capacity = (uint32_t)capacity;
    room = text->capacity - text->length;
  }
  const uint32_t taken = length < room ? length : room;
  __builtin_memcpy(text->data + text->length, data, taken);
  text->length += taken;
}

static void es_add_text(EsText* text, const char* data) { es_add(text, data, es_length(data)); }
static void es_add_char(EsText* text, char c) { es_add(text, &c, 1); }

static void es_add_unsigned(EsText* text, uint64_t value) {
  char digits[20];
  uint32_t at = sizeof(digits);
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  es_add(text, digits + at, (uint32_t)sizeof(digits) - at);
}

static void es_add_signed(EsText* text, int64_t value) {
  if (value < 0) es_add_char(text, '-');
  es_add_unsigned(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

// The length of the start of a text that is at most `most` bytes long and ends with a whole character.
static uint32_t es_start(const char* data, uint32_t length, uint32_t most) {
  if (length <= most) return length;
  while (most > 0 && ((uint8_t)data[most] & 0xC0) == 0x80) --most;
  return most;
}

// A JSON string, as RFC 8259 needs it and no more.
static void es_add_quoted(EsText* text, const char* data, uint32_t length) {
  static const char hex[] = "0123456789ABCDEF";
  static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";
  es_add_char(text, '"');
  for (uint32_t i = 0; i < length; ++i) {
    const char c = data[i];
    const char* found = named;
    while (*found != 0 && *found != c) found += 2;
    if (*found != 0) {
      es_add_char(text, '\\');
      es_add_char(text, found[1]);
    } else if ((uint8_t)c < ' ') {
      es_add_text(text, "\\u00");
      es_add_char(text, hex[(uint8_t)c >> 4]);
      es_add_char(text, hex[(uint8_t)c & 15]);
    } else {
      es_add_char(text, c);
    }
  }
  es_add_char(text, '"');
}

static void es_add_short(EsText* text, double value, uint32_t digits);

// One directive of a format, which `at` stands on, behind the percent sign; returns where it ends.
static const char* es_add_directive(EsText* text, const char* at, __builtin_va_list* arguments) {
  const bool is_long = at[0] == 'l' && at[1] == 'l';
  if (is_long) at += 2;
  if (*at == 'z') ++at;
  switch (*at) {
    case 's':
      es_add_text(text, __builtin_va_arg(*arguments, const char*));
      break;
    case 'd':
      es_add_signed(text,
                    is_long ? __builtin_va_arg(*arguments, int64_t) : __builtin_va_arg(*arguments, int));
      break;
    case 'u':
      es_add_unsigned(
          text, is_long ? __builtin_va_arg(*arguments, uint64_t) : __builtin_va_arg(*arguments, unsigned));
      break;
    case 'g':
      es_add_short(text, __builtin_va_arg(*arguments, double), 15);
      break;
    case '%':
      es_add_char(text, '%');
      break;
    default:
      eitherside_fault("internal", "a message has a directive that the helper header does not know");
  }
  return at + 1;
}

static void es_add_format(EsText* text, const char* format, __builtin_va_list* arguments) {
  while (*format != 0) {
    if (*format == '%') {
      format = es_add_directive(text, format + 1, arguments);
    } else {
      es_add_char(text, *format++);
    }
  }
}

#endif
