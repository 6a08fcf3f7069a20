"""Files of this machine that the viewer is opened on: these alone, at addresses that cannot be guessed."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlencode

from flask import Flask, Response, send_file
from markupsafe import Markup

from . import pages
from .headers import PAGE_POLICY
from .problems import Problem

OCTETS = "application/octet-stream"

BEAT = 2.0
"""Seconds between two signs of life to a page; the first that does not arrive tells that it is gone."""

_ALIVE = """\
// Held open as long as the page is: by its end the command that opened the page knows that it may end.
new EventSource(new URL("alive", import.meta.url));
"""


@dataclass(frozen=True)
class OpenedFile:
    """A file to be seen.

    Attributes:
        name: what it is called.
        path: where it is read anew for each request; None: `data` is it.
        data: its bytes.
    """

    name: str
    path: Path | None = None
    data: bytes = b""


class Opened:
    """Serves files under a path that nobody can guess, and knows whether a page has them open.

    The pages are those that ask for `alive` and keep listening. Everything is read-only.
    """

    def __init__(self, files: Sequence[OpenedFile]) -> None:
        """Chooses the path."""
        self._files = files
        self._token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._pages = 0
        self._seen = False
        self._since = time.monotonic()
        self._closed = threading.Event()

    def register(self, app: Flask) -> None:
        """Adds the files to an application, and has its page tell that it is there."""
        app.add_url_rule("/opened/<token>/<int:index>/<name>", "opened file", self._file)
        app.add_url_rule("/opened/<token>/alive.js", "opened script", self._script)
        app.add_url_rule("/opened/<token>/alive", "opened alive", self._alive)
        app.view_functions["index"] = partial(_index, f"./opened/{self._token}/alive.js")

    def query(self) -> str:
        """Returns the query by which the page opens the files: `src`, relative to the page, for each."""
        found = [
            ("src", f"opened/{self._token}/{index}/{_segment(file.name)}")
            for index, file in enumerate(self._files)
        ]
        return urlencode(found, safe="/")

    def is_left(self, seconds: float) -> bool:
        """Tells whether pages were there, and none is since `seconds`."""
        with self._lock:
            return self._seen and not self._pages and time.monotonic() - self._since >= seconds

    def close(self) -> None:
        """Ends what pages listen to."""
        self._closed.set()

    def _check(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(errors="replace"), self._token.encode()):
            raise Problem("not_found", "there is nothing at this address")

    def _file(self, token: str, index: int, name: str) -> Response:
        self._check(token)
        if index >= len(self._files) or _segment(self._files[index].name) != _segment(name):
            raise Problem("not_found", "there is nothing at this address")
        file = self._files[index]
        try:
            what = BytesIO(file.data) if file.path is None else _regular(file.path)
            response = send_file(what, OCTETS, conditional=True, etag=False, max_age=0)
        except OSError as error:
            raise Problem("not_found", f"the file cannot be read: {error.strerror}") from None
        response.headers["Cache-Control"] = "no-store"
        return response

    def _script(self, token: str) -> Response:
        self._check(token)
        return Response(
            _ALIVE, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-store"}
        )

    def _alive(self, token: str) -> Response:
        self._check(token)
        return Response(
            self._beats(), content_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    def _beats(self) -> Iterator[bytes]:
        with self._lock:
            self._pages += 1
            self._seen = True
        try:
            while not self._closed.is_set():
                yield b":\n\n"
                self._closed.wait(BEAT)
        finally:
            with self._lock:
                self._pages -= 1
                self._since = time.monotonic()


def _segment(name: str) -> str:
    """Returns a name as one segment of an address; what of it is no text is replaced."""
    return quote(name, safe="", errors="replace")


def _regular(path: Path) -> Path:
    # A pipe or a device in its place would never end.
    if not path.is_file():
        raise FileNotFoundError(2, os.strerror(2))
    return path


def _index(script: str) -> Response:
    """Returns the viewer's page with the script that tells of it."""
    file = pages.folder() / pages.INDEX
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        raise Problem("not_found", "the viewer is not built (make static)") from None
    tag = Markup('<script type="module" src="{}"></script></head>').format(script)
    # A page of no build keeps nothing for later, when nobody will be at this port.
    text = re.sub(r'<meta name="build"[^>]*>', "", text, count=1).replace("</head>", tag, 1)
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response
