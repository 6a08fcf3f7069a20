// One call: inputs and options in, outputs and a result out, and the exports that a host sees.
#ifndef EITHERSIDE_CALL_H_
#define EITHERSIDE_CALL_H_

#include "options.h"

// As much of a message as an answer carries.
#define ES_MESSAGE 511

struct EithersideCall {
  const EsValue* function;
  const EsValue* options;
  const EithersideRow* inputs;
  uint32_t input_count;
  EithersideOutput* outputs;
  uint32_t output_count;
  uint32_t output_room;
  EsText result;
  bool failed;
};

static EithersideAnswer es_answer;
static EsArena es_arena;       // what a call needs while it runs
static EithersideCall es_now;  // its result and table of outputs stay until the next call begins

static void es_publish(uint32_t status, const EsText* json, const EithersideOutput* outputs, uint32_t count) {
  es_answer = (EithersideAnswer){status, (uint32_t)(uintptr_t)json->data, json->length,
                                 (uint32_t)(uintptr_t)outputs, count};
}

static void es_add_error(EsText* text, const char* code, const char* message, uint32_t length) {
  es_add_text(text, "{\"code\":");
  es_add_quoted(text, code, es_length(code));
  es_add_text(text, ",\"message\":");
  es_add_quoted(text, message, length);
}

void eitherside_fault(const char* code, const char* message) {
  static char room[1024];
  EsText text = {room, 0, sizeof(room), true};
  es_add_error(&text, code, message, es_start(message, es_length(message), 400));
  es_add_text(&text, "}");
  es_publish(es_error_number(code), &text, 0, 0);
  __builtin_trap();
}

static bool es_fail(EithersideCall* call, const char* code, const char* option, int64_t input,
                    const char* format, __builtin_va_list* arguments) {
  // What went wrong first explains the rest.
  if (call->failed) return false;
  call->failed = true;
  char room[ES_MESSAGE + 4];
  EsText message = {room, 0, sizeof(room), true};
  es_add_format(&message, format, arguments);
  EsText* text = &call->result;
  text->length = 0;
  es_add_error(text, code, message.data, es_start(message.data, message.length, ES_MESSAGE));
  if (option != 0) {
    es_add_text(text, ",\"option\":");
    EsName pointer;
    es_set_name(&pointer, "/", 1);
    es_add_text(&pointer.text, option);
    es_add_quoted(text, pointer.text.data, pointer.text.length);
  }
  if (input >= 0) {
    es_add_text(text, ",\"input\":");
    es_add_signed(text, input);
  }
  es_add_char(text, '}');
  es_publish(es_error_number(code), text, 0, 0);
  return false;
}

#define ES_FAIL(code, option, input)                                          \
  __builtin_va_list arguments;                                                \
  __builtin_va_start(arguments, format);                                      \
  const bool failed = es_fail(call, code, option, input, format, &arguments); \
  __builtin_va_end(arguments);                                                \
  return failed

bool eitherside_fail(EithersideCall* call, const char* code, const char* format, ...) {
  ES_FAIL(code, 0, -1);
}

bool eitherside_fail_option(EithersideCall* call, const char* option, const char* format, ...) {
  ES_FAIL("bad_option", option, -1);
}

// The index of an input or output of the function.
static uint32_t es_index(const EithersideCall* call, const char* list, const char* name) {
  const EsValue* items = es_member(call->function, list);
  uint32_t index = 0;
  for (const EsValue* each = items == 0 ? 0 : items->first; each != 0; each = each->next, ++index) {
    if (es_is_text(es_member(each, "name"), name)) return index;
  }
  eitherside_fault("internal", "the interface lacks an input or output that the code names");
}

// The row of the table of inputs that is the nth of its input; below 0 where there is none.
static int64_t es_row(const EithersideCall* call, uint32_t input, uint32_t nth) {
  for (uint32_t row = 0; row < call->input_count; ++row) {
    if (call->inputs[row].input == input && nth-- == 0) return row;
  }
  return -1;
}

bool eitherside_fail_input(EithersideCall* call, const char* code, const char* input, const char* format,
                           ...) {
  const int64_t row = es_row(call, es_index(call, "inputs", input), 0);
  ES_FAIL(code, 0, row);
}

static uint32_t es_times_given(const EithersideCall* call, uint32_t input) {
  uint32_t count = 0;
  for (uint32_t row = 0; row < call->input_count; ++row) count += call->inputs[row].input == input;
  return count;
}

uint32_t eitherside_input_count(const EithersideCall* call, const char* input) {
  return es_times_given(call, es_index(call, "inputs", input));
}

