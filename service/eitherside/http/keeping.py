"""Writes results to the store beside the answers, so that none of them waits for the disk."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable

from .results import Kept, Prepared, Results

MOST = 8
"""Results that wait to be written; further ones are not kept."""

_PATIENCE = 5.0
_IDLE = 5.0


class Keeping:
    """A thread that writes, one result after the other; it ends when there was nothing to do for a while."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._closed = False
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, Prepared, Callable[[], None]]] = deque()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Waits until everything is written, not for ever, and lets the thread end; no more is kept."""
        if self._pid != os.getpid():
            return
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting, _PATIENCE)

    def begin(self, key: str, kept: Kept, done: Callable[[], None]) -> bool:
        """Has a result kept under `key`, and returns whether it will be, as far as can be told.

        Args:
            key: its key.
            kept: the result.
            done: is called when its bytes are needed no more, if they are needed at all.
        """
        prepared = self._results.prepare(kept)
        if prepared is None:
            return False
        if self._pid != os.getpid():
            # No thread came along to a forked process.
            self._reset()
        with self._changed:
            if self._closed or len(self._waiting) >= MOST:
                return False
            self._waiting.append((key, prepared, done))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="eitherside-keep", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return True

    def wait(self, key: str | None = None) -> None:
        """Waits until the result of that key, or each one, is written, in this process; not for ever."""
        if self._pid == os.getpid():
            with self._changed:
                self._changed.wait_for(lambda: not self._is_waiting(key), _PATIENCE)

    def _is_waiting(self, key: str | None) -> bool:
        return any(key is None or key == other for other, _, _ in self._waiting)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed, _IDLE)
                if not self._waiting:
                    self._thread = None
                    return
                key, prepared, done = self._waiting[0]
            try:
                self._results.write(key, prepared)
            finally:
                del prepared
                done()
                with self._changed:
                    self._waiting.popleft()
                    self._changed.notify_all()
                del done
