"""Calls of a module by its binary interface, with options of any bytes: hosts write JSON and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import wasmtime

from eitherside import Module
from eitherside.binary import PAGE
from eitherside.clock import Clock, Watch
from eitherside.compiled import compile_module
from eitherside.instance import Instance, RawAnswer

SECONDS = 60.0


class Raw:
    """A compiled module, and calls of it, each in an instance of its own."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._compiled = compile_module(module, Path(os.environ["EITHERSIDE_CACHE_DIR"]))
        self._clock = Clock(self._compiled.engine)

    def call(
        self, function: int, options: bytes, inputs: Sequence[tuple[int, bytes]] = (), pages: int = 2048
    ) -> RawAnswer:
        """Makes a call."""
        watch = Watch(SECONDS, lambda: False)
        with self._clock.running(watch):
            instance = Instance(self._compiled, (self._module.memory.minimum, pages), watch)
            try:
                rows = [(index, memoryview(data)) for index, data in inputs]
                return instance.call(function, options, rows, mutable=False)
            finally:
                instance.close()


class Exports:
    """The exports of one instance that stays."""

    def __init__(self, module: Module, pages: int) -> None:
        config = wasmtime.Config()
        engine = wasmtime.Engine(config)
        self._store = wasmtime.Store(engine)
        limits = wasmtime.Limits(module.memory.minimum, 65535)
        self._memory = wasmtime.Memory(self._store, wasmtime.MemoryType(limits))
        compiled = wasmtime.Module(engine, module.bytes)
        self._exports = wasmtime.Instance(self._store, compiled, [self._memory]).exports(self._store)
        self.run("start")
        self.run("limit", pages * PAGE)

    def run(self, name: str, *arguments: int) -> int:
        """Calls an export."""
        function = self._exports[f"eitherside_{name}"]
        assert isinstance(function, wasmtime.Func)
        return int(function(self._store, *arguments) or 0) & 0xFFFFFFFF

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return int(self._memory.data_len(self._store))

    def read(self, address: int, length: int) -> bytes:
        """Bytes of memory."""
        return bytes(self._memory.read(self._store, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        """Writes bytes into the memory."""
        self._memory.write(self._store, data, address)

    def close(self) -> None:
        """Gives the memory back."""
        self._store.close()


@contextmanager
def exports(module: Module, pages: int = 1024) -> Iterator[Exports]:
    """An instance whose memory's ceiling is `pages`."""
    made = Exports(module, pages)
    try:
        yield made
    finally:
        made.close()


def told(answer: RawAnswer) -> dict[str, Any]:
    """The document of an answer, with its status."""
    return {"status": answer.status, **answer.document}
