"""Helpers of a call: instances over the same memory, each in a thread of its own, that share its loops."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import wasmtime

from .clock import Watch
from .compiled import Compiled
from .linear import Linear

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds in which helpers leave when a call has ended; after that they are stopped."""

REPLACEMENTS = 3
"""Helpers that a call can have beside those it begins with, one after the other where others had to leave."""

_ABANDONED = 10.0
_IDLE = 60.0


class Crew:
    """Daemon threads that help calls and run nothing but WebAssembly; they are kept for the next call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._tasks: deque[Callable[[], None]] = deque()
        self._idle = 0
        self._made = 0
        self._is_closed = False

    def run(self, task: Callable[[], None]) -> None:
        """Has a thread run `task`, a new one where none is idle. Once it is closed, nothing runs."""
        with self._changed:
            if self._is_closed:
                return
            self._tasks.append(task)
            if len(self._tasks) <= self._idle:
                self._changed.notify()
                return
            self._made += 1
            name = f"eitherside-help-{self._made}"
            threading.Thread(target=self._serve, name=name, daemon=True).start()

    def close(self) -> None:
        """Lets the threads end when they have done what they do."""
        with self._changed:
            self._is_closed = True
            self._tasks.clear()
            self._changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._tasks or self._is_closed, _IDLE)
            finally:
                self._idle -= 1
            return self._tasks.popleft() if self._tasks else None

    def _serve(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception:
                log.exception("a helper failed")
            del task


class Lender(Protocol):
    """Who says how many cores helpers may take: the pool."""

    def spare(self) -> int:
        """Returns how many cores nobody needs now."""

    def enlist(self, team: Team, *, firm: bool) -> None:
        """Lets a team have helpers, now or later; a `firm` one has all that it can, whoever waits."""

    def dismiss(self, team: Team) -> None:
        """Lets a team have no more."""


@dataclass(frozen=True)
class Aid:
    """Helpers that a call may have.

    Attributes:
        crew: whose threads they run in.
        lender: who gives and takes them.
        most: helpers at once.
        firm: whether it is to have them all, even where others wait for the cores.
    """

    crew: Crew
    lender: Lender
    most: int
    firm: bool

    @property
    def wanted(self) -> int:
        """Helpers that could begin now."""
        return self.most if self.firm else max(0, min(self.most, self.lender.spare()))

    @property
    def blocks(self) -> int:
        """Helpers that the module is to have room for: none, or some more than could begin now."""
        wanted = self.wanted
        return wanted + REPLACEMENTS if wanted and not self.firm else wanted


@dataclass(eq=False)
class _Helper:
    """A helper: the address of its block, whether its thread is at work, and whether it was told to leave."""

    block: int
    runs: bool = False
    leaves: bool = False


class Team:
    """The helpers of one call, from before its work until it has ended.

    The instance of the call gives a block of its memory for each (docs/abi.md). The pool says how many of
    them help, by `add` and `drop`, from any thread; the thread of the call ends them all.

    Attributes:
        failure: why a helper trapped, the first that did by itself; None where none has.
        most: helpers that ran at once, without those that were about to leave.
    """

    def __init__(
        self,
        crew: Crew,
        compiled: Compiled,
        memory: Linear,
        watch: Watch,
        blocks: Sequence[int],
        at_once: int,
    ) -> None:
        self._crew = crew
        self._at_once = at_once
        self._compiled = compiled
        self._memory = memory
        self._watch = watch
        self._changed = threading.Condition()
        self._spare = deque(_Helper(block) for block in blocks)
        self._helpers: list[_Helper] = []
        self._is_over = False
        self.failure: str | None = None
        self.has_trapped = False
        self.most = 0

    @property
    def helping(self) -> int:
        """Helpers that take a core: those that were added, without those that were told to leave."""
        return sum(not helper.leaves for helper in self._helpers)

    def add(self) -> bool:
        """Lets one more help, if there is one left; returns whether."""
        with self._changed:
            if self._is_over or not self._spare or self.helping >= self._at_once:
                return False
            helper = self._spare.popleft()
            self._helpers.append(helper)
        self._crew.run(lambda: self._help(helper))
        return True

    def drop(self) -> bool:
        """Tells one helper to leave after its present task; returns whether there was one."""
        with self._changed:
            if self._is_over:
                return False
            for helper in reversed(self._helpers):
                if not helper.leaves:
                    helper.leaves = True
                    self._memory.word(helper.block).value = 1
                    return True
        return False

    def end(self) -> None:
        """Waits until all helpers have left, who were told to: the call has ended, or was stopped.

        Those that do not leave are stopped. Should that fail, too, which takes a loop that touches no memory,
        the thread is given up; what it has of the call's memory stays until it ends.
        """
        began = time.monotonic()
        with self._changed:
            self._is_over = True
            self._spare.clear()
            with self._watch.lent():
                if self._changed.wait_for(self._is_left, PATIENCE):
                    return
                self._watch.fire()
                if self._changed.wait_for(self._is_left, _ABANDONED):
                    log.warning("a helper had to be stopped %.1f s after its call", time.monotonic() - began)
                    return
        log.error("a helper does not stop: its thread and its memory are given up")

    def _is_left(self) -> bool:
        return not any(helper.runs for helper in self._helpers)

    def _help(self, helper: _Helper) -> None:
        """What a thread of the crew does for a helper."""
        with self._changed:
            if self._is_over or helper.leaves:
                return
            helper.runs = True
            self.most = max(self.most, sum(each.runs and not each.leaves for each in self._helpers))
        store = wasmtime.Store(self._compiled.engine)
        try:
            instance = instantiate(self._compiled, store, self._memory)
            function = instance.exports(store)["eitherside_help"]
            if isinstance(function, wasmtime.Func):
                function(store, helper.block)
        except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
            self._failed(error)
        finally:
            store.close()
            with self._changed:
                helper.runs = False
                self._changed.notify_all()

    def _failed(self, error: wasmtime.WasmtimeError | wasmtime.Trap) -> None:
        if not isinstance(error, wasmtime.Trap):
            # No room for one more instance: the call goes on without it.
            log.info("a helper could not start: %s", error)
            return
        with self._changed:
            self.has_trapped = True
            # Whoever traps once the stop word is written does so because of it.
            if self.failure is None and not self._watch.is_fired:
                self.failure = error.message.splitlines()[-1].strip()
        self._watch.fire()


def instantiate(compiled: Compiled, store: wasmtime.Store, memory: Linear) -> wasmtime.Instance:
    """Returns an instance of a module over `memory`.

    Raises:
        wasmtime.WasmtimeError, wasmtime.Trap: it cannot be made.
    """
    stubs = wasmtime.Instance(store, compiled.stubs, []).exports(store)
    imports = [
        memory.extern if item.module == "env" else stubs[item.name or ""] for item in compiled.module.imports
    ]
    return wasmtime.Instance(store, compiled.module, imports)
