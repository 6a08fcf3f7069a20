"""The path that the application is mounted under, and what depends on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import quote

from flask import Response, has_request_context, request

MOST = 16
"""Prefixes that documents are kept for: an application has one, or very few."""


def prefix() -> str:
    """Returns the path that the application is mounted under, as addresses have it: "" at the root."""
    return quote(request.script_root, safe="/:@!$&'()*+,;=~") if has_request_context() else ""


class Mounted:
    """A document that names addresses of the application, made once for each prefix."""

    def __init__(self, make: Callable[[str], Callable[[], Response]]) -> None:
        """Makes nothing yet; `make` returns what answers with the document under a prefix."""
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[str, Callable[[], Response]] = {}

    def at(self, place: str) -> Callable[[], Response]:
        """Returns what answers with the document under a prefix."""
        with self._lock:
            found = self._made.get(place)
            if found is None:
                if len(self._made) >= MOST:
                    self._made.clear()
                found = self._made[place] = self._make(place)
            return found

    def response(self) -> Response:
        """Answers a request."""
        return self.at(prefix())()
