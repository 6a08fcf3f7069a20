"""The two forms that a module is compiled in: for calls on one thread, and for calls with helpers."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from .compiled import Compiled, compile_module, has_helpers, is_cached
from .errors import EithersideError
from .module import Module

log = logging.getLogger(__name__)

_POLL = 0.05


class Forms:
    """A module compiled for one thread, and, once a call can use it, with shared memory, for several.

    The second form is loaded with the first call that wants helpers, where it was compiled before. Else it is
    compiled aside, in which time such calls run on one thread: nothing starts more slowly because of it.

    Attributes:
        one: the module for calls on one thread.
    """

    def __init__(self, module: Module, cache: Path | None, *, shared: bool = False) -> None:
        """Compiles a module for calls on one thread, or loads it compiled.

        Args:
            module: the module.
            cache: where compiled modules are kept; None: nowhere.
            shared: have calls on one thread use shared memory, too.

        Raises:
            ModuleError, CacheError: see `compile_module`.
        """
        self._module = module
        self._cache = cache
        self._lock = threading.Lock()
        self._made = threading.Event()
        self._thread: threading.Thread | None = None
        self._several: Compiled | None = None
        self.one = compile_module(module, cache, shared=shared)
        if not has_helpers(module):
            self._made.set()
        elif shared:
            self._several = self.one
            self._made.set()

    def several(self, *, wait: bool, cancel: threading.Event | None = None) -> Compiled | None:
        """Returns the module for calls with helpers; None where there is none, or not yet.

        Args:
            wait: until it is compiled.
            cancel: set it to wait no longer.
        """
        if not self._made.is_set():
            with self._lock:
                if self._thread is None and not self._made.is_set():
                    self._begin()
            while wait and not self._made.wait(_POLL) and not (cancel is not None and cancel.is_set()):
                pass
        return self._several

    def _begin(self) -> None:
        if is_cached(self._module, self._cache, shared=True):
            self._make()
            return
        self._thread = threading.Thread(target=self._make, name="eitherside-compile", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            self._several = compile_module(
                self._module, self._cache, shared=True, engine=self.one.engine, background=True
            )
        except EithersideError as error:
            log.warning("calls have no helpers: %s", error)
        finally:
            self._made.set()
            self._thread = None
