"""What the parts of the OpenAPI document are made of: problems, headers, statuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import problems

Json = dict[str, Any]

MODULE: Json = {
    "type": "object",
    "required": ["sha256", "bytes", "url"],
    "properties": {
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "bytes": {"type": "integer"},
        "url": {"type": "string", "format": "uri-reference"},
    },
}

PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Address of the kind of problem.",
        },
        "title": {"type": "string", "description": "The kind of problem in a few words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What was wrong and where."},
        "code": {"type": "string", "description": "Stable name of the kind of problem."},
        "option": {
            "type": "string",
            "description": "JSON Pointer (RFC 6901) into the options, to the one at fault.",
        },
        "input": {"type": "string", "description": "Name of the input at fault."},
        "index": {"type": "integer", "description": "Which of several buffers of that input, from 0."},
        "media_types": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Media types that would do.",
        },
        "limit": {"type": "number", "description": "The limit that was exceeded."},
        "retry_after": {"type": "integer", "description": "Seconds after which another try may succeed."},
        "module": {**MODULE, "description": "The module that the service runs."},
    },
}

HEADERS: Json = {
    "Eitherside-Module": {
        "description": "SHA-256 of the module, in hexadecimal.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "Eitherside-Result": {
        "description": "The result as JSON, where the body is an output and the JSON has at most 4096 bytes.",
        "schema": {"type": "string"},
    },
    "Eitherside-Load": {
        "description": "What the service does: running, waiting, threads, wait, a dictionary (RFC 9651).",
        "schema": {"type": "string"},
    },
    "Eitherside-Memory": {
        "description": "Bytes that the module's memory had grown to at the end of the call, its peak.",
        "schema": {"type": "integer"},
    },
    "Eitherside-Result-Key": {
        "description": "The key under which the result is kept for a while: see /v1/results/{key}.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    "Server-Timing": {
        "description": "Milliseconds of receiving, waiting, computing, and of Pillow (Server-Timing, W3C).",
        "schema": {"type": "string"},
    },
    "ETag": {"description": "Strong: equal tags mean equal bytes.", "schema": {"type": "string"}},
    "Vary": {"description": "Request headers on which the answer depends.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which another try may succeed.",
        "schema": {"type": "integer"},
    },
    "Location": {
        "description": "Address of what was made.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Upload-Offset": {"description": "Bytes of the upload that are here.", "schema": {"type": "integer"}},
    "Upload-Complete": {
        "description": "Whether the upload is complete: ?1 or ?0 (RFC 9651).",
        "schema": {"type": "string"},
    },
    "Upload-Limit": {
        "description": "What an upload may be: max-size, max-append-size, max-age, a dictionary (RFC 9651).",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods that the address knows.", "schema": {"type": "string"}},
}

STATUSES = {
    "400": "An option is wrong, or the request cannot be understood.",
    "403": "An option is higher than the service lets everyone set it.",
    "404": "There is nothing at this address.",
    "405": "The address does not know the method.",
    "406": "The client accepts none of the possible answers.",
    "408": "The request body took too long.",
    "409": "Another call has the id of this one.",
    "412": "If-None-Match names the answer, If-Match does not, or the client's module is another. "
    "Nothing was computed.",
    "413": "The body, the image, or the memory that the call needs is too large.",
    "415": "The input is of an unknown format, or the body's type or coding is not taken.",
    "416": "The range lies outside the file.",
    "422": "The input is truncated, corrupt, or has a feature that is not supported.",
    "429": "There were too many such requests of late.",
    "499": "The call was cancelled.",
    "500": "The service failed.",
    "503": "The service has more to do than it can take (then with Retry-After), or the call took too long.",
}


def headers(names: Iterable[str]) -> Json:
    """Returns the headers of an answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def references(statuses: Iterable[str]) -> Json:
    """Returns the answers that are problems."""
    return {status: {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}


def binary(media_type: str) -> Json:
    """Returns the schema of bytes."""
    return {"type": "string", "contentMediaType": media_type}


def problem(status: str) -> Json:
    """Returns the answer that is a problem of this status."""
    more = {"405": ["Allow"], "503": ["Retry-After"], "412": ["ETag", "Vary"]}
    names = ["Eitherside-Module", *more.get(status, [])]
    kind = next((kind for kind in problems.KINDS.values() if str(kind.status) == status), None)
    content: Json = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if kind is not None:
        facts = {
            "type": f"/problems/{kind.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": STATUSES[status],
            "code": kind.code,
        }
        content["example"] = facts
    return {
        "description": STATUSES[status],
        "headers": headers(names),
        "content": {problems.MEDIA_TYPE: content},
    }
