"""Server-sent events (the HTML standard, 9.2): what changes in a library, as long as somebody listens."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from ..store.errors import Refused, Unavailable
from .disconnect import Disconnect
from .intake import client_socket
from .state import Service

MEDIA_TYPE = "text/event-stream"
LAST_ID = "Last-Event-ID"

RETRY = 1000
"""Milliseconds after which a client is to come back."""

_SLICE = 0.5
_ID = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True)
class Event:
    """One event: its kind, its data, and the change after which a client that comes back goes on."""

    kind: str
    data: Any
    change: int

    def encoded(self) -> bytes:
        """Returns it as it is sent; JSON has no line breaks."""
        text = json.dumps(self.data, separators=(",", ":"))
        return f"event: {self.kind}\nid: {self.change}\ndata: {text}\n\n".encode()


def last_change() -> int | None:
    """Returns the change after which the client wants events; None: it has seen none."""
    given = request.headers.get(LAST_ID, "")
    return int(given) if _ID.match(given) else None


@dataclass(frozen=True)
class Batch:
    """Events, the change up to which they tell all, and whether no more will come."""

    change: int
    events: Sequence[Event]
    is_last: bool = False


def response(service: Service, library: str, seen: int, since: Callable[[int], Batch]) -> Response:
    """Answers with events for as long as the client listens.

    Args:
        service: of which.
        library: whose changes they tell.
        seen: the change after which they begin.
        since: returns the events after a change.

    Raises:
        CallError: over_capacity.
    """
    leave = service.streams.take()
    gone = Disconnect(client_socket())
    found = Response(_sent(service, library, seen, since, gone), content_type=MEDIA_TYPE)
    # A proxy that collects an answer first would hold it back for ever.
    found.headers["X-Accel-Buffering"] = "no"
    found.headers["Cache-Control"] = "no-store"
    found.call_on_close(leave)
    return found


def _sent(
    service: Service, library: str, seen: int, since: Callable[[int], Batch], gone: Disconnect
) -> Iterator[bytes]:
    yield f"retry: {RETRY}\n\n".encode()
    beat = time.monotonic()
    known: int | None = seen + 1
    try:
        while known is not None and not service.streams.is_closed and not gone.is_set():
            if known > seen:
                batch = since(seen)
                seen = batch.change
                yield b"".join(event.encoded() for event in batch.events)
                if batch.is_last:
                    return
                beat = time.monotonic()
            elif time.monotonic() - beat >= service.settings.event_beat:
                # A client that hears nothing for longer knows that the connection is dead.
                yield b":\n\n"
                beat = time.monotonic()
            known = service.store.watcher.wait(library, seen, _SLICE)
    except (Unavailable, Refused):
        # The client comes back by itself, and is told then.
        return
