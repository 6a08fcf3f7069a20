// Checks options against a function's schema: the part of JSON Schema 2020-12 that interfaces use (type,
// enum, minimum, maximum, items, maxItems, properties, required, and additionalProperties false), with the
// codec's own words.
#ifndef EITHERSIDE_OPTIONS_H_
#define EITHERSIDE_OPTIONS_H_

#include "interface.h"

#define ES_NAME 60
#define ES_SHOWN 60

// A name on its way into an array: "centre/1".
typedef struct EsName {
  EsText text;
  char room[ES_NAME + 64];
} EsName;

static void es_set_name(EsName* name, const char* data, uint32_t length) {
  name->text = (EsText){name->room, 0, sizeof(name->room) - 1, true};
  es_add(&name->text, data, length);
  name->room[name->text.length] = 0;
}

// A value as messages show it, ended by a zero.
typedef struct EsShown {
  char text[ES_SHOWN + 8];
} EsShown;

static EsShown es_shown(const EsValue* value) {
  EsShown shown;
  // Four more bytes tell whether the text goes on, and where its last character ends.
  EsText text = {shown.text, 0, ES_SHOWN + 4, true};
  es_add_value(&text, value);
  if (text.length > ES_SHOWN) {
    text.length = es_start(text.data, text.length, ES_SHOWN - 3);
    es_add_text(&text, "...");
  }
  shown.text[text.length] = 0;
  return shown;
}

static bool es_has_type(const EsValue* value, const EsValue* type) {
  switch (value->type) {
    case ES_BOOLEAN:
      return es_is_text(type, "boolean");
    case ES_STRING:
      return es_is_text(type, "string");
    case ES_ARRAY:
      return es_is_text(type, "array");
    case ES_OBJECT:
      return es_is_text(type, "object");
    case ES_NUMBER:
      return es_is_text(type, "number") ||
             (es_is_text(type, "integer") && value->number == __builtin_floor(value->number));
    case ES_NULL:
      break;
  }
  return es_is_text(type, "null");
}

static bool es_in_enum(const EsValue* value, const EsValue* allowed) {
  for (const EsValue* each = allowed->first; each != 0; each = each->next) {
    if (es_equal(each, value)) return true;
  }
  return false;
}

static bool es_check_range(EithersideCall* call, const char* name, const EsValue* schema,
                           const EsValue* value) {
  const EsValue* least = es_member(schema, "minimum");
  const EsValue* most = es_member(schema, "maximum");
  if ((least == 0 || value->number >= least->number) && (most == 0 || value->number <= most->number))
    return true;
  char low[32];
  char high[32];
  EsText texts[] = {{low, 0, sizeof(low) - 1, true}, {high, 0, sizeof(high) - 1, true}};
  if (least == 0) {
    es_add_text(&texts[0], "-infinity");
  } else {
    es_add_short(&texts[0], least->number, 15);
  }
  if (most == 0) {
    es_add_text(&texts[1], "infinity");
  } else {
    es_add_short(&texts[1], most->number, 15);
  }
  low[texts[0].length] = high[texts[1].length] = 0;
  return eitherside_fail_option(call, name, "'%s' must be from %s to %s, not %g", name, low, high,
                                value->number);
}

static bool es_check_value(EithersideCall* call, EsName* name, const EsValue* schema, const EsValue* value);

static bool es_check_items(EithersideCall* call, EsName* name, const EsValue* schema, const EsValue* value) {
  const EsValue* most = es_member(schema, "maxItems");
  if (most != 0 && value->count > most->number) {
    return eitherside_fail_option(call, name->room, "'%s' must have at most %g items, not %u", name->room,
                                  most->number, value->count);
  }
  const EsValue* items = es_member(schema, "items");
  const uint32_t length = name->text.length;
  uint32_t index = 0;
  for (const EsValue* each = value->first; each != 0; each = each->next) {
    name->text.length = length;
    es_add_char(&name->text, '/');
    es_add_unsigned(&name->text, index++);
    name->room[name->text.length] = 0;
    if (!es_check_value(call, name, items, each)) return false;
  }
  return true;
}

static bool es_check_value(EithersideCall* call, EsName* name, const EsValue* schema, const EsValue* value) {
  const EsValue* type = es_member(schema, "type");
  if (type != 0 && type->type == ES_STRING && !es_has_type(value, type)) {
    char wanted[16] = {0};
    __builtin_memcpy(wanted, type->text.data, type->text.length < 15 ? type->text.length : 15);
    return eitherside_fail_option(call, name->room, "'%s' must be of type %s, not %s", name->room, wanted,
                                  es_shown(value).text);
  }
  const EsValue* allowed = es_member(schema, "enum");
  if (allowed != 0 && !es_in_enum(value, allowed)) {
    return eitherside_fail_option(call, name->room, "'%s' must be one of %s, not %s", name->room,
                                  es_shown(allowed).text, es_shown(value).text);
  }
  if (value->type == ES_NUMBER) return es_check_range(call, name->room, schema, value);
  return value->type != ES_ARRAY || es_check_items(call, name, schema, value);
}

// Says that there is no such option; the pointer to it follows RFC 6901.
static bool es_fail_unknown(EithersideCall* call, const char* name) {
  char step[2 * ES_NAME + 1];
  EsText text = {step, 0, sizeof(step) - 1, true};
  for (const char* c = name; *c != 0; ++c) {
    if (*c == '~' || *c == '/') {
      es_add_text(&text, *c == '~' ? "~0" : "~1");
    } else {
      es_add_char(&text, *c);
    }
  }
  step[text.length] = 0;
  return eitherside_fail_option(call, step, "there is no option '%s'", name);
}

// Checks the options of a call; false after a failed check has ended it.
static bool es_check_options(EithersideCall* call, const EsValue* schema, const EsValue* given) {
  if (given->type != ES_OBJECT)
    return eitherside_fail(call, "bad_option", "the options must be a JSON object");
  const EsValue* properties = es_member(schema, "properties");
  EsName name;
  for (const EsValue* each = given->first; each != 0; each = each->next) {
    es_set_name(&name, each->name.data, es_start(each->name.data, each->name.length, ES_NAME));
    const EsValue* property = es_member_n(properties, each->name.data, each->name.length);
    if (property == 0) return es_fail_unknown(call, name.room);
    if (es_member_n(given, each->name.data, each->name.length) != each) {
      return eitherside_fail_option(call, name.room, "'%s' was given twice", name.room);
    }
    if (!es_check_value(call, &name, property, each)) return false;
  }
  const EsValue* required = es_member(schema, "required");
  if (required == 0) return true;
  for (const EsValue* each = required->first; each != 0; each = each->next) {
    if (es_member_n(given, each->text.data, each->text.length) != 0) continue;
    es_set_name(&name, each->text.data, each->text.length);
    return eitherside_fail_option(call, name.room, "the option '%s' is required", name.room);
  }
  return true;
}

#endif
