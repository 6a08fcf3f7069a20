// A reader for JSON texts (RFC 8259, strictly), and what writes a value again.
#ifndef EITHERSIDE_JSON_H_
#define EITHERSIDE_JSON_H_

#include "number.h"

// Arrays and objects within each other: deeper ones are refused, so that the stack cannot run out.
#define ES_DEPTH 64

typedef enum EsType { ES_NULL, ES_BOOLEAN, ES_NUMBER, ES_STRING, ES_ARRAY, ES_OBJECT } EsType;

// Whether and how a number is an integer that was written without fraction and exponent.
typedef enum EsInteger { ES_REAL, ES_SIGNED, ES_UNSIGNED } EsInteger;

// A value. Those in an array or object are a list; a member of an object has a name.
typedef struct EsValue {
  EsType type;
  EsInteger integer;
  bool boolean;
  uint32_t count;  // of values within
  double number;
  uint64_t bits;  // an integer's, in two's complement where ES_SIGNED
  EithersideText text;
  EithersideText name;
  struct EsValue* first;
  struct EsValue* next;
} EsValue;

// Memory that is given back as a whole.
typedef struct EsChunk {
  struct EsChunk* next;
  uint32_t padding[3];
} EsChunk;

typedef struct EsArena {
  EsChunk* chunks;
  uint8_t* at;
  uint32_t left;
} EsArena;

static void* es_take(EsArena* arena, uint64_t size) {
  const uint64_t whole = (size + ES_ALIGNMENT - 1) / ES_ALIGNMENT * ES_ALIGNMENT;
  if (whole > arena->left) {
    const uint64_t room = whole > 4096 ? whole : 4096;
    EsChunk* chunk = es_allocate(sizeof(EsChunk) + room);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    uint8_t* start = (uint8_t*)(chunk + 1);
    if (whole > 4096) return start;
    arena->at = start;
    arena->left = (uint32_t)room;
  }
  void* address = arena->at;
  arena->at += whole;
  arena->left -= (uint32_t)whole;
  return address;
}

static void es_give_back(EsArena* arena) {
  while (arena->chunks != 0) {
    EsChunk* chunk = arena->chunks;
    arena->chunks = chunk->next;
    eitherside_free(chunk);
  }
  *arena = (EsArena){0};
}

typedef struct EsReader {
  const char* at;
  const char* end;
  EsArena* arena;
  bool too_deep;
} EsReader;

static char es_peek(const EsReader* reader) { return reader->at < reader->end ? *reader->at : 0; }

static void es_skip_space(EsReader* reader) {
  while (reader->at < reader->end) {
    const char c = *reader->at;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    ++reader->at;
  }
}

static bool es_accept(EsReader* reader, const char* word) {
  const uint32_t length = es_length(word);
  if ((uint32_t)(reader->end - reader->at) < length || !es_same(reader->at, length, word, length))
    return false;
  reader->at += length;
  return true;
}

