"""Every error as problem details (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from ..errors import HOST_ERRORS, NOT_ALLOWED, CallError, ErrorKind
from ..foreign.errors import KINDS as FOREIGN_KINDS
from ..interface import Interface
from .mounting import prefix
from .stored_problems import KINDS as STORED_KINDS

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

KINDS: Mapping[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind("bad_request", 0, "The request cannot be understood", 400),
        ErrorKind("bad_option", 0, "An option is unknown, of the wrong type or out of range", 400),
        ErrorKind("bad_input", 0, "The inputs do not fit the function", 400),
        NOT_ALLOWED,
        ErrorKind("not_found", 0, "There is nothing at this address", 404),
        ErrorKind("method_not_allowed", 0, "This address does not know the method", 405),
        ErrorKind("not_acceptable", 0, "None of the possible answers is acceptable to the client", 406),
        ErrorKind("body_timeout", 0, "The request body took too long to arrive", 408),
        ErrorKind("call_in_use", 0, "Another call has the id of this one", 409),
        ErrorKind("other_module", 0, "The service runs another module than the client", 412),
        ErrorKind("precondition_failed", 0, "A precondition of the request does not hold", 412),
        ErrorKind("body_too_large", 0, "The request body is larger than the service takes", 413),
        ErrorKind(
            "unsupported_media_type", 0, "The request body is of a type that this address does not take", 415
        ),
        ErrorKind("range_not_satisfiable", 0, "The range asked for lies outside the file", 416),
        ErrorKind("not_ready", 0, "The service cannot compute now", 503),
        ErrorKind("internal", 0, "The service failed for a reason of its own", 500),
    )
}
"""The kinds that only HTTP knows."""

_ALL = {**STORED_KINDS, **KINDS}

_BY_STATUS = {kind.status: code for code, kind in KINDS.items() if kind.status not in (400, 503)}


def kind(code: str) -> ErrorKind:
    """Returns the kind of problem of a name: one of `KINDS` or of `stored_problems.KINDS`."""
    return _ALL[code]


def catalogue(interface: Interface) -> dict[str, ErrorKind]:
    """Returns every kind of error that the service may answer with: the module's, the host's, HTTP's own."""
    host = {kind.code: kind for kind in HOST_ERRORS}
    return {**FOREIGN_KINDS, **_ALL, **host, **interface.errors}


class Problem(Exception):
    """An error that ends the request.

    Args:
        code: one of `KINDS` or of `stored_problems.KINDS`.
        detail: what was wrong and where, in one sentence.
        option: JSON Pointer into the options, where one is at fault.
        input: name of the input at fault.
        headers: further response headers.
        facts: further members of the problem object.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        option: str | None = None,
        input: str | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = _ALL[code]
        self.detail = detail
        self.option = option
        self.input = input
        self.headers = dict(headers or {})
        self.facts = facts


def render(
    kind: ErrorKind,
    detail: str,
    *,
    option: str | None = None,
    input: str | None = None,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Response:
    """Returns the response for one problem; text is JSON with everything beyond ASCII escaped."""
    body: dict[str, Any] = {
        "type": f"{prefix()}/problems/{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": kind.code,
    }
    named = {"option": option, "input": input}
    body |= {name: value for name, value in named.items() if value is not None} | facts
    response = Response(json.dumps(body) + "\n", kind.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def facts_of(error: CallError) -> dict[str, Any]:
    """Returns what a failed call's problem tells besides its kind: message, option, input and so on."""
    facts: dict[str, Any] = {"detail": error.message}
    if error.retry_after is not None:
        facts["retry_after"] = error.retry_after
    if error.option is not None:
        facts["option"] = error.option
    rows: list[str] = getattr(error, "input_names", [])
    if error.input is not None and error.input < len(rows):
        name = facts["input"] = rows[error.input]
        # Which of several buffers of one name it was.
        if rows.count(name) > 1:
            facts["index"] = error.input - rows.index(name)
    return facts


def _call_error(error: CallError) -> Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return render(error.kind, headers=headers, **facts_of(error))


def kept(facts: Mapping[str, Any], interface: Interface, place: str) -> dict[str, Any]:
    """Returns the problem object of a failure that was stored, as `code`, `detail` and further members.

    Args:
        facts: what was stored.
        interface: the module's, whose kinds are among those known.
        place: path that the application is mounted under.
    """
    code = str(facts["code"])
    known = catalogue(interface).get(code, KINDS["internal"])
    return {"type": f"{place}/problems/{code}", "title": known.title, "status": known.status, **facts}


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    kind = KINDS[_BY_STATUS.get(status, "bad_request" if 400 <= status < 500 else "internal")]
    if status != kind.status:
        kind = ErrorKind(kind.code, 0, HTTPStatus(status).phrase, status)
    # Werkzeug's redirects and such carry a whole response; they are no errors.
    if error.response is not None or 300 <= status < 400:
        return current_app.make_response(error.get_response(request.environ))
    headers = {
        name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    }
    return render(kind, error.description or kind.title, headers=headers)


def _anything(error: Exception) -> Response:
    log.exception("unforeseen: %s", type(error).__name__)
    return render(KINDS["internal"], "The service failed; its log tells why.")


def register(app: Flask) -> None:
    """Has the application answer every error with problem details."""
    app.register_error_handler(
        Problem,
        lambda error: render(
            error.kind,
            error.detail,
            option=error.option,
            input=error.input,
            headers=error.headers,
            **error.facts,
        ),
    )
    app.register_error_handler(CallError, _call_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _anything)
