"""The paths of the OpenAPI document that belong to libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import access, blobs, jobs, sync, uploads
from .endpoints import OCTETS
from .openapi_parts import PROBLEM, Json, binary, headers, references

SECURITY: Json = {
    "library": {"type": "http", "scheme": "bearer", "description": "The key of a library (RFC 6750)."}
}

_ID: Json = {"type": "string", "pattern": access.ID_PATTERN}
_SHA256: Json = {"type": "string", "pattern": blobs.DIGEST_PATTERN}
_URL: Json = {"type": "string", "format": "uri-reference"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_TIME: Json = {"type": ["number", "null"], "description": "Seconds since 1970."}
_COMMON = ("Eitherside-Module", "Eitherside-Load")


def _object(properties: Mapping[str, Any], optional: tuple[str, ...] = ()) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": dict(properties)}


_MADE = _object(
    {
        "id": _ID,
        "key": {"type": "string", "description": "Kept nowhere: who loses it loses the library."},
        "url": _URL,
    }
)
_LIBRARY = _object(
    {
        "id": _ID,
        "url": _URL,
        "created": {"type": "number"},
        "bytes": _COUNT,
        "blobs": {**_COUNT, "description": "Files, unfinished uploads included."},
        "changes": {**_COUNT, "description": "Changes so far; each event has the number of its own."},
        "limits": _object({"bytes": _COUNT, "blobs": _COUNT, "blob_bytes": _COUNT}),
    }
)
_STORED = _object({"sha256": _SHA256, "bytes": _COUNT, "url": _URL})
_BEGUN = _object({"url": _URL, "offset": _COUNT})
_OUTPUT = _object(
    {
        "name": {"type": "string"},
        "media_type": {"type": "string"},
        "sha256": _SHA256,
        "bytes": _COUNT,
        "url": _URL,
    }
)
_ASKED: Json = {
    "function": {"type": "string", "description": "Name of a function of the module."},
    "options": {"type": "object", "description": "Its options."},
    "inputs": {
        "type": "object",
        "description": "For each input the SHA-256 of a blob of the library, or a list of such.",
    },
}
_JOB = _object(
    {
        "id": _ID,
        "url": _URL,
        "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
        **_ASKED,
        "created": _TIME,
        "begun": _TIME,
        "ended": _TIME,
        "attempts": _COUNT,
        "change": _COUNT,
        "result": {"type": "object", "description": "What the function tells, once the job is done."},
        "outputs": {
            "type": "array",
            "items": _OUTPUT,
            "description": "Its outputs, in order: blobs of the library.",
        },
        "memory": _COUNT,
        "times": {"type": "object", "description": "Milliseconds of each stage."},
        "problem": {**PROBLEM, "description": "Why the job has failed."},
    },
    ("result", "outputs", "memory", "times", "problem"),
)


def _operation(
    name: str,
    summary: str,
    answers: Mapping[str, Json],
    statuses: tuple[str, ...],
    *,
    parameters: tuple[Json, ...] = (),
    body: Json | None = None,
    is_open: bool = False,
) -> Json:
    found: Json = {
        # A hyphen, which names of functions have not.
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**answers, **references((*statuses, "405", "503"))},
    }
    if body is not None:
        found["requestBody"] = {"content": body}
    # Whoever makes a library may choose its key.
    found["security"] = [{}, {"library": []}] if is_open else [{"library": []}]
    return found


def _answer(text: str, schema: Json | None = None, *more: str, kind: str = "application/json") -> Json:
    found: Json = {"description": text, "headers": headers([*_COMMON, *more])}
    return found if schema is None else {**found, "content": {kind: {"schema": schema}}}


def _in_path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _header(name: str, text: str, *, required: bool = False, pattern: str | None = None) -> Json:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {"name": name, "in": "header", "required": required, "description": text, "schema": schema}


_NOTHING = _answer("It is done.")
_LIBRARY_ID = _in_path("library", _ID)
_EVENTS = _answer("Events, for as long as the client listens.", {"type": "string"}, kind="text/event-stream")
_SINCE = _header("Last-Event-ID", "The change after which events are wanted.")


def paths() -> Json:
    """Returns the paths of libraries."""
    found = _libraries() | _blobs() | _uploads() | _documents() | _jobs()
    for item in found.values():
        shared = item.pop("parameters", [])
        for operation in item.values():
            operation["parameters"] = [*shared, *operation["parameters"]]
    return found


def _libraries() -> Json:
    return {
        "/v1/libraries": {
            "post": _operation(
                "create-library",
                "Library: makes one, whose key is in this answer and nowhere else",
                {"201": _answer("The library: a new one, or that of the key.", _MADE, "Location")},
                ("400", "429"),
                is_open=True,
            )
        },
        "/v1/libraries/{library}": {
            "parameters": [_LIBRARY_ID],
            "get": _operation(
                "get-library", "Library: what it holds", {"200": _answer("Facts.", _LIBRARY)}, ("404",)
            ),
            "delete": _operation(
                "delete-library", "Library: removes it with all that it holds", {"204": _NOTHING}, ("404",)
            ),
        },
    }


def _blobs() -> Json:
    parameters = (
        _header("Upload-Complete", "?0: the body is the first piece of more; else it is all."),
        _header("Upload-Length", "Bytes of all pieces."),
        _header("Repr-Digest", "SHA-256 of all bytes (RFC 9530), which is then checked."),
    )
    made = {"oneOf": [_STORED, _BEGUN]}
    sent = {OCTETS: {"schema": binary(OCTETS)}}
    get = _operation(
        "get-blob",
        "Blob: its bytes",
        {
            "200": {
                "description": "The bytes.",
                "headers": headers([*_COMMON, "ETag"]),
                "content": {"*/*": {}},
            },
            "206": {"description": "The range asked for.", "content": {"*/*": {}}},
            "304": {"description": "The client has it already."},
        },
        ("404", "412", "416"),
    )
    return {
        "/v1/libraries/{library}/blobs": {
            "parameters": [_LIBRARY_ID],
            "post": _operation(
                "create-blob",
                "Blob: takes one whole, or begins an upload",
                {"201": _answer("A blob, or an upload.", made, "Location", "Upload-Complete")},
                ("400", "404", "408", "413", "415", "422"),
                parameters=parameters,
                body=sent,
            ),
        },
        "/v1/libraries/{library}/blobs/{sha256}": {
            "parameters": [_LIBRARY_ID, _in_path("sha256", _SHA256)],
            "get": get,
            "delete": _operation("delete-blob", "Blob: removes it", {"204": _NOTHING}, ("404",)),
        },
    }


def _uploads() -> Json:
    told = ("Upload-Offset", "Upload-Complete", "Upload-Limit")
    parameters = (
        _header(
            "Upload-Offset",
            "Where the piece goes: bytes that are here.",
            required=True,
            pattern="^[0-9]{1,15}$",
        ),
        _header("Upload-Complete", "?1: the piece is the last.", required=True, pattern="^[?][01]$"),
        _header("Upload-Length", "Bytes of all pieces."),
    )
    return {
        "/v1/libraries/{library}/uploads/{upload}": {
            "parameters": [_LIBRARY_ID, _in_path("upload", _ID)],
            "head": _operation(
                "head-upload",
                "Upload: how far it is",
                {"204": _answer("In the headers.", None, *told)},
                ("404",),
            ),
            "patch": _operation(
                "append-upload",
                "Upload: adds a piece (draft-ietf-httpbis-resumable-upload)",
                {
                    "201": _answer(
                        "The blob that the upload has become.", _STORED, "Location", "Upload-Complete"
                    ),
                    "204": _answer("More is to come.", None, *told),
                },
                ("400", "404", "408", "409", "413", "415", "422"),
                parameters=parameters,
                body={uploads.PARTIAL: {"schema": binary(uploads.PARTIAL)}},
            ),
            "delete": _operation("cancel-upload", "Upload: gives it up", {"204": _NOTHING}, ("404",)),
        }
    }


def _documents() -> Json:
    name = _in_path("name", {"type": "string", "pattern": sync.NAME_PATTERN})
    return {
        "/v1/libraries/{library}/docs/{name}/sync": {
            "parameters": [_LIBRARY_ID, name],
            "post": _operation(
                "sync-document",
                "Document: takes and gives what the other side lacks, in messages of y-protocols/sync",
                {"200": _answer("Messages.", binary(OCTETS), kind=OCTETS)},
                ("400", "404", "408", "409", "413", "415", "422"),
                body={OCTETS: {"schema": binary(OCTETS)}},
            ),
        },
        "/v1/libraries/{library}/events": {
            "parameters": [_LIBRARY_ID],
            "get": _operation(
                "get-library-events",
                "Library: tells which documents and jobs change",
                {"200": _EVENTS},
                ("404",),
                parameters=(_SINCE,),
            ),
        },
    }


def _jobs() -> Json:
    job = _in_path("job", _ID)
    asked = _object(_ASKED, ("options", "inputs")) | {"additionalProperties": False}
    key = _header(
        jobs.KEY,
        "Stands for the request (draft-ietf-httpapi-idempotency-key-header): a repeat has no second effect.",
        required=True,
        pattern=jobs.KEY_PATTERN,
    )
    return {
        "/v1/jobs": {
            "post": _operation(
                "create-job",
                "Job: a call that is made when it can be",
                {"202": _answer("The job.", _JOB, "Location")},
                ("400", "403", "404", "408", "409", "413", "415", "422"),
                parameters=(key,),
                body={"application/json": {"schema": asked}},
            )
        },
        "/v1/jobs/{job}": {
            "parameters": [job],
            "get": _operation("get-job", "Job: how it is", {"200": _answer("The job.", _JOB)}, ("404",)),
            "delete": _operation("cancel-job", "Job: cancels it", {"204": _NOTHING}, ("404",)),
        },
        "/v1/jobs/{job}/events": {
            "parameters": [job],
            "get": _operation(
                "get-job-events",
                "Job: tells each change until it has ended",
                {"200": _EVENTS},
                ("404",),
                parameters=(_SINCE,),
            ),
        },
    }