EithersideBytes eitherside_input(const EithersideCall* call, const char* input, uint32_t index) {
  const int64_t row = es_row(call, es_index(call, "inputs", input), index);
  if (row < 0) return (EithersideBytes){0, 0};
  return (EithersideBytes){(const uint8_t*)(uintptr_t)call->inputs[row].address, call->inputs[row].length};
}

static bool es_check_inputs(EithersideCall* call) {
  const EsValue* inputs = es_member(call->function, "inputs");
  const uint32_t declared = inputs == 0 ? 0 : inputs->count;
  for (uint32_t row = 0; row < call->input_count; ++row) {
    if (call->inputs[row].input < declared) continue;
    __builtin_va_list none = {0};
    return es_fail(call, "bad_call", 0, row, "a row of the inputs' table names no input of the function",
                   &none);
  }
  uint32_t index = 0;
  for (const EsValue* each = inputs == 0 ? 0 : inputs->first; each != 0; each = each->next, ++index) {
    EsName name;
    const EsValue* own = es_member(each, "name");
    const EsValue* optional = es_member(each, "optional");
    const EsValue* repeated = es_member(each, "repeated");
    const uint32_t given = es_times_given(call, index);
    es_set_name(&name, own->text.data, own->text.length);
    if (given == 0 && !(optional != 0 && optional->boolean)) {
      return eitherside_fail(call, "bad_call", "the input '%s' is missing", name.room);
    }
    if (given > 1 && !(repeated != 0 && repeated->boolean)) {
      return eitherside_fail(call, "bad_call", "the input '%s' was given %u times", name.room, given);
    }
  }
  return true;
}

// The schema of an option that the code reads.
static const EsValue* es_property(const EithersideCall* call, const char* option) {
  const EsValue* schema = es_member(es_member(es_member(call->function, "options"), "properties"), option);
  if (schema == 0) eitherside_fault("internal", "the interface lacks an option that the code reads");
  return schema;
}

// An option's value or its default, of the type that the code expects; null where there is neither.
static const EsValue* es_option(const EithersideCall* call, const char* option, EsType type) {
  const EsValue* schema = es_property(call, option);
  const EsValue* value = es_member(call->options, option);
  if (value == 0) value = es_member(schema, "default");
  return value != 0 && value->type == type ? value : 0;
}

bool eitherside_given(const EithersideCall* call, const char* option) {
  es_property(call, option);
  return es_member(call->options, option) != 0;
}

bool eitherside_boolean(const EithersideCall* call, const char* option) {
  const EsValue* value = es_option(call, option, ES_BOOLEAN);
  return value != 0 && value->boolean;
}

double eitherside_number(const EithersideCall* call, const char* option) {
  const EsValue* value = es_option(call, option, ES_NUMBER);
  return value == 0 ? 0 : value->number;
}

int64_t eitherside_integer(const EithersideCall* call, const char* option) {
  const EsValue* value = es_option(call, option, ES_NUMBER);
  if (value == 0) return 0;
  if (value->integer == ES_SIGNED) return (int64_t)value->bits;
  if (value->integer == ES_UNSIGNED) return value->bits > INT64_MAX ? INT64_MAX : (int64_t)value->bits;
  if (value->number >= 0x1p63) return INT64_MAX;
  return value->number < -0x1p63 ? INT64_MIN : (int64_t)value->number;
}

EithersideText eitherside_text(const EithersideCall* call, const char* option) {
  const EsValue* value = es_option(call, option, ES_STRING);
  return value == 0 ? (EithersideText){"", 0} : value->text;
}

uint32_t eitherside_choice(const EithersideCall* call, const char* option) {
  const EithersideText text = eitherside_text(call, option);
  const EsValue* choices = es_member(es_property(call, option), "enum");
  uint32_t index = 0;
  for (const EsValue* each = choices == 0 ? 0 : choices->first; each != 0; each = each->next, ++index) {
    if (es_same(each->text.data, each->text.length, text.data, text.length)) return index;
  }
  eitherside_fault("internal", "the code reads a choice from an option without a default among its enum");
}

EithersideNumbers eitherside_numbers(EithersideCall* call, const char* option) {
  const EsValue* value = es_option(call, option, ES_ARRAY);
  if (value == 0) return (EithersideNumbers){0, 0};
  double* numbers = eitherside_scratch(call, (uint64_t)value->count * sizeof(double));
  uint32_t index = 0;
  for (const EsValue* each = value->first; each != 0; each = each->next) numbers[index++] = each->number;
  return (EithersideNumbers){numbers, value->count};
}

void* eitherside_scratch(EithersideCall* call, uint64_t size) {
  (void)call;
  return es_take(&es_arena, size);
}

