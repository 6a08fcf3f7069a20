"""Uploads of blobs that can be taken up again where they broke off.

The protocol is the Internet-Draft "Resumable Uploads for HTTP", draft-ietf-httpbis-resumable-upload-12, of
which interim responses (104) are left out, as WSGI has none; a request that breaks off adds nothing. Digests
are those of RFC 9530 (``Repr-Digest: sha-256=:...:``). Problems have names
of this service's own; the member names
``expected-offset`` and ``provided-offset`` are the draft's.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from . import access, blobs, body, libraries
from .calls import UNLABELLED
from .description import dump
from .digests import Digest
from .endpoints import OCTETS
from .problems import Problem
from .state import Service

if TYPE_CHECKING:
    from ..store.uploads import State

PARTIAL = "application/partial-upload"

_NUMBER = re.compile(r" *([0-9]{1,15}) *\Z")
_TRUTH = {"?0": False, "?1": True}
_DIGEST = re.compile(r"(?:^|,) *sha-256 *= *:([A-Za-z0-9+/]{43}=): *(?:,|$)")


@dataclass(frozen=True)
class Told:
    """What the request's headers tell of an upload; what is malformed is ignored, as the draft says."""

    complete: bool | None
    offset: int | None
    length: int | None

    @classmethod
    def of_request(cls) -> Told:
        """Reads them."""
        complete = _TRUTH.get(request.headers.get("Upload-Complete", "").strip())
        return cls(complete, _number("Upload-Offset"), _number("Upload-Length"))


def begin(service: Service, library: str) -> Response:
    """Takes a whole blob, or begins an upload with its first piece, where it says ``Upload-Complete: ?0``.

    Raises:
        Problem: bad_request, body_too_large, body_timeout, digest_mismatch.
        Refused: library_full; upload_length; body_too_large.
        Unavailable: it cannot be stored.
    """
    owner = access.library(service, library)
    told = Told.of_request()
    expected, kind = _expected(), _media_type(service)
    if told.complete is not False:
        return _whole(service, owner, told, expected, kind)
    uploads = service.store.uploads
    state = uploads.begin(owner, kind, told.length, expected)
    lease = service.budget.lease()
    try:
        data, _ = body.read(_piece(service), service.settings.body_time, lease, lambda: False)
        if len(data):
            state = uploads.append(owner, state.id, 0, data, told.length, False)
    except BaseException:
        uploads.cancel(owner, state.id)
        raise
    finally:
        lease.release()
    response = libraries.private(dump({"url": _url(owner, state.id), "offset": state.offset}), 201)
    response.headers["Location"] = _url(owner, state.id)
    return _described(service, response, state)


def _whole(service: Service, owner: str, told: Told, expected: str | None, kind: str) -> Response:
    most = int(service.settings.max_body)
    lease = service.budget.lease()
    try:
        data, digest = body.read(most, service.settings.body_time, lease, lambda: False)
        if told.length not in (None, len(data)):
            raise Problem(
                "upload_length", f"the body has {len(data)} bytes, Upload-Length says {told.length}"
            )
        found = (digest or Digest(data)).finish()
        if expected not in (None, found):
            raise Problem("digest_mismatch", f"the body has the SHA-256 {found}, not that of Repr-Digest")
        held = service.store.contents.put(owner, [data], kind)
    finally:
        lease.release()
    return _done(owner, held.digest, held.size)


def tell(service: Service, library: str, upload: str) -> Response:
    """Tells how far an upload has come."""
    owner = access.library(service, library)
    state = service.store.uploads.get(owner, upload)
    return _described(service, libraries.nothing(), state)


def append(service: Service, library: str, upload: str) -> Response:
    """Adds a piece to an upload, and makes a blob of it with the last.

    Raises:
        Problem: unsupported_media_type; bad_request; body_too_large, body_timeout.
        Refused: see `store.uploads.Uploads.append`.
        Unavailable: it cannot be stored.
    """
    owner = access.library(service, library)
    if request.mimetype != PARTIAL:
        raise Problem("unsupported_media_type", f"a piece has the type {PARTIAL}", media_types=[PARTIAL])
    told = Told.of_request()
    if told.offset is None or told.complete is None:
        raise Problem("bad_request", "a piece needs Upload-Offset, a number, and Upload-Complete, ?0 or ?1")
    uploads = service.store.uploads
    # Before the bytes are read: most of what is wrong is known by now.
    uploads.get(owner, upload)
    lease = service.budget.lease()
    try:
        data, _ = body.read(_piece(service), service.settings.body_time, lease, lambda: False)
        state = uploads.append(owner, upload, told.offset, data, told.length, told.complete)
    finally:
        lease.release()
    if state.digest is not None:
        return _done(owner, state.digest, state.offset)
    return _described(service, libraries.nothing(), state)


def cancel(service: Service, library: str, upload: str) -> Response:
    """Gives an upload up."""
    service.store.uploads.cancel(access.library(service, library), upload)
    return libraries.nothing()


def options(app: Flask, service: Service, library: str) -> Response:
    """Tells what an upload may be, whether or not there is such a library."""
    response = app.make_default_options_response()
    response.headers["Accept-Patch"] = PARTIAL
    response.headers["Upload-Limit"] = _limits(service)
    return response


def _done(owner: str, digest: str, size: int) -> Response:
    address = blobs.url(owner, digest)
    response = libraries.private(dump({"sha256": digest, "bytes": size, "url": address}), 201)
    response.headers["Location"] = address
    response.headers["Upload-Complete"] = "?1"
    return response


def _described(service: Service, response: Response, state: State) -> Response:
    response.headers["Upload-Offset"] = str(state.offset)
    response.headers["Upload-Complete"] = "?1" if state.digest is not None else "?0"
    if state.length is not None:
        response.headers["Upload-Length"] = str(state.length)
    response.headers["Upload-Limit"] = f"{_limits(service)}, max-age={state.left}"
    return response


def _limits(service: Service) -> str:
    return f"max-size={int(service.settings.max_body)}, max-append-size={_piece(service)}"


def _piece(service: Service) -> int:
    return min(int(service.settings.upload_chunk), int(service.settings.max_body))


def _url(owner: str, upload: str) -> str:
    return f"{libraries.url(owner)}/uploads/{upload}"


def _number(name: str) -> int | None:
    found = _NUMBER.match(request.headers.get(name, ""))
    return int(found[1]) if found else None


def _expected() -> str | None:
    """Returns the SHA-256 that the client announces, in hexadecimal."""
    found = _DIGEST.search(request.headers.get("Repr-Digest", ""))
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True).hex()
    except binascii.Error:
        return None


def _media_type(service: Service) -> str:
    """Returns what the client says that the bytes are, if it is a type of some function's input."""
    kind = request.mimetype
    known = (
        kind in endpoint.input_types(item)
        for endpoint in service.endpoints.values()
        for item in endpoint.function.inputs
    )
    return kind if kind not in UNLABELLED and any(known) else OCTETS
