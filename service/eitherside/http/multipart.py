"""multipart/form-data (RFC 7578), read from requests and written into answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from urllib3.fields import RequestField
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ..host import Output
from .problems import Problem

OPTIONS = "options"
RESULT = "result"
MAX_HEADERS = 16 << 10
"""Most bytes of one part's headers."""

Parts = dict[str, list[bytearray]]


def read(pieces: Iterable[bytes], boundary: str, names: Mapping[str, int]) -> Parts:
    """Reads the parts of a body.

    Args:
        pieces: the body as it comes.
        boundary: the parameter of its media type.
        names: for each part that may be there, how often it may.

    Raises:
        Problem: the body is no multipart/form-data, is cut off, or has a part of another name or too many.
    """
    try:
        decoder = MultipartDecoder(boundary.encode("ascii"), max_parts=sum(names.values()))
        return _collect(decoder, pieces, names)
    except RequestEntityTooLarge:
        raise Problem("bad_input", "the body has more parts than the function takes") from None
    except (ValueError, KeyError, AssertionError, AttributeError):
        raise Problem(
            "bad_request", "the body is not well-formed multipart/form-data, or is cut off"
        ) from None


def _collect(decoder: MultipartDecoder, pieces: Iterable[bytes], names: Mapping[str, int]) -> Parts:
    parts: Parts = {}
    current: bytearray | None = None
    for piece in _ended(pieces):
        decoder.receive_data(piece)
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, Epilogue):
                return parts
            if isinstance(event, Field | File):
                current = _begin(parts, event.name, names)
            elif isinstance(event, Data) and current is not None:
                current += event.data
        if current is None and len(decoder.buffer) > MAX_HEADERS:
            raise Problem("bad_request", "the body has too much before its first part")
    return parts


def _ended(pieces: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from pieces
    yield None


def _begin(parts: Parts, name: str | None, names: Mapping[str, int]) -> bytearray:
    if not name or name not in names:
        shown = json.dumps((name or "")[:80])
        raise Problem(
            "bad_input",
            f"there is no part of the name {shown}; parts: {', '.join(names)}",
            input=(name or "")[:80],
        )
    held = parts.setdefault(name, [])
    if len(held) >= names[name]:
        raise Problem("bad_input", f"the part {name} is given more than {names[name]} times", input=name)
    held.append(bytearray())
    return held[-1]


def write(
    result: Mapping[str, Any], outputs: Sequence[Output], boundary: str
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
