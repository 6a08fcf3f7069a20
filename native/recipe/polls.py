"""Makes a module look at its stop word: a poll at the head of each loop that contains a loop or calls one.

Hosts that can interrupt compiled code do so at the cost of a check in every loop, 10 to 20 % of a decode in
wasmtime. Here the innermost loops stay free: they end by themselves, and the loops around them poll. What
copies or fills memory, or waits, counts as a loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from recipe.report import BuildError
from recipe.wasm import MAGIC, read_unsigned, sections, unsigned

EXPORT = "eitherside_stop"

_IMPORTS, _EXPORTS, _CODE = 2, 7, 10
_BLOCK, _LOOP, _IF, _END = 0x02, 0x03, 0x04, 0x0B
_CALL, _TAIL_CALL, _INDIRECT = 0x10, 0x12, (0x11, 0x13)
# Engines carry these out in code of their own, where the last resort of a host cannot stop them.
_LONG = {0xFC: {8, 10, 11}, 0xFE: {1, 2}}

# Immediates by opcode (WebAssembly core specification 3.0, 5.4; 0xFE: threads proposal): u is a LEB128
# number, m a memory argument, a digit so many bytes and s sixteen, t a table of branches, v a vector.
_PLAIN = {
    **dict.fromkeys((_BLOCK, _LOOP, _IF, 0x0C, 0x0D, _CALL, _TAIL_CALL, 0xD0, 0xD2), "u"),
    **dict.fromkeys((0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3F, 0x40, 0x41, 0x42), "u"),
    **dict.fromkeys(_INDIRECT, "uu"),
    **dict.fromkeys(range(0x28, 0x3F), "m"),
    0x0E: "t",
    0x1C: "v",
    0x43: "4",
    0x44: "8",
}
_BULK = {8: "uu", 9: "u", 10: "uu", 11: "u", 12: "uu", 13: "u", 14: "uu", 15: "u", 16: "u", 17: "u"}
_VECTOR = {
    **dict.fromkeys((*range(12), 92, 93), "m"),
    **dict.fromkeys((12, 13), "s"),
    **dict.fromkeys(range(21, 35), "1"),
    **dict.fromkeys(range(84, 92), "m1"),
}
_PREFIXED = {0xFC: _BULK, 0xFD: _VECTOR}
_BYTES = {"1": 1, "4": 4, "8": 8, "s": 16}


@dataclass
class _Loop:
    """A loop of a function: where its first instruction is, and what is in it."""

    at: int
    nests: bool = False
    calls: set[int] = field(default_factory=set)


@dataclass
class _Function:
    """What matters of a function's code.

    Attributes:
        loops: its loops.
        calls: the functions that it calls by name.
        indirect: whether it calls by a table, waits, or copies or fills memory.
    """

    loops: list[_Loop] = field(default_factory=list)
    calls: set[int] = field(default_factory=set)
    indirect: bool = False


def with_polls(module: bytes) -> tuple[bytes, int]:
    """The module with polls, and how many they are.

    Raises:
        BuildError: it has no export that tells where the stop word is, or that does more than tell.
    """
    functions, imported = _functions(module), _imported(module)
    poll = _poll(_stop_word(module, imported))
    endless = _with_loops(functions, imported)
    count = 0
    out = bytearray(MAGIC)
    for kind, content in sections(module):
        if kind == _CODE:
            bodies = []
            for body, function in zip(_bodies(content), functions, strict=True):
                places = sorted(loop.at for loop in function.loops if loop.nests or loop.calls & endless)
                count += len(places)
                bodies.append(_insert(body, places, poll))
            content = unsigned(len(bodies)) + b"".join(unsigned(len(body)) + body for body in bodies)
        out += bytes([kind]) + unsigned(len(content)) + content
    return bytes(out), count


def _poll(address: int) -> bytes:
    # i32.const 0, i32.atomic.load, if, unreachable, end. Atomic, as no engine drops or moves such a load.
    return b"\x41\x00\xfe\x10\x02" + unsigned(address) + b"\x04\x40\x00\x0b"


def _insert(body: bytes, places: list[int], what: bytes) -> bytes:
    ends = [*places, len(body)]
    return what.join(body[start:end] for start, end in zip([0, *places], ends, strict=True))


def _with_loops(functions: list[_Function], imported: int) -> set[int]:
    """The functions that may run for long: that loop, recur, wait, copy, call by a table, or one of these."""
    bounded = set(range(imported))
    left = dict(enumerate(functions, imported))
    while True:
        found = [
            index
            for index, function in left.items()
            if not function.loops and not function.indirect and function.calls <= bounded
        ]
        if not found:
            return set(left)
        bounded.update(found)
        for index in found:
            del left[index]


def _functions(module: bytes) -> list[_Function]:
    content = next(content for kind, content in sections(module) if kind == _CODE)
    return [_read(body) for body in _bodies(content)]


def _bodies(content: bytes) -> Iterator[bytes]:
    count, at = read_unsigned(content, 0)
    for _ in range(count):
        size, at = read_unsigned(content, at)
        yield content[at : at + size]
        at += size


def _read(body: bytes) -> _Function:
    function = _Function()
    blocks: list[_Loop | None] = [None]
    at = _code_start(body)
    while blocks:
        opcode, start = body[at], at
        at = _next(body, at)
        if opcode == _LOOP:
            blocks.append(_Loop(at))
        elif opcode in (_BLOCK, _IF):
            blocks.append(None)
        elif opcode == _END:
            _close(function, blocks)
        elif opcode in (_CALL, _TAIL_CALL):
            callee, _ = read_unsigned(body, start + 1)
            function.calls.add(callee)
            if (loop := _innermost(blocks)) is not None:
                loop.calls.add(callee)
        elif opcode in _INDIRECT or _is_long(body, start):
            function.indirect = True
            if (loop := _innermost(blocks)) is not None:
                loop.nests = True
    return function


def _is_long(body: bytes, at: int) -> bool:
    kinds = _LONG.get(body[at])
    return kinds is not None and read_unsigned(body, at + 1)[0] in kinds


def _close(function: _Function, blocks: list[_Loop | None]) -> None:
    loop = blocks.pop()
    if loop is None:
        return
    function.loops.append(loop)
    if (outer := _innermost(blocks)) is not None:
        outer.nests = True


def _innermost(blocks: list[_Loop | None]) -> _Loop | None:
    return next((block for block in reversed(blocks) if block is not None), None)


def _code_start(body: bytes) -> int:
    """Where the instructions of a function begin, behind its locals."""
    count, at = read_unsigned(body, 0)
    for _ in range(count):
        _, at = read_unsigned(body, at)
        at += 1
    return at


def _next(body: bytes, at: int) -> int:
    """Where the instruction behind the one at an offset begins."""
    opcode = body[at]
    at += 1
    if opcode == 0xFE:
        kind, at = read_unsigned(body, at)
        return at + 1 if kind == 3 else _skip(body, at, "m")
    if opcode in _PREFIXED:
        kind, at = read_unsigned(body, at)
        return _skip(body, at, _PREFIXED[opcode].get(kind, ""))
    return _skip(body, at, _PLAIN.get(opcode, ""))


def _skip(body: bytes, at: int, immediates: str) -> int:
    for immediate in immediates:
        if immediate in _BYTES:
            at += _BYTES[immediate]
        elif immediate == "v":
            count, at = read_unsigned(body, at)
            at += count
        else:
            numbers = {"u": 1, "m": 2}.get(immediate, 0)
            if immediate == "t":
                numbers, at = read_unsigned(body, at)
                numbers += 1
            for _ in range(numbers):
                # The sign of a number makes no difference to its length.
                while body[at] & 0x80:
                    at += 1
                at += 1
    return at


def _imported(module: bytes) -> int:
    """How many functions are imported: they come first in the numbering."""
    content = next((content for kind, content in sections(module) if kind == _IMPORTS), b"\0")
    count, at = read_unsigned(content, 0)
    functions = 0
    for _ in range(count):
        for _ in range(2):
            size, at = read_unsigned(content, at)
            at += size
        kind = content[at]
        functions += kind == 0
        at += 1
        if kind in (0, 2):
            flags, at = read_unsigned(content, at)
            for _ in range(kind // 2 * (1 + (flags & 1))):
                _, at = read_unsigned(content, at)
        else:
            at += 2 if kind == 3 else 3
    return functions


def _stop_word(module: bytes, imported: int) -> int:
    content = next(content for kind, content in sections(module) if kind == _EXPORTS)
    count, at = read_unsigned(content, 0)
    for _ in range(count):
        size, at = read_unsigned(content, at)
        name = content[at : at + size].decode()
        kind = content[at + size]
        index, at = read_unsigned(content, at + size + 1)
        if kind == 0 and name == EXPORT:
            code = next(content for kind, content in sections(module) if kind == _CODE)
            body = list(_bodies(code))[index - imported]
            start = _code_start(body)
            address, end = read_unsigned(body, start + 1)
            # A signed number of n bytes has its sign in bit 7n-1; no address is negative here.
            if body[start] == 0x41 and body[end:] == b"\x0b" and not body[end - 1] & 0x40:
                return address
            raise BuildError(f"{EXPORT} does more than give a constant address")
    raise BuildError(f"the module has no export {EXPORT}")
