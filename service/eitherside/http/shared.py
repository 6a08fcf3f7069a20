"""What the worker processes of one run share."""

from __future__ import annotations

import logging
import threading
import weakref

from ..settings import Settings
from .board import Board
from .folder import RunFolder

log = logging.getLogger(__name__)


class Shared:
    """The board of the processes, and the folder of their results.

    Make one before the processes are forked, and have each make its application with it. An application that
    is made without has one of its own: right where there is one process.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.board = Board(settings)
        self._lock = threading.Lock()
        self._tried = not settings.result_store
        self._folder: RunFolder | None = None

    @property
    def folder(self) -> RunFolder | None:
        """The folder of results, made when it is first asked for; None where none are kept."""
        if not self._tried:
            with self._lock:
                if not self._tried:
                    self._folder = self._made()
                    self._tried = True
        return self._folder

    def _made(self) -> RunFolder | None:
        try:
            folder = RunFolder(self._settings.result_dir)
        except OSError as error:
            log.warning("No results are kept: %s", error)
            return None
        weakref.finalize(self, folder.remove)
        return folder

    def close(self) -> None:
        """Removes the folder."""
        if self._folder is not None:
            self._folder.remove()
