"""One call in an instance of its own, whole or pushed: docs/abi.md from the host's side."""

from __future__ import annotations

import ctypes
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import wasmtime

from .binary import PAGE
from .clock import Watch
from .compiled import Compiled

ABI = 1
_ADDRESS = 0xFFFFFFFF
_TRAPPING = ("eitherside_call", "eitherside_open", "eitherside_push")


class Broken(Exception):
    """The module did what docs/abi.md does not allow; the call is lost, the process is not."""


class Exhausted(Exception):
    """The inputs do not fit in the call's memory."""


class Stopped(Exception):
    """The call's watch stopped it."""


@dataclass(frozen=True)
class RawAnswer:
    """What a call left: its status, its JSON document, and each output's index in the interface and bytes.

    `memory` is the linear memory that it had grown to, which never shrinks: its peak.
    """

    status: int
    document: dict[str, Any]
    outputs: list[tuple[int, bytes | bytearray]]
    memory: int = 0


class Instance:
    """An instance with a store and memory of its own, for one call, in one thread at a time."""

    def __init__(self, compiled: Compiled, memory: tuple[int, int], watch: Watch) -> None:
        """Makes an instance.

        Args:
            compiled: the module.
            memory: smallest and largest size of its memory, in pages.
            watch: what may stop it.
        """
        self._watch = watch
        self._store = wasmtime.Store(compiled.engine)
        try:
            self._limit = memory[1] * PAGE
            self._answer = 0
            self._addresses: list[int] = []
            watch.attach(self._store)
            self._memory: Any = self._make_memory(compiled, wasmtime.Limits(*memory))
            stubs = wasmtime.Instance(self._store, compiled.stubs, []).exports(self._store)
            imports = [
                self._memory if item.module == "env" else stubs[item.name or ""]
                for item in compiled.module.imports
            ]
            self._exports = wasmtime.Instance(self._store, compiled.module, imports).exports(self._store)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            self.close()
            raise Broken(f"no instance could be made: {error}") from None
        except BaseException:
            self.close()
            raise

    def _make_memory(self, compiled: Compiled, limits: wasmtime.Limits) -> Any:
        self._store.set_limits(memory_size=self._limit, memories=1, instances=2)
        return wasmtime.Memory(self._store, wasmtime.MemoryType(limits))

    def close(self) -> None:
        """Gives the memory back."""
        self._store.close()

    def call(
        self, function: int, options: bytes, inputs: Sequence[tuple[int, memoryview]], *, mutable: bool
    ) -> RawAnswer:
        """Makes the call of this instance's life.

        Args:
            function: its id in the interface.
            options: a JSON object, UTF-8.
            inputs: for each buffer the index of its input in the interface, and its bytes.
            mutable: give the outputs as bytearrays instead of bytes.

        Raises:
            Stopped: the watch stopped it.
            Exhausted: the inputs do not fit in the memory.
            Broken: the module misbehaved.
        """
        answer = self._start()
        rows = [(self._copy_in(data), data.nbytes, index) for index, data in inputs]
        self._trapping("eitherside_call", answer, function, *self._arguments(options, rows))
        return self._read_answer(answer, mutable)

    def open(self, function: int, options: bytes, inputs: Sequence[tuple[int, memoryview]]) -> RawAnswer:
        """Begins a call whose main input is pushed in pieces; its arguments are those of `call`.

        Raises:
            Stopped, Exhausted, Broken: as `call`.
        """
        self._answer = self._start()
        rows = [(self._copy_in(data), data.nbytes, index) for index, data in inputs]
        self._trapping("eitherside_open", self._answer, function, *self._arguments(options, rows))
        return self._read_answer(self._answer, mutable=False)

    def push(self, data: memoryview, *, last: bool, mutable: bool) -> RawAnswer:
        """Gives the next piece to the call that `open` has begun; `last` says that it is the last one.

        Raises:
            Stopped, Exhausted, Broken: as `call`.
        """
        address = self._copy_in(data)
        self._trapping("eitherside_push", self._answer, address, data.nbytes, int(last))
        if address:
            self._run("eitherside_free", address)
        found = self._read_answer(self._answer, mutable)
        # Nothing else would free them before the next piece needs the room.
        for output in filter(None, self._addresses):
            self._run("eitherside_free", output)
        return found

    @property
    def size(self) -> int:
        """Bytes of linear memory that it has now."""
        return int(self._memory.data_len(self._store))

    def _start(self) -> int:
        self._run("eitherside_start")
        if (abi := self._run("eitherside_abi")) != ABI:
            raise Broken(f"the module speaks version {abi} of the binary interface, this host version {ABI}")
        self._run("eitherside_limit", self._limit)
        return self._run("eitherside_answer")

    def _arguments(self, options: bytes, rows: Sequence[tuple[int, int, int]]) -> tuple[int, int, int, int]:
        table = b"".join(struct.pack("<III", *row) for row in rows)
        return self._copy_in(memoryview(options)), len(options), self._copy_in(memoryview(table)), len(rows)

    def _trapping(self, export: str, answer: int, *arguments: int) -> None:
        """Runs what may trap after it has written why.

        Raises:
            Broken: it trapped and has not.
        """
        try:
            self._run(export, *arguments)
        except wasmtime.Trap as trap:
            if self._read_answer(answer, mutable=False).status == 0:
                raise Broken(f"the module trapped: {trap.message.splitlines()[-1].strip()}") from None

    def _run(self, export: str, *arguments: int) -> int:
        function = self._exports.get(export)
        if not isinstance(function, wasmtime.Func):
            raise Broken(f"the module has no function {export}")
        try:
            # i32 values are signed for wasmtime, addresses are not.
            return int(function(self._store, *arguments) or 0) & _ADDRESS
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            if self._watch.reason is not None:
                raise Stopped from None
            if isinstance(error, wasmtime.Trap) and export in _TRAPPING:
                raise
            raise Broken(f"{export} failed: {error}") from None

    def _copy_in(self, data: memoryview) -> int:
        if data.nbytes == 0:
            return 0
        if data.nbytes > self._limit or not (address := self._run("eitherside_allocate", data.nbytes)):
            raise Exhausted
        if self._watch.check():
            raise Stopped
        target = self._at(address, data.nbytes)
        source = (ctypes.c_char * data.nbytes).from_buffer(data) if not data.readonly else _address_of(data)
        ctypes.memmove(target, source, data.nbytes)
        return address

    def _at(self, address: int, length: int) -> int:
        """Returns the process's address of `length` bytes of linear memory, valid until the memory grows."""
        if address + length > self._memory.data_len(self._store):
            raise Broken("the module gave an address outside its memory")
        return ctypes.addressof(self._memory.data_ptr(self._store).contents) + address

    def _read(self, address: int, length: int) -> bytes:
        return ctypes.string_at(self._at(address, length), length)

    def _read_answer(self, address: int, mutable: bool) -> RawAnswer:
        status, text, length, table, count = struct.unpack("<5I", self._read(address, 20))
        if status and not length:
            raise Broken(f"the module gave status {status} and no message")
        try:
            document = json.loads(self._read(text, length)) if length else {}
        except ValueError as error:
            raise Broken(f"the module's answer is not JSON: {error}") from None
        if not isinstance(document, dict):
            raise Broken("the module's answer is not a JSON object")
        outputs: list[tuple[int, bytes | bytearray]] = []
        self._addresses = []
        if status == 0:
            left = self._memory.data_len(self._store)
            for where, size, index in struct.iter_unpack("<3I", self._read(table, 12 * count)):
                # Outputs do not overlap, so no honest table sums up to more than the memory.
                left -= size
                if left < 0:
                    raise Broken("the module's outputs are larger than its memory")
                outputs.append((index, self._copy_out(where, size, mutable)))
                self._addresses.append(where)
        return RawAnswer(status, document, outputs, self.size)

    def _copy_out(self, address: int, size: int, mutable: bool) -> bytes | bytearray:
        if not mutable:
            return self._read(address, size)
        source = self._at(address, size)
        copy = bytearray(size)
        if size:
            ctypes.memmove((ctypes.c_char * size).from_buffer(copy), source, size)
        return copy


def _address_of(data: memoryview) -> ctypes.c_char_p | bytes:
    """Returns what `ctypes.memmove` can read a read-only buffer from."""
    if isinstance(data.obj, bytes) and len(data.obj) == data.nbytes:
        return data.obj
    return data.tobytes()
