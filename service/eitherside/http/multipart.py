"""multipart/form-data (RFC 7578), read from requests and written into answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from multipart import MultipartError, MultipartSegment, PushMultipartParser
from urllib3.fields import RequestField

from ..host import Buffer
from .problems import Problem

MEDIA_TYPE = "multipart/form-data"
OPTIONS = "options"
RESULT = "result"
MAX_HEADER = 4 << 10
"""Most bytes of one header of a part."""

Parts = dict[str, list[bytearray]]


class Part(Protocol):
    """A buffer with a name and a media type: an output of the host's, or one that was kept."""

    @property
    def name(self) -> str:
        """Its name in the interface."""

    @property
    def media_type(self) -> str:
        """Its media type."""

    @property
    def data(self) -> Buffer:
        """Its bytes."""


def read(pieces: Iterable[bytes], boundary: str, names: Mapping[str, int]) -> Parts:
    """Reads the parts of a body.

    Args:
        pieces: the body as it comes.
        boundary: the parameter of its media type.
        names: for each part that may be there, how often it may.

    Raises:
        Problem: the body is no multipart/form-data, is cut off, or has a part of another name or too many.
    """
    parts: Parts = {}
    current = bytearray()
    try:
        with PushMultipartParser(boundary, max_header_size=MAX_HEADER) as parser:
            # An empty piece would say that the body ends.
            for piece in filter(None, pieces):
                for event in parser.parse(piece):
                    if isinstance(event, MultipartSegment):
                        current = _begin(parts, event.name, names)
                    elif event is not None:
                        current += event
    except MultipartError as error:
        detail = f"the body is not well-formed {MEDIA_TYPE}, or is cut off: {error}"
        raise Problem("bad_request", detail) from None
    return parts


def _begin(parts: Parts, name: str, names: Mapping[str, int]) -> bytearray:
    if name not in names:
        shown = json.dumps(name[:80])
        known = ", ".join(names)
        raise Problem("bad_input", f"there is no part of the name {shown}; parts: {known}", input=name[:80])
    held = parts.setdefault(name, [])
    if len(held) >= names[name]:
        raise Problem("bad_input", f"the part {name} is given more than {names[name]} times", input=name)
    held.append(bytearray())
    return held[-1]


def write(
    result: Mapping[str, Any], outputs: Sequence[Part], boundary: str
) -> list[bytes | bytearray | memoryview]:
    """Returns the pieces of a body: the part ``result``, then the outputs; buffers are not copied."""
    pieces: list[bytes | bytearray | memoryview] = []
    # A part without a file name is text to whoever reads it, so buffers have one.
    fields = [_field(RESULT, None, "application/json")] + [
        _field(item.name, item.name, item.media_type) for item in outputs
    ]
    bodies = [json.dumps(result).encode("ascii"), *(item.data for item in outputs)]
    for field, data in zip(fields, bodies, strict=True):
        pieces += [f"--{boundary}\r\n{field.render_headers()}".encode(), data, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return pieces


def _field(name: str, filename: str | None, media_type: str) -> RequestField:
    field = RequestField(name, b"", filename=filename)
    field.make_multipart(content_type=media_type)
    return field
