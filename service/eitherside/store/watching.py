"""Tells whoever waits that a library has changed, in whichever process that was."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter

from sqlalchemy import select

from .database import Database
from .errors import Unavailable
from .tables import Library

log = logging.getLogger(__name__)

PERIOD = 0.25
"""Seconds between two looks at the database, for what other processes changed."""


class Watcher:
    """A thread that looks at the counters of libraries, as long as somebody waits for one to change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._watched: Counter[str] = Counter()
        self._numbers: dict[str, int | None] = {}
        self._thread: threading.Thread | None = None
        self._poked = threading.Event()

    def poke(self) -> None:
        """Has it look now: this process has changed something."""
        self._poked.set()

    def wait(self, library: str, seen: int, seconds: float) -> int | None:
        """Waits until a library has changed more often than `seen`; returns how often.

        Args:
            library: which.
            seen: its changes that are known.
            seconds: longest wait; then `seen` is returned, if nothing changed.

        Returns:
            The number of changes; None where the library was removed.
        """
        end = time.monotonic() + seconds
        with self._changed:
            self._watched[library] += 1
            self._begin()
            try:
                while (left := end - time.monotonic()) > 0:
                    known = self._numbers.get(library, seen)
                    if known is None or known > seen:
                        return known
                    self._changed.wait(left)
                return seen
            finally:
                self._watched[library] -= 1
                if not self._watched[library]:
                    del self._watched[library]
                    self._numbers.pop(library, None)

    def _begin(self) -> None:
        self._poked.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="eitherside-watch", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._poked.wait(PERIOD)
            self._poked.clear()
            with self._changed:
                if not self._watched:
                    self._thread = None
                    return
                libraries = list(self._watched)
            try:
                with self._database.reading() as session:
                    rows = session.execute(
                        select(Library.id, Library.changes).where(Library.id.in_(libraries))
                    ).all()
            except Unavailable as error:
                log.warning("changes are not seen: %s", error)
                time.sleep(PERIOD)
                continue
            found = {row.id: row.changes for row in rows}
            with self._changed:
                for library in libraries:
                    if library in self._watched:
                        self._numbers[library] = found.get(library)
                self._changed.notify_all()
