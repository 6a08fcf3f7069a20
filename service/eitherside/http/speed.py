"""How fast the machine is: the module's own probe, timed once while nobody computes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from ..errors import EithersideError
from ..host import Host
from ..probe import Probe
from .board import Board

log = logging.getLogger(__name__)

RUNS = 3
PAUSE = 1.0
"""Seconds between two looks at whether the processes are idle."""


class Speed:
    """Measures in the background, by one of the processes for all of them.

    No call waits for it: it has a thread of its own beside the pool, begins while no call runs or waits, and
    stops, to begin again later, as soon as one does.
    """

    def __init__(self, host: Host, board: Board) -> None:
        self._host = host
        self._board = board
        self._probe = Probe.of(host.interface)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def close(self) -> None:
        """Stops measuring, for good."""
        self._closed.set()

    def begin(self) -> None:
        """Begins to measure, unless that has been done, is being done, or cannot be."""
        with self._lock:
            if self._probe is None or self._board.speed is not None:
                return
            if self._thread is None or not self._thread.is_alive():
                arguments = (self._probe,)
                self._thread = threading.Thread(
                    target=self._run, args=arguments, name="eitherside-speed", daemon=True
                )
                self._thread.start()

    def _run(self, probe: Probe) -> None:
        inputs = probe.buffers
        while self._board.speed is None and not self._closed.is_set():
            if not self._busy() and self._board.claim():
                try:
                    # The first run also brings code and memory into place.
                    runs = [self._time(probe, inputs) for _ in range(RUNS)]
                except EithersideError as error:
                    if not self._busy():
                        log.warning("the speed is not measured: %s", error)
                        return
                else:
                    if not self._busy():
                        self._board.speed = 1000 * min(runs) / probe.work
                        return
            self._closed.wait(PAUSE)

    def _time(self, probe: Probe, inputs: Mapping[str, bytes]) -> float:
        return self._host.timed(probe.function, probe.options, inputs, self._busy)

    def _busy(self) -> bool:
        return self._closed.is_set() or any(load.running or load.waiting for load in self._board.loads())
