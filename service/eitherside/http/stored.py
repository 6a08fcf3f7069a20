"""The addresses of libraries and of what is in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response

from ..errors import SettingsError
from ..store.errors import Refused, Unavailable
from . import blobs, jobs, libraries, problems, sync, uploads
from .state import Service

_LIBRARY = "/v1/libraries/<library>"


def register(app: Flask, service: Service) -> None:
    """Adds the addresses to an application; the database is opened by the first request that needs it."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(SettingsError, _unavailable)

    def add(path: str, method: str, view: Callable[..., Response]) -> None:
        # Where OPTIONS tells more than the methods, that is an address of its own below.
        own = path.endswith("/blobs")
        options = None if not own else False
        app.add_url_rule(
            path,
            f"{method} {path}",
            partial(view, service),
            methods=[method],
            provide_automatic_options=options,
        )

    add("/v1/libraries", "POST", libraries.create)
    add(_LIBRARY, "GET", libraries.tell)
    add(_LIBRARY, "DELETE", libraries.remove)
    add(f"{_LIBRARY}/blobs", "POST", uploads.begin)
    add(f"{_LIBRARY}/blobs", "OPTIONS", partial(uploads.options, app))
    add(f"{_LIBRARY}/blobs/<digest>", "GET", blobs.get)
    add(f"{_LIBRARY}/blobs/<digest>", "DELETE", blobs.remove)
    add(f"{_LIBRARY}/uploads/<upload>", "HEAD", uploads.tell)
    add(f"{_LIBRARY}/uploads/<upload>", "PATCH", uploads.append)
    add(f"{_LIBRARY}/uploads/<upload>", "DELETE", uploads.cancel)
    add(f"{_LIBRARY}/docs/<name>/sync", "POST", sync.sync)
    add(f"{_LIBRARY}/events", "GET", sync.listen)
    add("/v1/jobs", "POST", jobs.submit)
    add("/v1/jobs/<job>", "GET", jobs.tell)
    add("/v1/jobs/<job>", "DELETE", jobs.cancel)
    add("/v1/jobs/<job>/events", "GET", jobs.listen)


def _refused(error: Refused) -> Response:
    facts: dict[str, Any] = error.facts
    kind = problems.kind(error.code)
    return problems.render(kind, error.message, headers=error.headers, **facts)


def _unavailable(error: Unavailable | SettingsError) -> Response:
    problems.log.error("libraries: %s", error)
    detail = (
        str(error)
        if isinstance(error, Unavailable)
        else "a setting of the service is wrong; its log tells why"
    )
    return problems.render(problems.kind("storage_unavailable"), detail, headers={"Retry-After": "10"})
