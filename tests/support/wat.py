"""Small modules that speak the binary interface and do what the real one never does: misbehave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wasmtime

from eitherside.interface import Function, Interface

ERRORS: list[dict[str, Any]] = [
    {"code": "bad_call", "number": 1, "title": "Bad call", "status": 400},
    {"code": "memory_limit", "number": 9, "title": "Memory", "status": 413},
    {"code": "internal", "number": 10, "title": "Internal", "status": 500},
]

RESULT, FAILURE, NOT_JSON, NOT_AN_OBJECT = 1024, 1100, 1300, 1320
_DATA = {
    RESULT: '{"ok":true}',
    FAILURE: '{"code":"bad_call","message":"not so","option":"/some_thing"}',
    NOT_JSON: "{nonsense",
    NOT_AN_OBJECT: "[1,2]",
}

# Linear memory: the answer at 0, texts at 1024, blocks from 4096.
_HEAD = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory $memory 2 1024 shared))
  (global $top (mut i32) (i32.const 4096))
  (func (export "eitherside_start"))
  (func (export "eitherside_abi") (result i32) i32.const {abi})
  (func (export "eitherside_limit") (param i64))
  (func (export "eitherside_answer") (result i32) i32.const {answer})
  (func (export "eitherside_free") (param i32))
  (func (export "eitherside_allocate") (param $size i32) (result i32) (local $block i32)
    (local.set $block (global.get $top))
    (global.set $top (i32.add (i32.add (global.get $top) (local.get $size)) (i32.const 15)))
    (global.set $top (i32.and (global.get $top) (i32.const -16)))
    (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
      (then (if (i32.eq (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))
                        (i32.const -1))
        (then (return (i32.const 0))))))
    (local.get $block))
  (func $answer (param $status i32) (param $text i32) (param $length i32)
    (param $table i32) (param $count i32)
    (i32.store (i32.const 0) (local.get $status))
    (i32.store (i32.const 4) (local.get $text))
    (i32.store (i32.const 8) (local.get $length))
    (i32.store (i32.const 12) (local.get $table))
    (i32.store (i32.const 16) (local.get $count)))
  (func (export "eitherside_call") (param $function i32) (param $options i32) (param $options_length i32)
    (param $inputs i32) (param $count i32) (result i32)
"""

OK = (
    f"(call $answer (i32.const 0) (i32.const {RESULT}) (i32.const 11) (local.get $inputs) (local.get $count))"
)
"""Answers {"ok": true} and gives the inputs back as outputs."""

FAIL = f"(call $answer (i32.const 1) (i32.const {FAILURE}) (i32.const 61) (i32.const 0) (i32.const 0))"
"""Answers an error of code bad_call with an option."""

STOP = '(func (export "eitherside_stop") (result i32) (i32.const 512))'
"""For `more`: a stop word."""

POLL = "(if (i32.atomic.load (i32.const 512)) (then unreachable))"
"""Traps where the stop word was written."""

GIVEN, PRESENT, RELEASED = 516, 520, 524
"""Words: blocks given to helpers, helpers at work, whether they may go."""

LAST = 528
"""A word: the block of the helper that came last."""

HELP = f"""
  (i32.atomic.store (i32.const {LAST}) (local.get $block))
  (drop (i32.atomic.rmw.add (i32.const {PRESENT}) (i32.const 1)))
  (block $out (loop $wait {POLL}
    (br_if $out (i32.atomic.load (i32.const {RELEASED})))
    (br_if $out (i32.atomic.load (local.get $block)))
    (drop (memory.atomic.wait32 (i32.const {RELEASED}) (i32.const 0) (i64.const 20000000)))
    (br $wait)))
  (drop (i32.atomic.rmw.sub (i32.const {PRESENT}) (i32.const 1)))"""
"""For a helper: is there until it may go."""

MEET = f"""
  (loop $again {POLL}
    (br_if $again (i32.ne (i32.atomic.load (i32.const {PRESENT})) (i32.atomic.load (i32.const {GIVEN})))))"""
"""Waits until all helpers are there."""


