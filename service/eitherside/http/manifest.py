"""What makes the viewer an application that can be installed (W3C Web Application Manifest)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response

from .coding import Coded
from .description import dump
from .mounting import prefix
from .state import Service

SHARE = "share"
"""Where other applications share files to: the viewer's service worker takes them."""

FILES = "files"
"""Field of the form in which they come."""

ICON = "icon.svg"
ACCENT = "#1f5fae"
PAGE = "#f6f7f9"


def document(service: Service) -> dict[str, Any]:
    """Returns the manifest: names, looks, and the formats that the module or the service reads.

    Addresses in it are relative to its own, so that it holds under any prefix.
    """
    accept = _accepted(service)
    return {
        "id": "./",
        "name": "Eitherside",
        "short_name": "Eitherside",
        "description": service.interface.summary,
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": PAGE,
        "icons": [{"src": ICON, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        "file_handlers": [{"action": "./", "accept": accept}],
        # A window that shows files keeps them: what is opened next gets one of its own.
        "launch_handler": {"client_mode": "navigate-new"},
        "share_target": {
            "action": SHARE,
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": FILES, "accept": _flat(accept)}]},
        },
    }


def response(service: Service) -> Callable[[], Response]:
    """Returns what answers with the manifest."""
    text = dump(document(service))
    return Coded(text, hashlib.sha256(text).hexdigest(), "application/manifest+json", "no-cache").response


def unshared() -> Response:
    """Answers files that were shared before there was a service worker to take them: the page says so."""
    headers = {"Location": f"{prefix()}/?unshared=service", "Cache-Control": "no-store"}
    return Response(status=303, headers=headers)


def _accepted(service: Service) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in (*service.interface.formats.values(), *service.foreign.formats):
        if item.read:
            endings = found.setdefault(item.media_type, [])
            endings += [f".{ending}" for ending in item.extensions if f".{ending}" not in endings]
    return found


def _flat(accept: dict[str, list[str]]) -> list[str]:
    return [*accept, *(ending for endings in accept.values() for ending in endings)]
