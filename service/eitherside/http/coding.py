"""Content codings: what is sent compressed, and to whom.

Documents, pages, scripts and the module are; each is compressed once and pays for itself many times. The
answers of calls never are: images are compressed already, and raw samples would take longer to compress here
than they take on most networks. Who wants those smaller asks for them in a format of images.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import brotli
from flask import Response, request
from werkzeug.wsgi import FileWrapper

from .sending import STEP

ENDINGS = {"br": ".br", "gzip": ".gz"}
"""Endings of the names of files that are compressed, by coding; the first is the better one."""

IDENTITY = "identity"

LEAST = 1024
"""Bytes under which nothing is compressed: it would arrive no sooner."""

_WORTH = 0.9


# 11 takes ten times as long as 9, and somebody waits. No time stamp: the same bytes from every process.
_PACK: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda data: bytes(brotli.compress(data, quality=9)),
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
}


def preferred(available: Collection[str]) -> str:
    """Returns which of the codings `available` the client likes best (RFC 9110, 12.5.3); ranges have none."""
    accept = request.accept_encodings
    if "Range" in request.headers or not accept:
        return IDENTITY
    rated = [(accept.quality(name), -rank, name) for rank, name in enumerate(ENDINGS) if name in available]
    best = max(rated, default=(0.0, 0, IDENTITY))
    # Named alone, as a wildcard is no wish for something larger.
    plain = max((quality for name, quality in accept if name.lower() == IDENTITY), default=0.0)
    return best[2] if best[0] > 0 and best[0] >= plain else IDENTITY


class Coded:
    """Bytes that never change, in each coding; compressed when somebody first asks for one."""

    def __init__(
        self,
        data: bytes,
        etag: str,
        media_type: str,
        caching: str,
        made: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        """Makes nothing yet.

        Args:
            data: the bytes as they are.
            etag: the strong entity tag of those.
            media_type, caching: Content-Type and Cache-Control.
            made: files that have them compressed already, by coding.
        """
        self.data = data
        self.etag = etag
        self.media_type = media_type
        self.caching = caching
        self._made = made
        self._coded = {IDENTITY: data}

    def in_coding(self, coding: str) -> bytes:
        """Returns them in a coding."""
        if coding not in self._coded:
            # Two that ask at once may do it twice.
            made = self._made.get(coding)
            self._coded[coding] = made.read_bytes() if made is not None else _PACK[coding](self.data)
        return self._coded[coding]

    def response(self) -> Response:
        """Returns them in the coding that the client prefers; parts of them come uncompressed."""
        coding = preferred(ENDINGS if len(self.data) >= LEAST else ())
        data = self.in_coding(coding)
        if len(data) > _WORTH * len(self.data):
            coding, data = IDENTITY, self.data
        file = FileWrapper(BytesIO(data), STEP)
        response = Response(file, content_type=self.media_type, direct_passthrough=True)
        response.content_length = len(data)
        # Each coding is another representation, and a strong tag must tell them apart.
        response.set_etag(self.etag if coding == IDENTITY else f"{self.etag}-{coding}")
        response.headers["Cache-Control"] = self.caching
        response.headers["Vary"] = "Accept-Encoding"
        if coding == IDENTITY:
            response.make_conditional(request, accept_ranges=True, complete_length=len(data))
        else:
            response.headers["Content-Encoding"] = coding
            response.make_conditional(request)
        return response
