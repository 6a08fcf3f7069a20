"""The paths of the OpenAPI document that are not functions of the module."""

from __future__ import annotations

from . import description, tickets
from .multipart import MEDIA_TYPE as MULTIPART
from .openapi_parts import MODULE, Json, binary, headers, references
from .state import Service

KEY = (
    "The key is the SHA-256, in lower-case hexadecimal, of the canonical JSON (RFC 8785) of "
    '`{"eitherside": 1, "module": SHA-256, "function": name, "options": {...}, '
    '"inputs": {name: [SHA-256, ...]}}`: '
    "options as given, with the defaults of their schemas; inputs without buffers left out."
)

_NUMBER: Json = {"type": "number", "minimum": 0}
_COUNT: Json = {"type": "integer", "minimum": 0}
_MEMORY = ("total", "reserved", "per_call")
_CAPACITY: Json = {
    "module": MODULE,
    "threads": {**_COUNT, "description": "Calls that compute at once."},
    "running": {**_COUNT, "description": "Calls that compute now."},
    "waiting": {**_COUNT, "description": "Calls that wait for a thread."},
    "queue_length": {**_COUNT, "description": "Calls that may wait."},
    "wait": {**_NUMBER, "description": "Expected seconds in the queue of a call that arrives now."},
    "memory": {
        "type": "object",
        "required": [*_MEMORY],
        "properties": dict.fromkeys(_MEMORY, _COUNT),
        "description": "Bytes: of all calls at once, taken by those that run, of one call.",
    },
    "max_body": {**_COUNT, "description": "Largest request body in bytes."},
    "time_limit": {**_NUMBER, "description": "Longest computation of a call in seconds."},
    "speed": {
        "type": ["number", "null"],
        "description": "Milliseconds per unit of work of the module's costs; null where not measured.",
    },
}
CAPACITY: Json = {"type": "object", "required": [*_CAPACITY], "properties": _CAPACITY}


def _get(
    summary: str,
    content: Json,
    statuses: tuple[str, ...],
    *,
    description: str = "The document.",
    more: tuple[str, ...] = (),
) -> Json:
    responses: Json = {
        "200": {
            "description": description,
            "headers": headers(["Eitherside-Module", *more]),
            "content": content,
        }
    }
    if "304" in statuses:
        responses["304"] = {"description": "The client has it already."}
    responses |= references(status for status in statuses if status != "304")
    return {
        "get": {
            # A hyphen, which names of functions have not.
            "operationId": f"get-{summary.split(':')[0].lower()}",
            "summary": summary,
            "responses": responses,
        }
    }


def paths(service: Service) -> Json:
    """Returns the paths of the service's own: documents, load, calls by id, results by key, health."""
    return _documents(service) | _calls() | _results(service) | _health()


def _documents(service: Service) -> Json:
    anything = {"application/json": {"schema": {"type": "object"}}}
    wasm = _get(
        "Module: the file that the service runs",
        {description.WASM: {"schema": binary(description.WASM)}},
        ("304", "405", "416"),
        more=("ETag", "Vary"),
    )
    wasm["get"]["responses"]["206"] = {
        "description": "The range asked for.",
        "content": {description.WASM: {"schema": binary(description.WASM)}},
    }
    problem = _get("Problem: what a kind of problem is", anything, ("304", "404", "405"))
    problem["get"]["parameters"] = [
        {
            "name": "code",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[a-z_]{1,64}$"},
        }
    ]
    return {
        "/v1/interface": _get(
            "Interface: the module's description of itself",
            anything,
            ("304", "405"),
            more=("ETag", "Eitherside-Load"),
        ),
        "/v1/capacity": _get(
            "Capacity: what the service does now, and what it could",
            {"application/json": {"schema": CAPACITY}},
            ("405",),
            more=("Eitherside-Load",),
        ),
        description.module_path(service): wasm,
        "/openapi.json": _get("OpenAPI: this document", anything, ("304", "405"), more=("ETag",)),
        "/problems/{code}": problem,
    }


def _calls() -> Json:
    name: Json = {"name": "id", "in": "path", "required": True}
    name["schema"] = {"type": "string", "pattern": tickets.PATTERN}
    return {
        "/v1/calls/{id}": {
            "delete": {
                "operationId": "cancel-call",
                "summary": "Cancel: the call of this id, running, waiting, or about to come",
                "parameters": [name],
                "responses": {
                    "204": {
                        "description": "There is no such call any more, if there was one.",
                        "headers": headers(["Eitherside-Module", "Eitherside-Load"]),
                    },
                    **references(("400", "405")),
                },
            }
        }
    }


def _results(service: Service) -> Json:
    kinds = {kind for endpoint in service.endpoints.values() for kind in endpoint.output_types}
    content: Json = {"application/json": {"schema": {"type": "object"}}}
    content |= {kind: {"schema": binary(kind)} for kind in sorted(kinds | {MULTIPART})}
    path = _get(
        "Result: the answer to a call, by the key of the call",
        content,
        ("304", "404", "405", "406", "412"),
        description="The answer that the call gave.",
        more=("Eitherside-Load", "Eitherside-Result-Key", "Eitherside-Result", "ETag", "Vary"),
    )
    path["get"]["description"] = KEY
    key: Json = {"name": "key", "in": "path", "required": True}
    key["schema"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    path["get"]["parameters"] = [key]
    return {"/v1/results/{key}": path | {"head": _head(path["get"])}}


def _head(get: Json) -> Json:
    responses = {
        status: {name: value for name, value in found.items() if name != "content"}
        for status, found in get["responses"].items()
    }
    return {**get, "operationId": "head-result", "responses": responses}


def _health() -> Json:
    status = {
        "application/json": {
            "schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
        }
    }
    return {
        "/healthz": _get("Health: the process answers", status, ("405",), description="It does."),
        "/readyz": _get(
            "Readiness: a tiny call was made", status, ("405", "503"), description="It succeeded."
        ),
    }
