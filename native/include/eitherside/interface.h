// The module's interface, embedded from one file: as the custom section that hosts read, and as data for the
// checks.
#ifndef EITHERSIDE_INTERFACE_H_
#define EITHERSIDE_INTERFACE_H_

#include "json.h"

#ifndef EITHERSIDE_INTERFACE
#error "EITHERSIDE_INTERFACE must name the file of the interface, as a string; see eitherside.h"
#endif

__asm__(
    ".section \".custom_section.eitherside:interface\",\"\",@\n"
    ".incbin \"" EITHERSIDE_INTERFACE
    "\"\n"
    ".text\n");

static const char es_interface_text[] = {
#embed EITHERSIDE_INTERFACE
};

static const EsValue* es_interface;

// Reads the interface, once for an instance.
static void es_read_interface(void) {
  static EsArena arena;
  bool too_deep = false;
  es_interface = es_read(&arena, es_interface_text, sizeof(es_interface_text), &too_deep);
  if (es_interface == 0) __builtin_trap();
}

// The first object in a list of the interface that has a member of this text; null where there is none.
static const EsValue* es_find(const EsValue* list, const char* member, const char* text, uint32_t length) {
  if (list == 0) return 0;
  for (const EsValue* each = list->first; each != 0; each = each->next) {
    const EsValue* found = es_member(each, member);
    if (found != 0 && found->type == ES_STRING &&
        es_same(found->text.data, found->text.length, text, length)) {
      return each;
    }
  }
  return 0;
}

// The function with this id; null where there is none.
static const EsValue* es_function(uint32_t id) {
  const EsValue* functions = es_member(es_interface, "functions");
  if (functions == 0) return 0;
  for (const EsValue* each = functions->first; each != 0; each = each->next) {
    const EsValue* own = es_member(each, "id");
    if (own != 0 && own->number == id) return each;
  }
  return 0;
}

static uint32_t es_error_number(const char* code) {
  const EsValue* errors = es_member(es_interface, "errors");
  const EsValue* error = es_find(errors, "code", code, es_length(code));
  if (error == 0) error = es_find(errors, "code", "internal", 8);
  const EsValue* number = es_member(error, "number");
  return number == 0 ? 1 : (uint32_t)number->bits;
}

#endif
