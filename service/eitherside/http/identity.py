"""The strong entity tag of an answer: a digest of everything that its bytes depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import ETags

from ..host import Buffer
from .problems import Problem

REVISION = 1
"""Goes up when the same call comes to be written as other bytes: parts, names of the result's fields."""


def digest(buffer: Buffer) -> str:
    """Returns the SHA-256 of a buffer in hexadecimal."""
    return hashlib.sha256(buffer).hexdigest()


def tag(
    module: str,
    function: str,
    options: Mapping[str, object],
    inputs: Mapping[str, Sequence[Buffer]],
    **facts: Any,
) -> str:
    """Returns the entity tag of a call.

    Calls are pure functions of module, function, options and inputs, so equal tags mean equal bytes.

    Args:
        module: SHA-256 of the module.
        options: in their canonical form (`options.canonical`).
        facts: what else decides: the shape of the answer, versions of Pillow where it takes part.
    """
    known = {
        "revision": REVISION,
        "module": module,
        "function": function,
        "options": options,
        "inputs": {name: [digest(buffer) for buffer in buffers] for name, buffers in inputs.items()},
        **facts,
    }
    text = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def check(etag: str) -> None:
    """Holds the request's preconditions against `etag`, before anything is computed.

    RFC 9110, 13.1.2: where a method other than GET and HEAD meets an If-None-Match that names the answer, the
    status is 412, not 304. The problem carries the tag: the client has the very bytes already. A ``*`` asks
    whether the address has a representation of its own, which those of functions have not.

    Raises:
        Problem: precondition_failed.
    """
    quoted = f'"{etag}"'
    if _lists(request.if_none_match) and request.if_none_match.contains_weak(etag):
        detail = "the answer is the one that If-None-Match names; nothing was computed"
        raise Problem("precondition_failed", detail, headers={"ETag": quoted, "Vary": "Accept"})
    if "If-Match" in request.headers and not request.if_match.contains(etag):
        detail = "the answer is none of those that If-Match names; nothing was computed"
        raise Problem("precondition_failed", detail, headers={"ETag": quoted, "Vary": "Accept"})


def _lists(tags: ETags) -> bool:
    return bool(tags) and not tags.star_tag
