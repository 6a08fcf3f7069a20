"""Where the bytes of a request's body come from: straight from the connection, or by the server's stream."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress
from typing import Any

from flask import request

READ_AHEAD = 1 << 20
"""Most bytes read at once, and so between two looks at whether to go on."""


class Late(Exception):
    """The body did not come in time."""


def client_socket() -> socket.socket | None:
    """Returns the request's own connection, where the server tells it and it is not encrypted."""
    found = request.environ.get("gunicorn.socket")
    # Half-closing an encrypted connection would end both directions, so those are left alone.
    return found if type(found) is socket.socket else None


class Direct:
    """A body of known length that gunicorn has not begun to read, taken from its connection without it.

    gunicorn's own stream copies each byte several times; this reads into the buffer that is wanted. What
    gunicorn counts is kept right, so that it finds the next request where it begins.
    """

    def __init__(self, stream: Any, connection: socket.socket) -> None:
        """Use `Direct.of`."""
        self._stream = stream
        self._reader = stream.reader
        self._connection = connection

    @classmethod
    def of(cls, stream: Any) -> Direct | None:
        """Returns the body behind the WSGI input `stream`; None where it is another server's or chunked."""
        connection = client_socket()
        reader = getattr(stream, "reader", None)
        # By name, as nothing of gunicorn's is loaded where it does not serve.
        kind = f"{type(reader).__module__}.{type(reader).__name__}"
        if connection is None or kind != "gunicorn.http.body.LengthReader" or stream.buf.tell():
            return None
        return cls(stream, connection)

    def begin(self, target: memoryview) -> int:
        """Copies what gunicorn has read of the body already into `target`; returns how much that is."""
        unreader = self._reader.unreader
        early = unreader.take_buffered()
        count = min(len(early), len(target))
        target[:count] = early[:count]
        # The next request, where a client does not wait for its answer.
        unreader.unread(early[count:])
        self._reader.length -= count
        return count

    def ready(self) -> bool:
        """Returns whether there is something to read just now."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        return bool(poll.poll(0))

    def read_into(self, target: memoryview, end: float) -> int:
        """Reads what is there, or waits for something, until `end` by `time.monotonic`; 0 is the early end.

        Raises:
            Late: nothing came.
            OSError: the connection is broken.
        """
        left = end - time.monotonic()
        if left <= 0:
            raise self._failed(Late())
        patience = self._connection.gettimeout()
        try:
            self._connection.settimeout(left)
            count = self._connection.recv_into(target[:READ_AHEAD])
        except TimeoutError:
            raise self._failed(Late()) from None
        except OSError as error:
            raise self._failed(error) from None
        finally:
            self._connection.settimeout(patience)
        self._reader.length -= count
        self._stream.failed = count == 0
        return count

    def _failed(self, error: Exception) -> Exception:
        # Nothing more is wanted of this connection, and where the next request would begin is unknown.
        self._stream.failed = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RD)
        return error
