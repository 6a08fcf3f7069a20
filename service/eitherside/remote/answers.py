"""A service's answer to a call: JSON, one raw output, or parts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from ..errors import BAD_ANSWER, CallError
from ..host import Output
from ..interface import Function

JSON = "application/json"
MULTIPART = "multipart/form-data"
OCTETS = "application/octet-stream"
RESULT = "result"
RESULT_HEADER = "Eitherside-Result"
_MAX_HEADER = 4 << 10

Content = tuple[dict[str, Any], list[Output]]


async def limited(response: httpx2.Response, most: int) -> AsyncIterator[bytes]:
    """Yields the body.

    Raises:
        CallError: bad_answer, it is longer than `most` bytes.
    """
    length = response.headers.get("Content-Length", "")
    read = int(length) if length.isdecimal() and len(length) < 20 else 0
    if read <= most:
        read = 0
        async for piece in response.aiter_bytes():
            read += len(piece)
            if read > most:
                break
            yield piece
    if read > most:
        raise CallError(BAD_ANSWER, f"the service's answer is longer than {most} bytes")


async def body(response: httpx2.Response, most: int) -> bytearray:
    """Returns the whole body, as `limited` reads it."""
    data = bytearray()
    async for piece in limited(response, most):
        data += piece
    return data


async def read(response: httpx2.Response, function: Function, most: int) -> Content:
    """Reads a successful answer to a call of `function`.

    Raises:
        CallError: bad_answer, it is malformed, cut off, or longer than `most` bytes.
    """
    kind, parameters = parse_options_header(response.headers.get("Content-Type", ""))
    if kind == MULTIPART:
        return await _parts(response, function, parameters.get("boundary", ""), most)
    data = await body(response, most)
    header = response.headers.get(RESULT_HEADER)
    if header is None and kind == JSON and all(output.optional for output in function.outputs):
        return _object(data), []
    if header is None or not function.outputs:
        raise CallError(BAD_ANSWER, f"the service answered {kind or 'nothing known'}, without the result")
    return _object(header.encode()), [Output(function.outputs[0].name, kind or OCTETS, data)]


async def _parts(response: httpx2.Response, function: Function, boundary: str, most: int) -> Content:
    parts = _Parts(function)
    try:
        if not 1 <= len(boundary) <= 70:
            raise CallError(BAD_ANSWER, "the service's answer has no usable boundary")
        with PushMultipartParser(boundary, max_header_size=_MAX_HEADER) as parser:
            async for piece in limited(response, most):
                # An empty piece would say that the body ends.
                if piece:
                    parts.take(parser.parse(piece))
    except (MultipartError, UnicodeError) as error:
        detail = f"the service's answer is not well-formed {MULTIPART}, or is cut off: {error}"
        raise CallError(BAD_ANSWER, detail) from None
    if parts.result is None:
        raise CallError(BAD_ANSWER, "the service left the result out of its answer")
    return _object(parts.result), parts.outputs


class _Parts:
    """Parts as they come: the result, and the outputs with their media types."""

    def __init__(self, function: Function) -> None:
        self._known = {item.name for item in function.outputs}
        self.result: bytearray | None = None
        self.outputs: list[Output] = []
        self._current = bytearray()

    def take(self, events: Iterator[MultipartSegment | bytearray | None]) -> None:
        for event in events:
            if isinstance(event, MultipartSegment):
                self._begin(event)
            elif event is not None:
                self._current += event

    def _begin(self, part: MultipartSegment) -> None:
        self._current = bytearray()
        if part.name == RESULT and self.result is None:
            self.result = self._current
        elif part.name in self._known:
            self.outputs.append(Output(part.name, part.content_type or OCTETS, self._current))
        else:
            raise CallError(BAD_ANSWER, f"the service's answer has a part {part.name[:80]!r}")


def _object(data: bytes | bytearray) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CallError(BAD_ANSWER, f"the service's result is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise CallError(BAD_ANSWER, "the service's result is not a JSON object")
    return found


def timing(header: str | None) -> dict[str, float]:
    """Returns the durations of a Server-Timing header in seconds, by name; the senseless are left out."""
    found = {}
    for metric in (header or "")[:4096].split(","):
        name, *parameters = (part.strip() for part in metric.split(";"))
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            try:
                milliseconds = float(value)
            except ValueError:
                continue
            if key == "dur" and 0 <= milliseconds < 1e9:
                found[name] = milliseconds / 1000
    return found
