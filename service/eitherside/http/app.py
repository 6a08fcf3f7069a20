"""The application factory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response

from ..errors import ErrorKind
from ..module import Module
from ..settings import Settings
from . import (
    body,
    calls,
    capacity,
    description,
    headers,
    health,
    manifest,
    openapi,
    pages,
    problems,
    stored,
    tickets,
)
from .description import dump, json_response
from .intake import client_socket
from .mounting import Mounted
from .shared import Shared
from .state import Service


def create_app(
    settings: Settings | None = None, module: Module | None = None, shared: Shared | None = None
) -> Flask:
    """Makes the WSGI application. Nothing is compiled and no thread started before the first call.

    It works under a prefix, too, which WSGI's SCRIPT_NAME tells: mounted in another application, say. Its
    `extensions["eitherside"]` is the `Service`, whose `close` ends all that it has begun.

    Args:
        settings: those of the environment where absent.
        module: the one that the settings name where absent.
        shared: what the processes of one service share; its own where absent.

    Raises:
        SettingsError: a setting cannot be used.
        ModuleError: the module cannot be read.
    """
    settings = settings if settings is not None else Settings.load()
    service = Service(settings, module, shared)
    app = Flask("eitherside", static_folder=None)
    # A redirect would lose the body of a request, so an address is right or not there.
    app.url_map.merge_slashes = False
    app.extensions["eitherside"] = service
    problems.register(app)
    headers.register(
        app, service.module.sha256, frozenset(settings.allowed_origins), is_public=settings.public_element
    )
    # Later than the limit of the whole body, so that one tells the client.
    app.before_request(partial(_patience, settings.body_time + 5))
    app.after_request(partial(capacity.tell, service))
    app.after_request(partial(body.discard_rest, int(settings.max_body), settings.body_time))
    for endpoint in service.endpoints.values():
        view = partial(calls.call, service, endpoint)
        app.add_url_rule(f"/v1/{endpoint.name}", f"call {endpoint.name}", view, methods=["POST"])
    app.add_url_rule("/v1/calls/<name>", "cancel", partial(tickets.cancel, service.board), methods=["DELETE"])
    app.add_url_rule("/v1/results/<key>", "result", partial(calls.result, service))
    app.add_url_rule("/v1/capacity", "capacity", partial(capacity.response, service))
    if settings.libraries:
        stored.register(app, service)
    _add_documents(app, service)
    app.add_url_rule("/healthz", "healthz", health.healthy)
    app.add_url_rule("/readyz", "readyz", partial(health.ready, service))
    app.add_url_rule("/manifest.webmanifest", "manifest", manifest.response(service))
    app.add_url_rule(f"/{manifest.SHARE}", "share", manifest.unshared, methods=["POST"])
    app.add_url_rule("/", "index", partial(pages.page, pages.INDEX))
    app.add_url_rule("/<path>", "file", pages.page)
    app.add_url_rule("/assets/<path:path>", "asset", pages.asset)
    return app


def _add_documents(app: Flask, service: Service) -> None:
    makers = {"/v1/interface": description.document, "/openapi.json": openapi.document}
    for path, make in makers.items():
        document = Mounted(partial(_response, make, service))
        # Made now, so that what is wrong with it is no surprise later.
        document.at("")
        app.add_url_rule(path, path, document.response)
    file = description.module_file(service)
    app.add_url_rule(description.module_path(service), "module", file.response)
    kinds = problems.catalogue(service.interface)
    app.add_url_rule("/problems/<code>", "problem", partial(_problem, kinds))


def _response(
    make: Callable[[Service, str], dict[str, Any]], service: Service, prefix: str
) -> Callable[[], Response]:
    return json_response(dump(make(service, prefix)))


def _problem(kinds: dict[str, ErrorKind], code: str) -> Response:
    kind = kinds.get(code)
    if kind is None:
        raise problems.Problem("not_found", "there is no problem of this name")
    return json_response(dump({"code": kind.code, "title": kind.title, "status": kind.status}))()


def _patience(seconds: float) -> None:
    """Limits the time of each read and write on the connection: a silent client holds no thread for ever."""
    connection = client_socket()
    if connection is not None:
        connection.settimeout(seconds)
