"""The viewer's files, as they were built."""

from __future__ import annotations

from pathlib import Path

from flask import Response, send_from_directory

from ..module import shipped_folder
from .description import IMMUTABLE
from .headers import PAGE_POLICY
from .problems import Problem

INDEX = "index.html"
ASSETS = "assets"


def folder() -> Path:
    """Returns where the viewer is built to."""
    return shipped_folder() / "static"


def page(path: str) -> Response:
    """Returns one of the viewer's files that keep their names while their contents change.

    Raises:
        Problem: not_found, where the viewer has not been built.
        NotFound: there is no such file.
    """
    if path == INDEX and not (folder() / INDEX).is_file():
        raise Problem(
            "not_found", "the viewer is not built; the service is at /v1/interface and /openapi.json"
        )
    return _file(path, "no-cache")


def asset(path: str) -> Response:
    """Returns one of the viewer's files that have a digest of their contents in their names.

    Raises:
        NotFound: there is no such file.
    """
    return _file(f"{ASSETS}/{path}", IMMUTABLE)


def _file(path: str, caching: str) -> Response:
    response = send_from_directory(folder(), path, conditional=True)
    response.headers["Cache-Control"] = caching
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
