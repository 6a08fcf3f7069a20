"""``/v1/libraries``: makes libraries, tells what they hold, removes them."""

from __future__ import annotations

from flask import Response, request

from . import access
from .description import dump
from .mounting import prefix
from .state import Service


def create(service: Service) -> Response:
    """Makes a library; its key is in this answer and nowhere else.

    A client may choose the key and send it as ``Authorization: Bearer``: a repeat then finds the library that
    the first request made, whether or not its answer arrived.

    Raises:
        Problem: bad_request, where the key that the client chose is none.
        Refused: too_many.
        Unavailable: it cannot be stored.
    """
    chosen = access.chosen_key()
    library, key = service.store.libraries.create(request.remote_addr or "", chosen)
    address = url(library)
    response = private(dump({"id": library, "key": key, "url": address}), 201)
    response.headers["Location"] = address
    return response


def tell(service: Service, library: str) -> Response:
    """Tells what a library holds, and how much it may."""
    facts = service.store.libraries.facts(access.library(service, library))
    settings = service.settings
    return private(
        dump(
            {
                "id": facts.id,
                "url": url(facts.id),
                "created": facts.created,
                "bytes": facts.bytes,
                "blobs": facts.blobs,
                "changes": facts.changes,
                "limits": {
                    "bytes": int(settings.library_bytes),
                    "blobs": settings.library_blobs,
                    "blob_bytes": int(settings.max_body),
                },
            }
        )
    )


def remove(service: Service, library: str) -> Response:
    """Removes a library with all that it holds."""
    service.store.libraries.remove(access.library(service, library))
    return nothing()


def url(library: str) -> str:
    """Returns the address of a library."""
    return f"{prefix()}/v1/libraries/{library}"


def private(text: bytes, status: int = 200) -> Response:
    """Returns JSON that nobody else may see."""
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def nothing() -> Response:
    """Returns an answer without a body."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["Cache-Control"] = "no-store"
    return response
