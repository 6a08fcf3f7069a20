"""The OpenAPI 3.1 document, made from the interface."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..interface import Input
from . import openapi_documents, openapi_stored, pinning, tickets
from .endpoints import Endpoint
from .multipart import MEDIA_TYPE as MULTIPART
from .multipart import OPTIONS, RESULT
from .openapi_parts import HEADERS, PROBLEM, STATUSES, Json, binary, headers, problem, references
from .state import Service

CALL_STATUSES = ("400", "403", "405", "406", "408", "409", "412", "413", "415", "422", "499", "500", "503")


def document(service: Service, prefix: str = "") -> Json:
    """Returns the OpenAPI document of the service, mounted under `prefix`."""
    calls: Json = {
        f"/v1/{name}": {"post": _operation(found, service)} for name, found in service.endpoints.items()
    }
    paths: Json = {}
    stored = openapi_stored.paths() if service.settings.libraries else {}
    for more in (calls, openapi_documents.paths(service), stored):
        # A function may have the name of a document: they differ in their methods.
        for path, item in more.items():
            paths[path] = paths.get(path, {}) | item
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
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM}
            | {_result_name(name): found.function.result for name, found in service.endpoints.items()},
            "headers": HEADERS,
            "securitySchemes": openapi_stored.SECURITY if stored else {},
            "responses": {f"Problem{status}": problem(status) for status in STATUSES},
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


def _operation(endpoint: Endpoint, service: Service) -> Json:
    function = endpoint.function
    responses: Json = {"200": _answer(endpoint)}
    responses |= references(CALL_STATUSES)
    operation: Json = {
        "operationId": function.name,
        "summary": function.summary,
        "description": function.description or function.summary,
        "parameters": [*_parameters(endpoint), *_preconditions(), *_about_call(service)],
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
    if name == endpoint.format_option and "default" not in schema:
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


def _about_call(service: Service) -> list[Json]:
    module: Json = {"type": "string", "enum": [service.module.sha256]}
    texts: list[tuple[str, str, Json]] = [
        (pinning.HEADER, "The module that the client holds: 412 where the service runs another.", module),
        (
            tickets.HEADER,
            "An id for the call, chosen at random, by which it can be cancelled.",
            {"type": "string", "pattern": tickets.PATTERN},
        ),
    ]
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": schema}
        for name, text, schema in texts
    ]


def _request(endpoint: Endpoint) -> Json:
    function = endpoint.function
    content: Json = {}
    about = function.inputs[0].summary if function.inputs else "Options, where they are not in the query."
    if function.inputs and not any(not item.optional for item in function.inputs[1:]):
        content = {kind: {"schema": binary(kind)} for kind in endpoint.input_types(function.inputs[0])}
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
    one = binary(endpoint.input_types(item)[0])
    return (
        {"type": "array", "items": one, "description": item.summary}
        if item.repeated
        else {**one, "description": item.summary}
    )


def _answer(endpoint: Endpoint) -> Json:
    function = endpoint.function
    reference = {"$ref": f"#/components/schemas/{_result_name(function.name)}"}
    content: Json = {}
    if not function.outputs:
        content["application/json"] = {"schema": reference}
    for kind in endpoint.output_types:
        content[kind] = {"schema": binary(kind)}
    parts: Json = {RESULT: reference}
    encoding: Json = {RESULT: {"contentType": "application/json"}}
    for output in function.outputs:
        kinds = [output.media_type] if output.media_type else endpoint.output_types
        one = binary(kinds[0])
        parts[output.name] = {"type": "array", "items": one} if output.repeated else one
        encoding[output.name] = {"contentType": ", ".join(kinds)}
    content[MULTIPART] = {
        "schema": {"type": "object", "required": [RESULT], "properties": parts},
        "encoding": encoding,
    }
    names = ["Eitherside-Module", "Eitherside-Load", "Eitherside-Memory", "Server-Timing"]
    names += ["ETag", "Vary", "Eitherside-Result-Key"]
    names += ["Eitherside-Result"] if function.outputs else []
    return {"description": function.summary, "headers": headers(names), "content": content}
