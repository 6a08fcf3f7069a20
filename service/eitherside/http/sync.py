"""``/v1/libraries/{id}/docs/{name}/sync`` and ``/v1/libraries/{id}/events``: what several clients work on.

A document is a Yjs one. A body is messages of y-protocols/sync one after the other, without a prefix: step 1
with a state vector, step 2 or update with an update; so is the answer.
"""

from __future__ import annotations

import re

from flask import Response, request

from ..store.errors import not_found
from . import access, body, events, jobs
from .calls import UNLABELLED
from .endpoints import OCTETS
from .mounting import prefix
from .problems import Problem
from .state import Service

NAME_PATTERN = "^[A-Za-z0-9_.-]{1,64}$"
_NAME = re.compile(NAME_PATTERN)
_MOST = 1000
"""Events told at once."""


def sync(service: Service, library: str, name: str) -> Response:
    """Takes a client's messages and answers them.

    Raises:
        Problem: bad_update, unsupported_media_type, body_too_large, body_timeout.
        Refused: see `store.documents.Documents.sync`.
        Unavailable: the document cannot be had.
    """
    owner = access.library(service, library)
    if not _NAME.match(name):
        raise not_found("document")
    if request.mimetype not in UNLABELLED:
        raise Problem("unsupported_media_type", f"messages have the type {OCTETS}", media_types=[OCTETS])
    lease = service.budget.lease()
    try:
        most = int(service.settings.sync_bytes)
        data, _ = body.read(most, service.settings.body_time, lease, lambda: False)
        answer = service.store.documents.sync(owner, name, bytes(data))
    finally:
        lease.release()
    response = Response(answer, content_type=OCTETS)
    response.headers["Cache-Control"] = "no-store"
    return response


def listen(service: Service, library: str) -> Response:
    """Tells which documents and jobs of a library change, from now on or after ``Last-Event-ID``.

    Raises:
        CallError: over_capacity, where too many listen.
    """
    owner = access.library(service, library)
    store, place = service.store, prefix()
    given = events.last_change()
    begun = given is not None

    def since(seen: int) -> events.Batch:
        nonlocal begun
        change = store.libraries.facts(owner).changes
        if not begun:
            # What is there at the beginning, the client reads; it is told where events begin.
            begun = True
            return events.Batch(change, [events.Event("library", {"changes": change}, change)])
        made = [
            events.Event("document", {"name": each.name, "change": each.changed}, each.changed)
            for each in store.documents.since(owner, seen, _MOST)
        ]
        made += [jobs.event(service, each, place) for each in store.jobs.since(owner, seen, _MOST)]
        # What has changed since the look at the counter is told with the next.
        made = sorted((event for event in made if event.change <= change), key=lambda event: event.change)
        del made[_MOST:]
        if len(made) == _MOST:
            change = made[-1].change
        return events.Batch(change, made)

    return events.response(service, owner, -1 if given is None else given, since)
