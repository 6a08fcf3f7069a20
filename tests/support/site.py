"""Somebody else's site: pages and files on an origin of their own, sent whole or when the test says so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from .loopback import loopback

TYPES = {".html": "text/html", ".js": "text/javascript", ".jxl": "image/jxl", ".png": "image/png"}


@dataclass
class File:
    """A file: what it is sent as, and with what headers.

    Attributes:
        pieces: of its contents.
        allowed: how many of the pieces may go.
        gone: set once a client has left before the end.
    """

    pieces: Sequence[bytes]
    headers: Mapping[str, str]
    allowed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gone: threading.Event = field(default_factory=threading.Event)

    def release(self, count: int = 1) -> None:
        """Lets the next pieces go."""
        self.allowed.release(count)


class Site:
    """The site.

    Attributes:
        origin: where it is.
        asked: how often each path was asked for.
    """

    def __init__(self) -> None:
        self.origin = ""
        self.asked: Counter[str] = Counter()
        self.files: dict[str, File] = {}
        self.is_over = threading.Event()

    @property
    def alias(self) -> str:
        """The same server by another name, which makes it another origin."""
        return self.origin.replace("127.0.0.1", "localhost")

    def put(self, path: str, body: bytes | str, **headers: str) -> str:
        """Has a file sent at once; gives its address. Underscores in the headers' names stand for hyphens."""
        file = self.hold(path, [body.encode() if isinstance(body, str) else body], **headers)
        file.release(1_000_000)
        return self.origin + path

    def hold(self, path: str, pieces: Sequence[bytes], **headers: str) -> File:
        """Has a file sent piece by piece, each when it is released."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.files[path] = File(pieces, named)
        return self.files[path]

    def page(self, path: str, html: str, **headers: str) -> str:
        """Puts a page there, with a title and a language as every page should have; gives its address."""
        start = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>'
        return self.put(path, f"{start}{html}", **headers)


def _send(handler: BaseHTTPRequestHandler, site: Site, path: str, file: File) -> None:
    ending = path[path.rfind(".") :]
    handler.send_response(200)
    handler.send_header("Content-Type", TYPES.get(ending, "application/octet-stream"))
    handler.send_header("Content-Length", str(sum(map(len, file.pieces))))
    for name, text in file.headers.items():
        handler.send_header(name, text)
    handler.end_headers()
    for piece in file.pieces:
        while not file.allowed.acquire(timeout=0.05):
            if site.is_over.is_set() or _has_left(handler):
                file.gone.set()
                return
        handler.wfile.write(piece)
        handler.wfile.flush()


def _has_left(handler: BaseHTTPRequestHandler) -> bool:
    """Whether the client has closed the connection: what it sends then is its end."""
    handler.connection.settimeout(0.001)
    try:
        return not handler.connection.recv(1)
    except TimeoutError:
        handler.connection.settimeout(None)
        return False
    except OSError:
        return True


@contextmanager
def other_site() -> Iterator[Site]:
    """Runs a site on a free port of the loopback."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            site.asked[path] += 1
            file = site.files.get(path)
            self.close_connection = True
            if path == "/favicon.ico":
                self.send_response(204)
                self.end_headers()
            elif file is None:
                self.send_error(404)
            else:
                _send(self, site, path, file)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with loopback(Handler) as site.origin:
        try:
            yield site
        finally:
            site.is_over.set()
