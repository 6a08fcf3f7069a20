"""Problem details (RFC 9457) as the errors that a local call gives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2

from ..errors import BAD_ANSWER, HOST_ERRORS, OVER_CAPACITY, REMOTE_ERRORS, UNREACHABLE, CallError, ErrorKind
from ..interface import Interface
from ..request import Request

MEDIA_TYPE = "application/problem+json"

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_LONGEST_TEXT = 2000
_LONGEST_RETRY = 3600
_HOST = {kind.code: kind for kind in (*HOST_ERRORS, *REMOTE_ERRORS)}


def to_error(
    response: httpx2.Response, body: bytes, interface: Interface | None, request: Request | None
) -> CallError:
    """Returns the error that an answer which is no success stands for.

    Args:
        response: its status and headers.
        body: its body.
        interface: knows the module's kinds of errors.
        request: the call that was made, whose rows the problem's `input` and `index` name.
    """
    found = _details(response, body)
    retry_after = _retry_after(response)
    if found is None:
        return _without_details(response, retry_after)
    code = str(found["code"])
    title = _text(found.get("title")) or code
    known = (interface.errors.get(code) if interface is not None else None) or _HOST.get(code)
    option = found.get("option")
    return CallError(
        known or ErrorKind(code, 0, title, response.status_code),
        _text(found.get("detail")) or title,
        option=_text(option),
        input=_row(request, found),
        retry_after=retry_after,
    )


def transport_error(error: httpx2.HTTPError) -> CallError:
    """Returns the error that a failed exchange stands for."""
    text = " ".join(str(error).split())[:_LONGEST_TEXT]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, httpx2.DecodingError) or (
        isinstance(error, httpx2.RemoteProtocolError) and not is_cut_off(error)
    ):
        return CallError(BAD_ANSWER, f"the service's answer cannot be read: {what}")
    return CallError(UNREACHABLE, f"the service does not answer: {what}")


def is_cut_off(error: httpx2.HTTPError) -> bool:
    """Tells whether the connection ended before the answer did."""
    if isinstance(error, httpx2.RemoteProtocolError):
        return "disconnected" in str(error) or "closed" in str(error)
    return isinstance(error, httpx2.ReadError | httpx2.WriteError)


def _details(response: httpx2.Response, body: bytes) -> Mapping[str, Any] | None:
    if response.headers.get("Content-Type", "").split(";")[0].strip().lower() != MEDIA_TYPE:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("code"), str)
        or not _CODE.match(found["code"])
    ):
        return None
    return found


def _without_details(response: httpx2.Response, retry_after: int | None) -> CallError:
    status = response.status_code
    said = f"the service answered {status} {response.reason_phrase}".strip()
    if status in (429, 503):
        return CallError(OVER_CAPACITY, said, retry_after=retry_after)
    if status in (502, 504):
        return CallError(UNREACHABLE, f"{said}: what stands before it cannot reach it")
    if 300 <= status < 400:
        return CallError(BAD_ANSWER, f"{said}; redirects are not followed")
    return CallError(BAD_ANSWER, f"{said}, without problem details")


def _retry_after(response: httpx2.Response) -> int | None:
    text = response.headers.get("Retry-After", "")
    return min(int(text), _LONGEST_RETRY) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _row(request: Request | None, found: Mapping[str, Any]) -> int | None:
    """Returns the index of the buffer at fault: the service tells its input's name, and which of several."""
    name, index = found.get("input"), found.get("index", 0)
    if request is None or not isinstance(index, int):
        return None
    rows = [row for row, (item, _) in enumerate(request.rows) if request.function.inputs[item].name == name]
    return rows[index] if 0 <= index < len(rows) else None


def _text(value: object) -> str | None:
    return value[:_LONGEST_TEXT] if isinstance(value, str) and value else None