def helped(call: str, help: str = HELP, *, first: int = 2048, more: str = "", pushed: bool = False) -> bytes:
    """A module whose `act` may have helpers, which run the instructions `help` and may use $block.

    `first` is the address of the first helper's block; 0: there is no room for one.
    """
    more += f"""{STOP}
      (func (export "eitherside_helper") (result i32) (local $block i32)
        (if (i32.eqz (i32.const {first})) (then (return (i32.const 0))))
        (local.set $block (i32.atomic.rmw.add (i32.const {GIVEN}) (i32.const 1)))
        (local.set $block (i32.add (i32.const {first}) (i32.mul (local.get $block) (i32.const 8))))
        (i32.store (local.get $block) (i32.const 0))
        (i32.atomic.store (i32.const {RELEASED}) (i32.const 0))
        (local.get $block))
      (func (export "eitherside_help") (param $block i32) {help})
      (func (export "eitherside_release")
        (i32.atomic.store (i32.const {GIVEN}) (i32.const 0))
        (i32.atomic.store (i32.const {RELEASED}) (i32.const 1))
        (drop (memory.atomic.notify (i32.const {RELEASED}) (i32.const -1))))"""
    document = interface()
    document["functions"][0]["threads"] = True
    if pushed:
        document["functions"][0]["pushed"] = {"input": "data"}
    return build(call, described=document, more=more)


def helped_push(push: str) -> bytes:
    """A module whose `act` is pushed to, and may have helpers meanwhile."""
    return helped(OK, more=_pushes(push, SILENT), pushed=True)


SPIN = "(loop $again (br $again))"

SILENT = "(call $answer (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"
"""Answers that there is nothing new."""

ECHO = f"""
  (i32.store (i32.const 3072) (local.get $address))
  (i32.store (i32.const 3076) (local.get $length))
  (i32.store (i32.const 3080) (i32.const 0))
  (if (i32.or (local.get $length) (local.get $last))
    (then (call $answer (i32.const 0) (i32.const {RESULT}) (i32.const 11) (i32.const 3072)
      (i32.ne (local.get $length) (i32.const 0))))
    (else {SILENT}))"""
"""For a pushed call: answers {"ok": true} and gives the piece back, or nothing where it is empty."""


def pushed(push: str = ECHO, open: str = SILENT) -> bytes:
    """A module whose `act` is pushed to; `push` may use $address, $length and $last."""
    described = interface()
    described["functions"][0]["pushed"] = {"input": "data"}
    return build(OK, described=described, more=_pushes(push, open))


def _pushes(push: str, open: str) -> str:
    return f"""
      (func (export "eitherside_open") (param $function i32) (param $options i32)
        (param $options_length i32) (param $inputs i32) (param $count i32) (result i32) {open} (i32.const 0))
      (func (export "eitherside_push") (param $address i32) (param $length i32) (param $last i32) (result i32)
        {push} (i32.const 0))"""


def leb(number: int) -> bytes:
    """An unsigned LEB128 number."""
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def custom_section(name: str, contents: bytes) -> bytes:
    """A custom section."""
    body = leb(len(name)) + name.encode() + contents
    return b"\0" + leb(len(body)) + body


def interface(**changes: Any) -> dict[str, Any]:
    """A small interface with one function, `act`, that takes and gives buffers."""
    buffer = {"name": "data", "repeated": True, "optional": True}
    function = {
        "name": "act",
        "id": 0,
        "summary": "Acts.",
        "inputs": [buffer],
        "options": {"type": "object", "properties": {}},
        "outputs": [{**buffer, "media_type": "application/octet-stream"}],
        "result": {"type": "object", "properties": {"ok": {"type": "boolean"}}},
    }
    made = {"eitherside": 1, "name": "small", "formats": [], "errors": ERRORS, "functions": [function]}
    return {**made, **changes}


def described(function: Mapping[str, Any]) -> Function:
    """A function of an interface."""
    return Interface(interface(functions=[dict(function)])).functions[function["name"]]


def build(
    call: str,
    *,
    abi: int = 1,
    answer: int = 0,
    described: Mapping[str, Any] | None = None,
    replace: tuple[str, str] = ("", ""),
    more: str = "",
) -> bytes:
    """A module whose `act` runs the instructions `call`, which may use $inputs, $count and $answer."""
    # A trap and a spin leave nothing on the stack; the status that the call returns is never looked at.
    head = _HEAD.replace("{abi}", str(abi)).replace("{answer}", str(answer))
    text = head.replace(*replace) if replace[0] else head
    data = "".join(
        f"(data (i32.const {at}) {json.dumps(value)})".replace('\\"', "\\22") for at, value in _DATA.items()
    )
    wasm = bytes(wasmtime.wat2wasm(f"{text} {call} (i32.const 0)) {more} {data})"))
    return wasm + custom_section("eitherside:interface", json.dumps(described or interface()).encode())


def write(folder: Path, wasm: bytes) -> Path:
    """Writes a module into a folder."""
    path = folder / "small.wasm"
    path.write_bytes(wasm)
    return path