// The bytes of the UTF-8 character that a text starts with; 0 where it is none (RFC 3629).
static uint32_t es_character(const char* at, const char* end) {
  const uint8_t c = (uint8_t)*at;
  if (c < 0x80) return 1;
  const uint32_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
  if (c < 0xC2 || c > 0xF4 || (uint32_t)(end - at) < length) return 0;
  const uint8_t second = (uint8_t)at[1];
  if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
      (c == 0xF4 && second > 0x8F)) {
    return 0;
  }
  for (uint32_t i = 1; i < length; ++i) {
    if (((uint8_t)at[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

static int32_t es_hexadecimal(EsReader* reader) {
  int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = es_peek(reader);
    const char letter = (char)(c | 32);
    if (c >= '0' && c <= '9') {
      value = value * 16 + (c - '0');
    } else if (letter >= 'a' && letter <= 'f') {
      value = value * 16 + (letter - 'a' + 10);
    } else {
      return -1;
    }
    ++reader->at;
  }
  return value;
}

// The character of \uXXXX, whose \u was read, or of two of them that are a surrogate pair; below 0 where it
// is none.
static int32_t es_escaped(EsReader* reader) {
  const int32_t first = es_hexadecimal(reader);
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first > 0xDBFF || !es_accept(reader, "\\u")) return -1;
  const int32_t second = es_hexadecimal(reader);
  if (second < 0xDC00 || second > 0xDFFF) return -1;
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

static char* es_put_character(char* to, int32_t c) {
  if (c < 0x80) {
    *to++ = (char)c;
    return to;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static const uint8_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  *to++ = (char)(lead[more] | c >> 6 * more);
  for (int i = more - 1; i >= 0; --i) *to++ = (char)(0x80 | (c >> 6 * i & 0x3F));
  return to;
}

// One character of a string to `to`, which moves on; false where it is no character of a string.
static bool es_read_character(EsReader* reader, char** to) {
  if (es_peek(reader) != '\\') {
    const uint32_t length = (uint8_t)*reader->at < ' ' ? 0 : es_character(reader->at, reader->end);
    __builtin_memcpy(*to, reader->at, length);
    *to += length;
    reader->at += length;
    return length != 0;
  }
  ++reader->at;
  if (es_accept(reader, "u")) {
    const int32_t c = es_escaped(reader);
    if (c >= 0) *to = es_put_character(*to, c);
    return c >= 0;
  }
  static const char named[] = "b\bf\fn\nr\rt\t\"\"\\\\//";
  const char* found = named;
  while (*found != 0 && *found != es_peek(reader)) found += 2;
  if (*found == 0) return false;
  *(*to)++ = found[1];
  ++reader->at;
  return true;
}

static bool es_read_string(EsReader* reader, EithersideText* text) {
  if (!es_accept(reader, "\"")) return false;
  // No escape is shorter than what it stands for, so the rest of the text up to the next quote is room
  // enough.
  const char* quote = reader->at;
  while (quote < reader->end && *quote != '"') quote += *quote == '\\' ? 2 : 1;
  if (quote >= reader->end) return false;
  char* data = es_take(reader->arena, (uint64_t)(quote - reader->at));
  char* to = data;
  while (reader->at < quote) {
    if (!es_read_character(reader, &to)) return false;
  }
  *text = (EithersideText){data, (uint32_t)(to - data)};
  return es_accept(reader, "\"");
}

// Digits of a number as they come: where the decimal point is among those kept, and whether it is 0.
typedef struct EsDecimal {
  uint8_t digits[ES_DIGITS];
  uint32_t count;
  int64_t point;
} EsDecimal;

// Reads digits, at least one; false where there is none.
static bool es_read_digits(EsReader* reader, EsDecimal* decimal, bool fraction) {
  const char* start = reader->at;
  for (; es_peek(reader) >= '0' && es_peek(reader) <= '9'; ++reader->at) {
    const uint8_t digit = (uint8_t)(*reader->at - '0');
    const bool leading = decimal->count == 0 && digit == 0;
    if (!leading && decimal->count < ES_DIGITS) {
      decimal->digits[decimal->count++] = digit;
    } else if (!leading && digit != 0) {
      decimal->digits[ES_DIGITS - 1] |= 1;
    }
    if (fraction ? leading : !leading) decimal->point += fraction ? -1 : 1;
  }
  return reader->at > start;
}

static bool es_read_exponent(EsReader* reader, int64_t* exponent) {
  const bool negative = es_peek(reader) == '-';
  if (negative || es_peek(reader) == '+') ++reader->at;
  const char* start = reader->at;
  for (; es_peek(reader) >= '0' && es_peek(reader) <= '9'; ++reader->at) {
    // No text has so many digits that they could make up for a larger exponent.
    if (*exponent < 10000000000) *exponent = *exponent * 10 + (*reader->at - '0');
  }
  if (negative) *exponent = -*exponent;
  return reader->at > start;
}

// Takes an integer that fits 64 bits as it is.
static void es_keep_integer(EsValue* value, const EsDecimal* decimal, bool negative) {
  uint64_t bits = 0;
  if (decimal->point > 20 || decimal->count > 20) return;
  for (uint32_t i = 0; i < decimal->count; ++i) {
    const uint8_t digit = decimal->digits[i];
    if (bits > (UINT64_MAX - digit) / 10) return;
    bits = bits * 10 + digit;
  }
  if (negative && bits > (uint64_t)1 << 63) return;
  value->integer = negative && bits != 0 ? ES_SIGNED : ES_UNSIGNED;
  value->bits = negative ? 0 - bits : bits;
  value->number = negative ? (double)(int64_t)value->bits : (double)bits;
}

static bool es_read_number(EsReader* reader, EsValue* value) {
  EsDecimal decimal;
  decimal.count = 0;
  decimal.point = 0;
  value->type = ES_NUMBER;
  const bool negative = es_accept(reader, "-");
  const bool zero = es_peek(reader) == '0';
  const char* start = reader->at;
  if (!es_read_digits(reader, &decimal, false) || (zero && reader->at > start + 1)) return false;
  bool whole = true;
  int64_t exponent = 0;
  if (es_accept(reader, ".")) {
    whole = false;
    if (!es_read_digits(reader, &decimal, true)) return false;
  }
  if (es_peek(reader) == 'e' || es_peek(reader) == 'E') {
    whole = false;
    ++reader->at;
    if (!es_read_exponent(reader, &exponent)) return false;
  }
  const double size = es_from_decimal(decimal.digits, decimal.count, decimal.point + exponent);
  value->number = negative ? -size : size;
  if (whole) es_keep_integer(value, &decimal, negative);
  return size <= 0x1.fffffffffffffp1023;
}

static bool es_read_value(EsReader* reader, EsValue* value, uint32_t depth);

// The values of an array or object, whose opening bracket was read.
static bool es_read_list(EsReader* reader, EsValue* list, uint32_t depth) {
  const char* close = list->type == ES_ARRAY ? "]" : "}";
  EsValue** link = &list->first;
  if (depth > ES_DEPTH) reader->too_deep = true;
  if (reader->too_deep) return false;
  es_skip_space(reader);
  if (es_accept(reader, close)) return true;
  do {
    EsValue* value = es_take(reader->arena, sizeof(EsValue));
    *value = (EsValue){.type = ES_NULL};
    es_skip_space(reader);
    if (list->type == ES_OBJECT) {
      if (!es_read_string(reader, &value->name)) return false;
      es_skip_space(reader);
      if (!es_accept(reader, ":")) return false;
    }
    if (!es_read_value(reader, value, depth)) return false;
    *link = value;
    link = &value->next;
    ++list->count;
    es_skip_space(reader);
  } while (es_accept(reader, ","));
  return es_accept(reader, close);
}

static bool es_read_value(EsReader* reader, EsValue* value, uint32_t depth) {
  es_skip_space(reader);
  const char c = es_peek(reader);
  if (c == '{' || c == '[') {
    ++reader->at;
    value->type = c == '{' ? ES_OBJECT : ES_ARRAY;
    return es_read_list(reader, value, depth + 1);
  }
  if (c == '"') {
    value->type = ES_STRING;
    return es_read_string(reader, &value->text);
  }
  if (c == '-' || (c >= '0' && c <= '9')) return es_read_number(reader, value);
  value->type = ES_BOOLEAN;
  value->boolean = c == 't';
  if (es_accept(reader, "true") || es_accept(reader, "false")) return true;
  value->type = ES_NULL;
  return es_accept(reader, "null");
}

// Reads a whole text; null where it is not JSON, or nested too deeply.
static EsValue* es_read(EsArena* arena, const char* text, uint32_t length, bool* too_deep) {
  EsReader reader = {text, text + length, arena, false};
  EsValue* value = es_take(arena, sizeof(EsValue));
  *value = (EsValue){.type = ES_NULL};
  const bool good = es_read_value(&reader, value, 0);
  es_skip_space(&reader);
  *too_deep = reader.too_deep;
  return good && reader.at == reader.end ? value : 0;
}

// The member of an object with this name, the first of them; null where there is none, or no object.
static const EsValue* es_member_n(const EsValue* object, const char* name, uint32_t length) {
  if (object == 0 || object->type != ES_OBJECT) return 0;
  for (const EsValue* each = object->first; each != 0; each = each->next) {
    if (es_same(each->name.data, each->name.length, name, length)) return each;
  }
  return 0;
}

static const EsValue* es_member(const EsValue* object, const char* name) {
  return es_member_n(object, name, es_length(name));
}

static bool es_is_text(const EsValue* value, const char* text) {
  return value != 0 && value->type == ES_STRING &&
         es_same(value->text.data, value->text.length, text, es_length(text));
}

// Whether two values that hold no others are the same.
static bool es_equal(const EsValue* one, const EsValue* other) {
  if (one->type != other->type) return false;
  if (one->type == ES_STRING)
    return es_same(one->text.data, one->text.length, other->text.data, other->text.length);
  if (one->type == ES_NUMBER) return one->number == other->number;
  return one->type == ES_NULL || (one->type == ES_BOOLEAN && one->boolean == other->boolean);
}

// Writes a value without spaces; nothing more once a text is full.
static void es_add_value(EsText* text, const EsValue* value) {
  if (text->fixed && text->length == text->capacity) return;
  switch (value->type) {
    case ES_NULL:
      es_add_text(text, "null");
      return;
    case ES_BOOLEAN:
      es_add_text(text, value->boolean ? "true" : "false");
      return;
    case ES_STRING:
      es_add_quoted(text, value->text.data, value->text.length);
      return;
    case ES_NUMBER:
      if (value->integer == ES_REAL) es_add_double(text, value->number);
      if (value->integer == ES_SIGNED) es_add_signed(text, (int64_t)value->bits);
      if (value->integer == ES_UNSIGNED) es_add_unsigned(text, value->bits);
      return;
    case ES_ARRAY:
    case ES_OBJECT:
      break;
  }
  es_add_char(text, value->type == ES_ARRAY ? '[' : '{');
  for (const EsValue* each = value->first; each != 0; each = each->next) {
    if (each != value->first) es_add_char(text, ',');
    if (value->type == ES_OBJECT) {
      es_add_quoted(text, each->name.data, each->name.length);
      es_add_char(text, ':');
    }
    es_add_value(text, each);
  }
  es_add_char(text, value->type == ES_ARRAY ? ']' : '}');
}

#endif
