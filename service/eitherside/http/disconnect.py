"""A client that went away, or said that it no longer wants its answer: its call is cancelled."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable

_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Disconnect(threading.Event):
    """An event that is set as soon as somebody asks and the other end of `connection` is closed.

    Whoever waits for a call looks at its event many times a second, so no thread of our own is needed. A
    client that closes only its sending half counts as gone: the two cannot be told apart without writing.

    Args:
        connection: the client's, where it can be watched.
        cancelled: another reason to be set, asked as often.
    """

    def __init__(
        self, connection: socket.socket | None, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__()
        self._connection = connection
        self._cancelled = cancelled

    def is_set(self) -> bool:
        """Returns whether the client is gone or the call cancelled."""
        if not super().is_set() and (self._cancelled() or self._gone()):
            self.set()
        return super().is_set()

    def withdrawn(self) -> bool:
        """Returns whether the call is cancelled, by somebody who said so."""
        return self._cancelled()

    def forget(self) -> None:
        """Stops looking: the answer is there."""
        self._connection = None
        self._cancelled = lambda: False

    def _gone(self) -> bool:
        connection = self._connection
        number = connection.fileno() if connection is not None else -1
        if number < 0:
            return False
        poll = select.poll()
        poll.register(number, _GONE)
        return any(found & _GONE for _, found in poll.poll(0))
