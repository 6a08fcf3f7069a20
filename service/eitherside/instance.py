"""One call in an instance of its own, whole or pushed: docs/abi.md from the host's side."""

from __future__ import annotations

import ctypes
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import wasmtime

from .binary import PAGE
from .clock import Watch
from .compiled import STOP, Compiled
from .linear import Linear
from .team import Aid, Team, instantiate

ABI = 1
_ADDRESS = 0xFFFFFFFF
_TRAPPING = ("eitherside_call", "eitherside_open", "eitherside_push")

ROOM = 4 << 20
"""Bytes of a call's memory ceiling for each helper: with less, they would take what the call itself needs."""

LEAST = 16 << 20
"""Ceiling under which a call has no helpers at all, likewise."""


class Broken(Exception):
    """The module did what docs/abi.md does not allow; the call is lost, the process is not."""


class Exhausted(Exception):
    """The inputs do not fit in the call's memory."""


class Stopped(Exception):
    """The call's watch stopped it."""


@dataclass(frozen=True)
class RawAnswer:
    """What a call left: its status, its JSON document, and each output's index in the interface and bytes.

    `memory` is the linear memory that it had grown to, which never shrinks: its peak. `threads` is how many
    ran at once.
    """

    status: int
    document: dict[str, Any]
    outputs: list[tuple[int, bytes | bytearray]]
    memory: int = 0
    threads: int = 1


