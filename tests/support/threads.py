"""Calls with helpers, as docs/abi.md tells a host's author to make them, one step at a time."""

from __future__ import annotations

import ctypes
import json
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import wasmtime

from eitherside import Module
from eitherside.compiled import Compiled
from eitherside.linear import Linear
from eitherside.team import instantiate

PAGE = 65536


@dataclass
class Outcome:
    """What a call left.

    Attributes:
        trapped: whether the main instance trapped.
        helpers_trapped: how many helpers did.
        took: seconds of the call, and until the last helper had left after it.
    """

    status: int
    document: dict[str, Any]
    outputs: list[tuple[str, bytes]]
    trapped: bool = False
    helpers_trapped: int = 0
    took: tuple[float, float] = (0.0, 0.0)


@dataclass
class _Helper:
    block: int
    thread: threading.Thread | None = None
    trap: wasmtime.Trap | None = None
    began: threading.Event = field(default_factory=threading.Event)


class Raw:
    """A main instance with a memory of its own, and helpers for its calls."""

    def __init__(self, module: Module, compiled: Compiled, pages: int | None = None) -> None:
        """Makes the instance; `pages` is the memory's ceiling, by default as much as the module takes."""
        self._compiled = compiled
        self._interface = module.interface
        store = wasmtime.Store(compiled.engine)
        most = pages or module.memory.maximum or 0
        limits = wasmtime.Limits(module.memory.minimum, most)
        self.memory = Linear(compiled.engine, store, limits, shared=compiled.shared)
        self._store = store
        self._main = self._instance(store)
        self.run("eitherside_start")
        self._function("eitherside_limit")(store, most * PAGE)
        self._answer = self.run("eitherside_answer")
        self.stop = self.memory.word(self.run("eitherside_stop"))
        self.helpers: list[_Helper] = []

    def __enter__(self) -> Raw:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.value = 1
        self.join()
        self._store.close()
        self.memory.close()

    def _instance(self, store: wasmtime.Store) -> Any:
        return instantiate(self._compiled, store, self.memory).exports(store)

    def _function(self, export: str) -> Any:
        return self._main[export]

    def run(self, export: str, *arguments: int) -> int:
        """Calls an export of the main instance with addresses and lengths."""
        return int(self._function(export)(self._store, *map(_signed, arguments)) or 0) & 0xFFFFFFFF

    def block(self) -> int:
        """Asks for a helper's block; 0 where memory is short."""
        if block := self.run("eitherside_helper"):
            self.helpers.append(_Helper(block))
        return block

    def help(self, block: int, after: float = 0.0) -> None:
        """Lets a thread help with a block, `after` so many seconds."""
        helper = next(each for each in self.helpers if each.block == block)
        helper.thread = threading.Thread(target=self._help, args=(helper, after), daemon=True)
        helper.thread.start()

    def _help(self, helper: _Helper, after: float) -> None:
        time.sleep(after)
        store = wasmtime.Store(self._compiled.engine)
        try:
            exports = self._instance(store)
            helper.began.set()
            exports["eitherside_help"](store, _signed(helper.block))
        except wasmtime.Trap as trap:
            helper.trap = trap
            self.stop.value = 1
        finally:
            store.close()

    def leave(self, block: int) -> None:
        """Tells one helper to leave."""
        self.memory.word(block).value = 1

    def join(self) -> None:
        """Waits for all helpers that were started."""
        for helper in self.helpers:
            if helper.thread is not None:
                helper.thread.join()

    def put(self, data: bytes) -> int:
        """Copies bytes into a block of the memory, and returns its address."""
        address = self.run("eitherside_allocate", len(data))
        assert address, "no memory for an input"
        ctypes.memmove(self.memory.base + address, data, len(data))
        return address

    def get(self, address: int, length: int) -> bytes:
        """Returns bytes of the memory."""
        return ctypes.string_at(self.memory.base + address, length)

    def call(
        self,
        name: str,
        options: Mapping[str, Any],
        inputs: Mapping[str, Sequence[bytes]],
        threads: int = 1,
        late: float = 0.0,
    ) -> Outcome:
        """Makes a call with `threads` - 1 helpers, who come `late` seconds after its begin."""
        function = self._interface.functions[name]
        arguments = self._arguments(name, options, inputs)
        self._hire(threads, late)
        begun = time.perf_counter()
        trapped = False
        try:
            self.run("eitherside_call", *arguments)
        except wasmtime.Trap:
            trapped = True
            self.stop.value = 1
        ended = time.perf_counter()
        if not trapped:
            self.run("eitherside_release")
        self.join()
        left = time.perf_counter()
        outcome = self._read([each.name for each in function.outputs], trapped)
        outcome.took = (ended - begun, left - ended)
        return outcome

    def push(
        self, name: str, options: Mapping[str, Any], pieces: Sequence[bytes], threads: int = 1
    ) -> list[Outcome]:
        """Makes a call whose input is pushed in pieces, and returns the answer to each."""
        arguments = self._arguments(name, options, {})
        self._hire(threads, 0.0)
        assert self.run("eitherside_open", *arguments) == 0
        outputs = [each.name for each in self._interface.functions[name].outputs]
        found = []
        for number, piece in enumerate(pieces, start=1):
            self.run("eitherside_push", self.put(piece), len(piece), int(number == len(pieces)))
            found.append(self._read(outputs, trapped=False))
        self.run("eitherside_release")
        self.join()
        return found

    def _arguments(
        self, name: str, options: Mapping[str, Any], inputs: Mapping[str, Sequence[bytes]]
    ) -> tuple[int, ...]:
        """Returns what a call takes, copied into the memory."""
        function = self._interface.functions[name]
        names = [each.name for each in function.inputs]
        rows = [
            (self.put(data), len(data), names.index(key))
            for key, buffers in inputs.items()
            for data in buffers
        ]
        given = json.dumps(options).encode()
        table = b"".join(struct.pack("<3I", *row) for row in rows)
        return function.id, self.put(given), len(given), self.put(table), len(rows)

    def _hire(self, threads: int, late: float) -> None:
        for _ in range(threads - 1):
            if block := self.block():
                self.help(block, late)

    def _read(self, names: Sequence[str], trapped: bool) -> Outcome:
        status, text, length, table, count = struct.unpack("<5I", self.get(self._answer, 20))
        document = json.loads(self.get(text, length)) if length else {}
        outputs = []
        if status == 0 and not trapped:
            for address, size, index in struct.iter_unpack("<3I", self.get(table, 12 * count)):
                outputs.append((names[index], self.get(address, size)))
        traps = sum(each.trap is not None for each in self.helpers)
        return Outcome(status, document, outputs, trapped, traps)


def _signed(value: int) -> int:
    """Returns an address as wasmtime wants it, which takes an i32 for signed."""
    return value - (1 << 32) if value >= 1 << 31 else value
