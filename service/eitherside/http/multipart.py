"""multipart/form-data (RFC 7578), read from requests and written into answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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

MAX_HEADERS = 8
"""Most headers of a part."""

_BLANK = b"\r\n\r\n"

Parts = dict[str, list[memoryview]]


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


def read(body: bytes | bytearray, boundary: str, names: Mapping[str, int]) -> Parts:
    """Finds the parts of a body.

    Args:
        body: the whole of it.
        boundary: the parameter of its media type.
        names: for each part that may be there, how often it may.

    Returns:
        For each name its parts, in order: views of the body, not copies.

    Raises:
        Problem: the body is no multipart/form-data, is cut off, or has a part of another name or too many.
    """
    parts: Parts = {}
    view = memoryview(body)
    delimiter = f"\r\n--{boundary}".encode("ascii")
    try:
        at, is_last = _begin(body, delimiter)
        while not is_last:
            name, at = _head(body, at, boundary)
            held = _held(parts, name, names)
            end = _found(body, delimiter, at)
            held.append(view[at:end])
            at, is_last = _after(body, end + len(delimiter))
    except MultipartError as error:
        detail = f"the body is not well-formed {MEDIA_TYPE}, or is cut off: {error}"
        raise Problem("bad_request", detail) from None
    return parts


def _found(body: bytes | bytearray, delimiter: bytes, at: int) -> int:
    end = body.find(delimiter, at)
    if end < 0:
        raise MultipartError("it ends within a part")
    return end


def _begin(body: bytes | bytearray, delimiter: bytes) -> tuple[int, bool]:
    """Returns where the first part begins, and whether there is none."""
    # The line break before it belongs to a preamble, so the first boundary may do without.
    start = body.find(delimiter[2:])
    if start < 0:
        raise MultipartError("it has no boundary")
    if start and body[max(0, start - 2) : start] != b"\r\n":
        raise MultipartError("unexpected bytes in front of the first boundary")
    return _after(body, start + len(delimiter) - 2)


def _after(body: bytes | bytearray, at: int) -> tuple[int, bool]:
    """Returns where it goes on after the boundary that ends at `at`, and whether that was the last one."""
    tail = body[at : at + 2]
    if tail not in (b"\r\n", b"--"):
        raise MultipartError("unexpected bytes after a boundary")
    return at + 2, tail == b"--"


def _head(body: bytes | bytearray, at: int, boundary: str) -> tuple[str, int]:
    """Returns the name of the part whose headers begin at `at`, and where its contents begin."""
    # The line break of the boundary before, where there are no headers.
    end = body.find(_BLANK, at - 2, at + MAX_HEADERS * MAX_HEADER)
    if end < 0:
        raise MultipartError("the headers of a part have no end, or are too long")
    end += len(_BLANK)
    # The library reads headers, but would copy the contents.
    alone = f"--{boundary}\r\n".encode("ascii") + bytes(body[at:end])
    parser = PushMultipartParser(boundary, max_header_size=MAX_HEADER, max_header_count=MAX_HEADERS)
    for event in parser.parse(alone):
        if isinstance(event, MultipartSegment):
            return str(event.name), end
    raise MultipartError("the headers of a part are malformed")


def _held(parts: Parts, name: str, names: Mapping[str, int]) -> list[memoryview]:
    """Returns the parts of that name so far, if there may be another one."""
    if name not in names:
        shown = json.dumps(name[:80])
        known = ", ".join(names)
        raise Problem("bad_input", f"there is no part of the name {shown}; parts: {known}", input=name[:80])
    held = parts.setdefault(name, [])
    if len(held) >= names[name]:
        raise Problem("bad_input", f"the part {name} is given more than {names[name]} times", input=name)
    return held


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
