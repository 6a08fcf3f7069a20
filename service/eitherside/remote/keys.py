"""The key of a call's result, by which to ask a service whether it has that already."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from ..request import Request


def result_key(module: str, request: Request) -> str | None:
    """Returns the lower-case hex SHA-256 of the call's canonical JSON (RFC 8785), or None where it has none.

    Args:
        module: SHA-256 of the module.
        request: the call.
    """
    properties = request.function.properties
    defaults = {name: schema["default"] for name, schema in properties.items() if "default" in schema}
    inputs = {
        name: [hashlib.sha256(view).hexdigest() for view in views] for name, views in request.buffers.items()
    }
    call: Any = {
        "eitherside": 1,
        "module": module,
        "function": request.function.name,
        "options": {**defaults, **request.options},
        "inputs": inputs,
    }
    try:
        return hashlib.sha256(rfc8785.dumps(call)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None
