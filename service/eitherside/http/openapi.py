"""The OpenAPI 3.1 document, made from the interface."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..interface import Input
from . import description, problems
from .endpoints import Endpoint
from .multipart import MEDIA_TYPE as MULTIPART
from .multipart import OPTIONS, RESULT
from .state import Service

Json = dict[str, Any]

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
        "limit": {"type": "integer", "description": "The limit that was exceeded."},
        "retry_after": {"type": "integer", "description": "Seconds after which another try may succeed."},
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
    "Allow": {"description": "The methods that the address knows.", "schema": {"type": "string"}},
}

STATUSES = {
    "400": "An option is wrong, or the request cannot be understood.",
    "404": "There is nothing at this address.",
    "405": "The address does not know the method.",
    "406": "The client accepts none of the possible answers.",
    "408": "The request body took too long.",
    "412": "If-None-Match names the answer, or If-Match does not. Nothing was computed.",
    "413": "The body, the image, or the memory that the call needs is too large.",
    "415": "The input is of an unknown format, or the body's type or coding is not taken.",
    "416": "The range lies outside the file.",
    "422": "The input is truncated, corrupt, or has a feature that is not supported.",
    "500": "The service failed.",
    "503": "The service has more to do than it can take (then with Retry-After), or the call took too long.",
}
CALL_STATUSES = ("400", "405", "406", "408", "412", "413", "415", "422", "500", "503")


def document(service: Service) -> Json:
    """Returns the OpenAPI document of the service."""
    paths: Json = {f"/v1/{name}": {"post": _operation(found)} for name, found in service.endpoints.items()}
    paths |= _documents(service) | _health()
    info = {
        "title": f"Eitherside: {service.interface.title or service.interface.name}",
        "version": _version(),
        "summary": service.interface.summary or None,
        "description": _description(service),
    }
    return {
        "openapi": "3.1.1",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {name: value for name, value in info.items() if value},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM}
            | {_result_name(name): found.function.result for name, found in service.endpoints.items()},
            "headers": HEADERS,
            "responses": {f"Problem{status}": _problem(status) for status in STATUSES},
        },
    }


def _version() -> str:
    try:
        return version("eitherside")
    except PackageNotFoundError:
        return "0"


def _description(service: Service) -> str:
    own = ", ".join(f"{item.title} ({item.name})" for item in service.foreign.formats)
    added = f" Formats of the service itself, by Pillow, not of the module: {own}." if own else ""
    return (
        "Every function of the module, as the module describes itself. Options go into the query or into the "
        f"part `{OPTIONS}`; the first input is the body, or all inputs are parts of {MULTIPART}. An answer "
        "is a pure function of module, function, options and inputs, which its entity tag stands for. The "
        "extension `x-eitherside-format` names the output format for which a schema holds." + added
    )


def _result_name(name: str) -> str:
    return f"{name}_result"


def _operation(endpoint: Endpoint) -> Json:
    function = endpoint.function
    responses: Json = {"200": _answer(endpoint)}
    responses |= {status: {"$ref": f"#/components/responses/Problem{status}"} for status in CALL_STATUSES}
    operation: Json = {
        "operationId": function.name,
        "summary": function.summary,
        "description": function.description or function.summary,
        "parameters": [*_parameters(endpoint), *_preconditions()],
        "responses": responses,
        "x-eitherside-cost": function.cost.model_dump(),
    }
    operation["requestBody"] = _request(endpoint)
    own = {
        "reads": [item.name for item in endpoint.foreign_reads],
        "writes": [item.name for item in endpoint.foreign_writes],
    }
    if any(own.values()):
        operation["x-eitherside-pillow"] = own
    return operation


def _parameters(endpoint: Endpoint) -> list[Json]:
    found: list[Json] = []
    for name, schema in endpoint.properties.items():
        parameter: Json = {"name": name, "in": "query", "required": False}
        if text := _about(endpoint, name, schema):
            parameter["description"] = text
        if schema.get("type") == "object":
            parameter["content"] = {"application/json": {"schema": schema}}
        else:
            parameter["schema"] = schema
            if example := _example(schema):
                parameter["example"] = example[0]
            if schema.get("type") == "array":
                parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


def _example(schema: Mapping[str, Any]) -> list[Any]:
    """Returns one value that the schema allows and tells of itself, or none."""
    known = [schema["default"]] if "default" in schema else list(schema.get("enum", []))
    return known[:1] if known != [[]] else []


def _about(endpoint: Endpoint, name: str, schema: Mapping[str, Any]) -> str:
    text = str(schema.get("description", ""))
    if name == endpoint.format_option:
        return f"{text} Where it is absent, a media type named in Accept chooses it.".strip()
    if name in endpoint.function.required:
        return f"{text} Required, here or in the part {OPTIONS}.".strip()
    return text


def _preconditions() -> list[Json]:
    texts = {
        "If-None-Match": "Entity tags of answers that the client has: 412 where the answer is one of them.",
        "If-Match": "Entity tags: 412 where the answer is none of them.",
    }
    fixed = {"in": "header", "required": False, "schema": {"type": "string"}}
    return [{"name": name, "description": text, **fixed} for name, text in texts.items()]


def _request(endpoint: Endpoint) -> Json:
    function = endpoint.function
    content: Json = {}
    about = function.inputs[0].summary if function.inputs else "Options, where they are not in the query."
    if function.inputs and not any(not item.optional for item in function.inputs[1:]):
        content = {kind: {"schema": _binary(kind)} for kind in endpoint.input_types(function.inputs[0])}
    needed = [item.name for item in function.inputs if not item.optional]
    form: Json = {
        "type": "object",
        "properties": {OPTIONS: endpoint.options}
        | {item.name: _part(endpoint, item) for item in function.inputs},
        "additionalProperties": False,
    }
    encoding: Json = {OPTIONS: {"contentType": "application/json"}}
    encoding |= {
        item.name: {"contentType": ", ".join(endpoint.input_types(item))} for item in function.inputs
    }
    # Required options may be in the query instead of the part.
    form["properties"][OPTIONS] = {
        name: value for name, value in endpoint.options.items() if name != "required"
    }
    content[MULTIPART] = {"schema": form | ({"required": needed} if needed else {}), "encoding": encoding}
    return {"required": bool(needed), "content": content, "description": about}


def _part(endpoint: Endpoint, item: Input) -> Json:
    one = _binary(endpoint.input_types(item)[0])
    return (
        {"type": "array", "items": one, "description": item.summary}
        if item.repeated
        else {**one, "description": item.summary}
    )


def _binary(media_type: str) -> Json:
    return {"type": "string", "contentMediaType": media_type}


def _answer(endpoint: Endpoint) -> Json:
    function = endpoint.function
    reference = {"$ref": f"#/components/schemas/{_result_name(function.name)}"}
    content: Json = {}
    if not function.outputs:
        content["application/json"] = {"schema": reference}
    for kind in endpoint.output_types:
        content[kind] = {"schema": _binary(kind)}
    parts: Json = {RESULT: reference}
    encoding: Json = {RESULT: {"contentType": "application/json"}}
    for output in function.outputs:
        kinds = [output.media_type] if output.media_type else endpoint.output_types
        one = _binary(kinds[0])
        parts[output.name] = {"type": "array", "items": one} if output.repeated else one
        encoding[output.name] = {"contentType": ", ".join(kinds)}
    content[MULTIPART] = {
        "schema": {"type": "object", "required": [RESULT], "properties": parts},
        "encoding": encoding,
    }
    names = ["Eitherside-Module", "Server-Timing", "ETag", "Vary"] + (
        ["Eitherside-Result"] if function.outputs else []
    )
    return {"description": function.summary, "headers": _headers(names), "content": content}


def _headers(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problem(status: str) -> Json:
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
        "headers": _headers(names),
        "content": {problems.MEDIA_TYPE: content},
    }


def _get(
    summary: str,
    content: Json,
    statuses: tuple[str, ...],
    *,
    description: str = "The document.",
    headers: tuple[str, ...] = (),
) -> Json:
    responses: Json = {
        "200": {
            "description": description,
            "headers": _headers(["Eitherside-Module", *headers]),
            "content": content,
        }
    }
    if "304" in statuses:
        responses["304"] = {"description": "The client has it already."}
    responses |= {
        status: {"$ref": f"#/components/responses/Problem{status}"} for status in statuses if status != "304"
    }
    return {
        "get": {
            "operationId": summary.split(":")[0].replace(" ", "_").lower(),
            "summary": summary,
            "responses": responses,
        }
    }


def _documents(service: Service) -> Json:
    anything = {"application/json": {"schema": {"type": "object"}}}
    wasm = _get(
        "Module: the file that the service runs",
        {description.WASM: {"schema": _binary(description.WASM)}},
        ("304", "405", "416"),
        headers=("ETag", "Vary"),
    )
    wasm["get"]["responses"]["206"] = {
        "description": "The range asked for.",
        "content": {description.WASM: {"schema": _binary(description.WASM)}},
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
            "Interface: the module's description of itself", anything, ("304", "405"), headers=("ETag",)
        ),
        description.module_path(service): wasm,
        "/openapi.json": _get("OpenAPI: this document", anything, ("304", "405"), headers=("ETag",)),
        "/problems/{code}": problem,
    }


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
