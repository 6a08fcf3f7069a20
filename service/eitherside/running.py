"""What a host has while it runs, in one process: the module compiled, threads, a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .clock import Clock
from .compiled import Compiled
from .forms import Forms
from .interface import Function
from .module import Module
from .pool import Load, Pool
from .settings import Settings
from .team import Aid, Crew
from .worth import is_worth_helpers

MOST_THREADS = 64
"""Threads that one call can ask for at most."""


@dataclass(frozen=True)
class Means:
    """What a call runs with: the module compiled, and the helpers that it may have."""

    compiled: Compiled
    aid: Aid | None = None


class Running:
    """What belongs to one process, and is made anew after a fork.

    Attributes:
        forms: the module, compiled.
        clock: stops its calls.
        pool: the threads of its calls.
        crew: the threads of their helpers.
    """

    def __init__(
        self, module: Module, settings: Settings, watch: Callable[[Load], None] | None, *, shared: bool
    ) -> None:
        """Compiles the module, or loads it compiled.

        Raises:
            ModuleError, CacheError: see `eitherside.compiled.compile_module`.
        """
        self._settings = settings
        cache = None if settings.cache_dir == "off" else settings.cache_dir
        self.forms = Forms(module, cache, shared=shared)
        self.clock = Clock(self.forms.one.engine)
        self.pool = Pool(
            settings.thread_count, settings.waiting, settings.queue_time, settings.memory_budget, watch
        )
        self.crew = Crew()

    def means(
        self,
        function: Function,
        options: Mapping[str, object],
        sizes: Sequence[tuple[int, int]] | None,
        threads: int | None,
        cancel: threading.Event | None,
    ) -> Means:
        """Returns what a call is to run with.

        Args:
            function: that is called.
            options: as given.
            sizes: for each buffer the index of its input in the interface, and its bytes; None where they
                come later, in pieces.
            threads: as asked for; None: as many as there are cores that nobody else needs, if that pays.
            cancel: set it to wait no longer for the module to be compiled.
        """
        aid = self.aid(threads)
        if aid is None:
            return Means(self.forms.one)
        pays = function.threads if sizes is None else is_worth_helpers(function, options, sizes)
        if not (aid.firm or pays):
            return Means(self.forms.one)
        several = self.forms.several(wait=aid.firm, cancel=cancel)
        return Means(several, aid) if several is not None else Means(self.forms.one)

    def aid(self, threads: int | None) -> Aid | None:
        """Returns the helpers that a call may have; None where it is to run on one thread in any case."""
        if threads is not None:
            most, is_firm = min(threads, MOST_THREADS), True
        else:
            cores, is_firm = self._settings.thread_count, False
            most = min(self._settings.threads_per_call or cores, cores)
        return Aid(self.crew, self.pool, most - 1, is_firm) if most > 1 else None

    def close(self) -> None:
        """Cancels running calls and lets the threads end."""
        self.pool.close()
        self.crew.close()
