"""A page's server that sends a file in pieces, each when the test says so; all else comes from a service."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from server import Server

from .loopback import loopback


class Drip:
    """What is sent: `pieces` one after the other, as many as `release` has allowed.

    Attributes:
        origin: of the server; an empty page is at its root.
        gone: set once a client has left before the end.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces
        self.origin = ""
        self.gone = threading.Event()
        self._allowed = threading.Semaphore(0)
        self._over = threading.Event()

    @property
    def url(self) -> str:
        """Where the file is."""
        return f"{self.origin}/file"

    def release(self, count: int = 1) -> None:
        """Lets the next pieces go."""
        self._allowed.release(count)

    def end(self) -> None:
        """Lets go of every connection."""
        self._over.set()
        self.release(len(self.pieces))

    def send(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers a request."""
        handler.send_response(200)
        handler.send_header("Content-Type", "application/octet-stream")
        handler.send_header("Content-Length", str(sum(map(len, self.pieces))))
        handler.end_headers()
        for piece in self.pieces:
            while not self._allowed.acquire(timeout=0.05):
                # What a client that has left sends is its end.
                handler.connection.settimeout(0.001)
                try:
                    if not handler.connection.recv(1):
                        self.gone.set()
                        return
                except TimeoutError:
                    pass
                except OSError:
                    self.gone.set()
                    return
                handler.connection.settimeout(None)
            if self._over.is_set():
                return
            handler.wfile.write(piece)
            handler.wfile.flush()


def _forward(handler: BaseHTTPRequestHandler, service: Server) -> None:
    reply = service.get(handler.path)
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.headers["content-type"])
    handler.send_header("Content-Length", str(len(reply.body)))
    handler.end_headers()
    handler.wfile.write(reply.body)


@contextmanager
def dripping(pieces: Sequence[bytes], service: Server) -> Iterator[Drip]:
    """Runs such a server on a free port of the loopback, before a service."""
    drip = Drip(pieces)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/file":
                drip.send(self)
            elif self.path == "/":
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html>")
            else:
                _forward(self, service)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with loopback(Handler) as drip.origin:
        try:
            yield drip
        finally:
            drip.end()
