"""The request body: read once, within limits of bytes, of time, and of what all bodies hold together."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np
from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ..errors import CANCELLED, OVER_CAPACITY, CallError
from .digests import Digest
from .intake import Direct, Late, client_socket
from .problems import Problem

STEP = 1 << 18
_READ = "eitherside.body_read"

Body = bytearray | memoryview


class Budget:
    """Bytes of bodies and answers that one process holds."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    def lease(self) -> Lease:
        """Returns a lease of no bytes yet."""
        return Lease(self)

    def change(self, count: int, *, force: bool = False) -> bool:
        """Adds `count` to what is used, unless that would be too much and is not forced."""
        with self._lock:
            if count > 0 and not force and self._used + count > self.total:
                return False
            self._used += count
            return True


class Lease:
    """One request's share of a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = 0

    def grow(self, count: int) -> None:
        """Takes `count` more bytes for a body.

        Raises:
            CallError: over_capacity, where other requests hold too much.
        """
        if not self._budget.change(count):
            raise CallError(OVER_CAPACITY, "other requests hold all the memory for bodies", retry_after=2)
        self._held += count

    def force(self, count: int) -> None:
        """Takes `count` more bytes for an answer that is there already: later bodies have to wait for it."""
        self._budget.change(count, force=True)
        self._held += count

    def release(self) -> None:
        """Gives everything back; further calls do nothing."""
        self._budget.change(-self._held)
        self._held = 0


def read(
    maximum: int, seconds: float, lease: Lease, cancelled: Callable[[], bool], *, searchable: bool = False
) -> tuple[Body, Digest | None]:
    """Reads the body into one buffer; where its length is announced and gunicorn serves, without any copy.

    Args:
        maximum: most bytes, whether announced or not.
        seconds: longest time until its end.
        lease: grows by what was read.
        cancelled: tells whether to stop; asked with each piece.
        searchable: gives a bytearray, which can be searched, but has to be cleared first.

    Returns:
        The body, and its digest, begun while nothing came; None where it is not begun.

    Raises:
        Problem: the body is encoded, too large, too slow or cut off.
        CallError: over_capacity, cancelled.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        detail = "the request body must not be compressed: send it without Content-Encoding"
        raise Problem("unsupported_media_type", detail, headers={"Accept-Encoding": "identity"})
    announced = request.content_length
    if announced is not None:
        if announced > maximum:
            raise _too_large(maximum)
        lease.grow(announced)
    direct = Direct.of(request.environ["wsgi.input"]) if announced is not None else None
    if announced is not None and direct is not None:
        found = _directly(direct, announced, seconds, cancelled, searchable)
    else:
        found = _by_stream(announced, maximum, seconds, lease, cancelled), None
    request.environ[_READ] = True
    return found


def _directly(
    direct: Direct, length: int, seconds: float, cancelled: Callable[[], bool], searchable: bool
) -> tuple[Body, Digest | None]:
    # Memory that nobody has cleared is taken from the system only as the body comes.
    data = bytearray(length) if searchable else np.empty(length, np.uint8).data
    view = memoryview(data)
    digest = None if searchable else Digest(view)
    end = time.monotonic() + seconds
    arrived = direct.begin(view)
    try:
        while arrived < length:
            if cancelled():
                raise CallError(CANCELLED, "the call was cancelled while its body arrived")
            if digest is not None and digest.behind(arrived) and not direct.ready():
                digest.step(arrived)
                continue
            count = direct.read_into(view[arrived:], end)
            if count == 0:
                raise _cut_off(arrived, length)
            arrived += count
    except Late:
        raise _too_slow(seconds) from None
    except OSError:
        raise Problem("bad_request", "the request body is cut off") from None
    return data, digest


def _by_stream(
    announced: int | None, maximum: int, seconds: float, lease: Lease, cancelled: Callable[[], bool]
) -> bytearray:
    # One more, because Werkzeug refuses to look for the end of a body that is just as long as it may be.
    request.max_content_length = maximum + 1
    data = bytearray()
    with _deadline(seconds, client_socket()) as late:
        try:
            while piece := request.stream.read(STEP):
                data += piece
                if len(data) > maximum or cancelled():
                    break
                if announced is None:
                    lease.grow(len(piece))
        except (RequestEntityTooLarge, CallError) as error:
            raise _too_large(maximum) if isinstance(error, RequestEntityTooLarge) else error from None
        except Exception:  # noqa: BLE001 -- each server has errors of its own for a malformed body
            if not late.is_set():
                raise Problem("bad_request", "the request body is cut off or malformed") from None
        if len(data) > maximum:
            raise _too_large(maximum)
        if cancelled():
            raise CallError(CANCELLED, "the call was cancelled while its body arrived")
        if late.is_set():
            raise _too_slow(seconds)
    # Some servers hide the early end of a body.
    if announced is not None and len(data) < announced:
        raise _cut_off(len(data), announced)
    return data


def _too_large(maximum: int) -> Problem:
    return Problem("body_too_large", f"the request body is longer than {maximum} bytes", limit=maximum)


def _too_slow(seconds: float) -> Problem:
    return Problem("body_timeout", f"the request body took longer than {seconds:g} s")


def _cut_off(arrived: int, announced: int) -> Problem:
    return Problem("bad_request", f"the request body ends after {arrived} of {announced} bytes")


def discard_rest(maximum: int, seconds: float, response: Response) -> Response:
    """Has what was not read of the request's body read and thrown away once `response` is sent.

    A client that sends all of its body before it looks at an answer would else find the connection reset, and
    might never see why; and what is left of the body must not be taken for the next request.

    Args:
        maximum: most bytes.
        seconds: longest time. Where either is exceeded, the connection is closed.
    """
    environ = request.environ
    # Other servers may not know where a body ends.
    if "gunicorn.socket" in environ and _READ not in environ and _has_body(environ):
        stream, connection = environ["wsgi.input"], client_socket()
        response.call_on_close(partial(_discard, stream, connection, maximum, seconds))
    return response


def _has_body(environ: Mapping[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _discard(stream: Any, connection: socket.socket | None, maximum: int, seconds: float) -> None:
    # Each server has errors of its own for a malformed body or a client that went away.
    with suppress(Exception), _deadline(seconds, connection) as late:
        rest = maximum
        while rest > 0 and not late.is_set() and (piece := stream.read(min(rest, STEP))):
            rest -= len(piece)


@contextmanager
def _deadline(seconds: float, connection: socket.socket | None) -> Iterator[threading.Event]:
    """Ends the reading of a body that comes too slowly, however little at a time it comes."""
    late = threading.Event()
    if connection is None:
        yield late
        return

    def end() -> None:
        late.set()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