class Instance:
    """An instance with a store and memory of its own, for one call, in one thread at a time."""

    def __init__(
        self, compiled: Compiled, memory: tuple[int, int], watch: Watch, aid: Aid | None = None
    ) -> None:
        """Makes an instance.

        Args:
            compiled: the module.
            memory: smallest and largest size of its memory, in pages.
            watch: what may stop it.
            aid: helpers that it may have, where the module was compiled with shared memory.
        """
        self._compiled = compiled
        self._watch = watch
        self._aid = aid
        self._store = wasmtime.Store(compiled.engine)
        self._memory: Linear | None = None
        try:
            self._limit = memory[1] * PAGE
            self._answer = 0
            self._addresses: list[int] = []
            self._threads = 1
            self._has_trapped = False
            if compiled.epochs:
                watch.attach(self._store)
            # Beside its own instance that of the stubs and, for the engine's bookkeeping, one of the memory.
            self._store.set_limits(memory_size=self._limit, memories=1, instances=3)
            limits = wasmtime.Limits(*memory)
            self._memory = Linear(compiled.engine, self._store, limits, shared=compiled.shared)
            self._exports = instantiate(compiled, self._store, self._memory).exports(self._store)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            self.close()
            if watch.reason is not None:
                raise Stopped from None
            raise Broken(f"no instance could be made: {error}") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the memory back."""
        self._watch.forget()
        self._store.close()
        if self._memory is not None:
            self._memory.close()
        self._watch.detach()

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
        arguments = (answer, function, *self._arguments(options, rows))
        return self._work("eitherside_call", *arguments, mutable=mutable, helped=True)

    def open(self, function: int, options: bytes, inputs: Sequence[tuple[int, memoryview]]) -> RawAnswer:
        """Begins a call whose main input is pushed in pieces; its arguments are those of `call`.

        Raises:
            Stopped, Exhausted, Broken: as `call`.
        """
        self._answer = self._start()
        rows = [(self._copy_in(data), data.nbytes, index) for index, data in inputs]
        arguments = (self._answer, function, *self._arguments(options, rows))
        return self._work("eitherside_open", *arguments, mutable=False, helped=False)

    def push(self, data: memoryview, *, last: bool, mutable: bool, helped: bool = False) -> RawAnswer:
        """Gives the next piece to the call that `open` has begun.

        Args:
            data: the piece.
            last: whether it is the last one.
            mutable: as for `call`.
            helped: whether it is worth helpers.

        Raises:
            Stopped, Exhausted, Broken: as `call`.
        """
        address = self._copy_in(data)
        arguments = (self._answer, address, data.nbytes, int(last))
        found = self._work("eitherside_push", *arguments, mutable=mutable, helped=helped)
        # Nothing else would free them before the next piece needs the room.
        blocks = [] if self._has_trapped else [address, *self._addresses]
        for block in filter(None, blocks):
            self._run("eitherside_free", block)
        return found

    @property
    def size(self) -> int:
        """Bytes of linear memory that it has now."""
        return self._linear.size

    @property
    def _linear(self) -> Linear:
        if self._memory is None:
            raise Broken("there is no memory")
        return self._memory

    def _start(self) -> int:
        if not self._compiled.epochs:
            self._aim(self._run(STOP))
        self._run("eitherside_start")
        if (abi := self._run("eitherside_abi")) != ABI:
            raise Broken(f"the module speaks version {abi} of the binary interface, this host version {ABI}")
        self._run("eitherside_limit", self._limit)
        return self._run("eitherside_answer")

    def _arguments(self, options: bytes, rows: Sequence[tuple[int, int, int]]) -> tuple[int, int, int, int]:
        table = b"".join(struct.pack("<III", *row) for row in rows)
        return self._copy_in(memoryview(options)), len(options), self._copy_in(memoryview(table)), len(rows)

    def _aim(self, word: int) -> None:
        if word % 4 or word + 4 > self.size:
            raise Broken("the module gave no aligned address in its memory for its stop word")
        self._watch.aim(self._linear, word)

    def _work(self, export: str, answer: int, *arguments: int, mutable: bool, helped: bool) -> RawAnswer:
        """Runs what may have helpers, and may trap after it has written why; returns its answer.

        Raises:
            Broken: it trapped, or a helper did, and has not.
            Stopped: the watch stopped it.
        """
        found = None
        team = self._gather() if helped else None
        try:
            trap = self._trap_of(export, *arguments)
            if trap is None and team is not None:
                self._run("eitherside_release")
            # Before all helpers have left: those who do not may lose the memory, and the answer with it.
            if trap is None or self._status(answer):
                found = self._read_answer(answer, mutable)
        except BaseException:
            self._watch.fire()
            raise
        finally:
            if team is not None:
                self._disperse(team)
        if team is not None:
            if team.has_trapped and self._watch.reason is not None:
                raise Stopped
            trap = team.failure or trap
        if found is None or (trap is not None and found.status == 0):
            raise Broken(f"the module trapped: {trap}")
        return replace(found, threads=self._threads)

    def _trap_of(self, export: str, *arguments: int) -> str | None:
        """Runs a function, and returns what trap it ended with; None where it returned."""
        try:
            self._run(export, *arguments)
        except wasmtime.Trap as trap:
            self._has_trapped = True
            self._watch.fire()
            return trap.message.splitlines()[-1].strip()
        return None

    def _gather(self) -> Team | None:
        """Returns the helpers of what runs next, ready to begin; None where there are none."""
        if self._aid is None or not self._compiled.shared:
            return None
        blocks: list[int] = []
        most = self._limit // ROOM if self._limit >= LEAST else 0
        for _ in range(min(self._aid.blocks, most)):
            if not (block := self._run("eitherside_helper")):
                break
            if block % 4 or block + 4 > self.size:
                raise Broken("the module gave no aligned address in its memory for a helper")
            blocks.append(block)
        if not blocks:
            return None
        aid = self._aid
        team = Team(aid.crew, self._compiled, self._linear, self._watch, blocks, aid.most)
        aid.lender.enlist(team, firm=aid.firm)
        return team

    def _disperse(self, team: Team) -> None:
        if self._aid is not None:
            self._aid.lender.dismiss(team)
        team.end()
        self._threads = max(self._threads, 1 + team.most)

    def _run(self, export: str, *arguments: int) -> int:
        function = self._exports.get(export)
        if not isinstance(function, wasmtime.Func):
            raise Broken(f"the module has no function {export}")
        try:
            with self._watch.lent():
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
        """Returns the process's address of `length` bytes of linear memory.

        Raises:
            Broken: they are not all in the memory.
            Stopped: the memory was taken away.
        """
        if self._watch.is_revoked:
            raise Stopped
        if address + length > self.size:
            raise Broken("the module gave an address outside its memory")
        return self._linear.base + address

    def _read(self, address: int, length: int) -> bytes:
        return ctypes.string_at(self._at(address, length), length)

    def _status(self, address: int) -> int:
        return int.from_bytes(self._read(address, 4), "little")

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
            left = self.size
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


def _address_of(data: memoryview) -> int | bytes:
    """Returns what `ctypes.memmove` can read a read-only buffer from, without a copy."""
    if isinstance(data.obj, bytes) and len(data.obj) == data.nbytes:
        return data.obj
    # Late, as few calls need it: it tells the address, which ctypes does for buffers to write in only.
    import numpy as np

    return int(np.frombuffer(data, np.uint8).ctypes.data)
