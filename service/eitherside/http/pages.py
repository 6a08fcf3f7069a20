"""The viewer's files, as they were built."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Response, send_from_directory
from werkzeug.security import safe_join

from ..module import shipped_folder
from .coding import ENDINGS, IDENTITY, preferred
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
    coding = preferred(_codings(path))
    if coding == IDENTITY:
        response = send_from_directory(folder(), path, conditional=True)
    else:
        kind = mimetypes.guess_type(path)[0]
        response = send_from_directory(folder(), path + ENDINGS[coding], mimetype=kind, conditional=True)
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = caching
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _codings(path: str) -> list[str]:
    """Returns the codings in which the build has left a file, if it has done so since the file was made."""
    plain = safe_join(str(folder()), path)
    if plain is None or "\0" in path:
        return []
    try:
        made = Path(plain).stat().st_mtime_ns
        found = {coding: Path(plain + ending) for coding, ending in ENDINGS.items()}
        return [
            coding for coding, file in found.items() if file.is_file() and file.stat().st_mtime_ns >= made
        ]
    except OSError:
        return []
