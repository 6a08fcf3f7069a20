"""A client that went away: its call is cancelled."""

from __future__ import annotations

import select
import socket
import threading

_GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class Disconnect(threading.Event):
    """An event that is set as soon as somebody asks and the other end of `connection` is closed.

    Whoever waits for a call looks at its event many times a second, so no thread of our own is needed. A
    client that closes only its sending half counts as gone: the two cannot be told apart without writing.
    """

    def __init__(self, connection: socket.socket | None) -> None:
        super().__init__()
        self._connection = connection

    def is_set(self) -> bool:
        """Returns whether the client is gone."""
        if not super().is_set() and self._gone():
            self.set()
        return super().is_set()

    def forget(self) -> None:
        """Stops looking: the answer is there."""
        self._connection = None

    def _gone(self) -> bool:
        connection = self._connection
        number = connection.fileno() if connection is not None else -1
        if number < 0:
            return False
        poll = select.poll()
        poll.register(number, _GONE)
        return any(found & _GONE for _, found in poll.poll(0))