uint8_t* eitherside_output(EithersideCall* call, const char* output, uint64_t size) {
  const uint32_t index = es_index(call, "outputs", output);
  if (call->output_count == call->output_room) {
    const uint32_t room = 2 * call->output_room + 4;
    EithersideOutput* larger = es_allocate((uint64_t)room * sizeof(EithersideOutput));
    __builtin_memcpy(larger, call->outputs, call->output_count * sizeof(EithersideOutput));
    eitherside_free(call->outputs);
    call->outputs = larger;
    call->output_room = room;
  }
  uint8_t* data = es_allocate(size);
  call->outputs[call->output_count++] = (EithersideOutput){(uint32_t)(uintptr_t)data, (uint32_t)size, index};
  return data;
}

static void es_begin_field(EithersideCall* call, const char* field) {
  es_add_char(&call->result, call->result.length == 0 ? '{' : ',');
  es_add_quoted(&call->result, field, es_length(field));
  es_add_char(&call->result, ':');
}

// JSON has no numbers that are not finite.
static void es_add_finite(EsText* text, double value) {
  if (__builtin_isfinite(value)) {
    es_add_double(text, value);
  } else {
    es_add_text(text, "null");
  }
}

void eitherside_tell_boolean(EithersideCall* call, const char* field, bool value) {
  es_begin_field(call, field);
  es_add_text(&call->result, value ? "true" : "false");
}

void eitherside_tell_integer(EithersideCall* call, const char* field, int64_t value) {
  es_begin_field(call, field);
  es_add_signed(&call->result, value);
}

void eitherside_tell_number(EithersideCall* call, const char* field, double value) {
  es_begin_field(call, field);
  es_add_finite(&call->result, value);
}

void eitherside_tell_text(EithersideCall* call, const char* field, const char* value) {
  es_begin_field(call, field);
  es_add_quoted(&call->result, value, es_length(value));
}

void eitherside_tell_numbers(EithersideCall* call, const char* field, const double* values, uint32_t count) {
  es_begin_field(call, field);
  for (uint32_t i = 0; i < count; ++i) {
    es_add_char(&call->result, i == 0 ? '[' : ',');
    es_add_finite(&call->result, values[i]);
  }
  es_add_text(&call->result, count == 0 ? "[]" : "]");
}

// Clears what the call before left.
static void es_begin(const EithersideRow* inputs, uint32_t input_count) {
  es_answer = (EithersideAnswer){0};
  es_give_back(&es_arena);
  eitherside_free(es_now.result.data);
  eitherside_free(es_now.outputs);
  es_now = (EithersideCall){.inputs = inputs, .input_count = input_count};
}

static void es_run(EithersideCall* call, uint32_t id, const char* options, uint32_t length) {
  bool too_deep = false;
  call->function = es_function(id);
  if (call->function == 0) {
    eitherside_fail(call, "bad_call", "there is no function with the id %u", id);
    return;
  }
  call->options =
      length == 0 ? es_read(&es_arena, "{}", 2, &too_deep) : es_read(&es_arena, options, length, &too_deep);
  if (call->options == 0) {
    eitherside_fail(call, "bad_option",
                    too_deep ? "the options are nested too deeply" : "the options are not valid JSON");
    return;
  }
  if (!es_check_inputs(call) || !es_check_options(call, es_member(call->function, "options"), call->options))
    return;
  for (uint32_t i = 0; i < eitherside_function_count; ++i) {
    if (!es_is_text(es_member(call->function, "name"), eitherside_functions[i].name)) continue;
    if (!eitherside_functions[i].run(call)) {
      eitherside_fail(call, "internal", "the function failed without saying why");
    }
    return;
  }
  eitherside_fail(call, "internal", "the interface names a function that the module lacks");
}

extern void __wasm_call_ctors(void);

EITHERSIDE_EXPORT(eitherside_start) void eitherside_start(void) {
  __wasm_call_ctors();
  es_read_interface();
}

EITHERSIDE_EXPORT(eitherside_abi) uint32_t eitherside_abi(void) { return EITHERSIDE_ABI; }

EITHERSIDE_EXPORT(eitherside_answer) EithersideAnswer* eitherside_answer(void) { return &es_answer; }

EITHERSIDE_EXPORT(eitherside_call)
uint32_t eitherside_call(uint32_t function, const char* options, uint32_t options_length,
                         const EithersideRow* inputs, uint32_t input_count) {
  EithersideCall* call = &es_now;
  es_begin(inputs, input_count);
  es_run(call, function, options, options_length);
  es_give_back(&es_arena);
  if (call->failed) {
    for (uint32_t i = 0; i < call->output_count; ++i)
      eitherside_free((void*)(uintptr_t)call->outputs[i].address);
    return es_answer.status;
  }
  es_add_text(&call->result, call->result.length == 0 ? "{}" : "}");
  es_publish(0, &call->result, call->outputs, call->output_count);
  return 0;
}

#endif
