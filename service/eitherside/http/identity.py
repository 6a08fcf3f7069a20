"""What a call is of; and from that the strong entity tag of its answer and the key of its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from flask import request
from werkzeug.datastructures import ETags

from .problems import Problem

REVISION = 1
"""Goes up when the same call comes to be written as other bytes: parts, names of the result's fields."""


@dataclass(frozen=True)
class Identity:
    """What a call is of. Calls are pure functions of it.

    Attributes:
        module: SHA-256 of the module.
        function: its name.
        options: in their canonical form (`options.canonical`).
        inputs: SHA-256 of each buffer, by the names of the inputs that have any.
    """

    module: str
    function: str
    options: Mapping[str, object]
    inputs: Mapping[str, Sequence[str]]

    def tag(self, **facts: Any) -> str:
        """Returns the entity tag of the call's answer: equal tags mean equal bytes.

        Args:
            facts: what else decides: the shape of the answer, versions of Pillow where it takes part.
        """
        known = {"revision": REVISION, **self._facts, **facts}
        text = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @property
    def key(self) -> str | None:
        """The key under which anybody who knows module, function, options and inputs may ask for the result.

        The SHA-256 of their canonical JSON (RFC 8785); None where JSON has no such options.
        """
        try:
            text = rfc8785.dumps({"eitherside": 1, **self._facts})
        except (rfc8785.CanonicalizationError, UnicodeError):
            return None
        return hashlib.sha256(text).hexdigest()

    @property
    def _facts(self) -> dict[str, Any]:
        return {
            "module": self.module,
            "function": self.function,
            "options": dict(self.options),
            "inputs": {name: list(digests) for name, digests in self.inputs.items()},
        }


def are_preconditions() -> bool:
    """Returns whether the request asks for more than the answer: then its tag is needed before it."""
    return "If-Match" in request.headers or "If-None-Match" in request.headers


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
    check_match(etag)


def check_match(etag: str) -> None:
    """Holds the request's `If-Match` against `etag`.

    Raises:
        Problem: precondition_failed.
    """
    if "If-Match" in request.headers and not request.if_match.contains(etag):
        detail = "the answer is none of those that If-Match names; nothing was computed"
        raise Problem("precondition_failed", detail, headers={"ETag": f'"{etag}"', "Vary": "Accept"})


def _lists(tags: ETags) -> bool:
    return bool(tags) and not tags.star_tag
