"""Calls by id: ``Eitherside-Call``, and ``DELETE /v1/calls/<id>``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, request

from ..errors import CANCELLED, CallError
from .board import Board, Taken
from .disconnect import Disconnect
from .intake import client_socket
from .problems import Problem

HEADER = "Eitherside-Call"
PATTERN = "^[A-Za-z0-9_-]{16,64}$"
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
_WHAT = "16 to 64 characters of A-Z, a-z, 0-9, hyphen and underscore, chosen at random"


@contextmanager
def registered(board: Board) -> Iterator[Disconnect]:
    """Registers the request's call under its id, if it has one, for the length of a with block.

    Yields:
        What is set when the client is gone or the call cancelled.

    Raises:
        Problem: bad_request, the id is malformed; call_in_use, another call has it.
        CallError: cancelled, before it came.
    """
    name = request.headers.get(HEADER)
    if name is None:
        place = None
    elif not _ID.match(name):
        raise Problem("bad_request", f"the header {HEADER} is not {_WHAT}")
    else:
        place = board.take(name)
    if place is Taken.IN_USE:
        raise Problem("call_in_use", f"a call with this {HEADER} runs or waits: each needs an id of its own")
    if place is Taken.CANCELLED:
        raise CallError(CANCELLED, "the call was cancelled before it arrived")
    cancelled = (lambda: board.cancelled(place)) if place is not None else (lambda: False)
    event = Disconnect(client_socket(), cancelled)
    try:
        yield event
    finally:
        event.forget()
        if place is not None:
            board.release(place)


def cancel(board: Board, name: str) -> Response:
    """Cancels the call with the id `name`. Whether there is one, the answer does not tell.

    Raises:
        Problem: bad_request, the id is malformed.
    """
    if not _ID.match(name):
        raise Problem("bad_request", f"the id of a call is {_WHAT}")
    board.cancel(name)
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = "no-store"
    return response
