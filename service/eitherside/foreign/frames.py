"""Length-prefixed messages on pipes: a JSON head and a body of bytes, each behind its length.

Used by both ends, so it imports nothing but the standard library. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTHS = struct.Struct("<IQ")
"""Length of the head and of the body in bytes, little endian."""

MAX_HEAD = 1 << 20


class BrokenMessage(ValueError):
    """The bytes are no message."""


def pack(head: dict[str, Any], body: bytes | memoryview = b"") -> tuple[bytes, bytes | memoryview]:
    """Returns a message as two pieces, to be written one after the other; the body is not copied."""
    text = json.dumps(head, ensure_ascii=True, allow_nan=False).encode("ascii")
    return LENGTHS.pack(len(text), len(body)) + text, body


def read(stream: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Reads one message.

    Raises:
        BrokenMessage: the stream ended early, or the head is not a JSON object.
    """
    head_length, body_length = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    if head_length > MAX_HEAD:
        raise BrokenMessage("the head is too long")
    head = _head(_exactly(stream, head_length))
    return head, _exactly(stream, body_length)


def unpack(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """Splits the bytes of exactly one message; the body is a view of `data`.

    Raises:
        BrokenMessage: they are not exactly one message.
    """
    if len(data) < LENGTHS.size:
        raise BrokenMessage("the message is cut off")
    head_length, body_length = LENGTHS.unpack_from(data)
    start = LENGTHS.size + head_length
    if head_length > MAX_HEAD or len(data) != start + body_length:
        raise BrokenMessage("the lengths do not fit the message")
    return _head(data[LENGTHS.size : start]), memoryview(data)[start:]


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) != length:
        raise BrokenMessage("the message is cut off")
    return data


def _head(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenMessage("the head is not JSON") from error
    if not isinstance(head, dict):
        raise BrokenMessage("the head is not an object")
    return head
