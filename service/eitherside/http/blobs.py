"""``/v1/libraries/{id}/blobs/{sha256}``: the bytes that a library has."""

from __future__ import annotations

import re

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from ..store.errors import not_found
from . import access, libraries
from .sending import STEP
from .state import Service

DIGEST_PATTERN = "^[0-9a-f]{64}$"
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


def get(service: Service, library: str, digest: str) -> Response:
    """Sends a blob, or parts of it; its entity tag is its SHA-256.

    Raises:
        Refused: not_found, also where only other libraries have it.
        Unavailable: it cannot be read.
    """
    owner = access.library(service, library)
    contents = service.store.contents
    held = contents.get(owner, _checked(digest))
    # Where only the head is wanted, or the client has the rest, nothing is read of it.
    file = FileWrapper(contents.open(held), STEP)
    response = Response(file, content_type=held.media_type, direct_passthrough=True)
    response.content_length = held.size
    response.set_etag(held.digest)
    # What has this name never changes; but it is the key that lets it be seen.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Vary"] = "Authorization"
    response.make_conditional(request, accept_ranges=True, complete_length=held.size)
    return response


def remove(service: Service, library: str, digest: str) -> Response:
    """Removes a blob from a library."""
    service.store.contents.remove(access.library(service, library), _checked(digest))
    return libraries.nothing()


def url(library: str, digest: str) -> str:
    """Returns the address of a blob."""
    return f"{libraries.url(library)}/blobs/{digest}"


def _checked(digest: str) -> str:
    if not _DIGEST.match(digest):
        raise not_found("blob")
    return digest
