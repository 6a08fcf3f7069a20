"""How an answer is written: its shape, its entity tag, its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from ..request import Buffer
from . import multipart, negotiation
from .endpoints import OCTETS, Endpoint
from .identity import Identity
from .multipart import MEDIA_TYPE as MULTIPART
from .multipart import Part
from .negotiation import JSON, Shape
from .options import pointer
from .problems import Problem
from .sending import FilePart, from_file, from_memory

RESULT_HEADER = "Eitherside-Result"
MAX_RESULT_HEADER = 4096


class Form:
    """The form of the answer to this request, as far as it is known before there are outputs."""

    def __init__(
        self,
        endpoint: Endpoint,
        options: Mapping[str, object],
        ceilings: Mapping[str, float],
        pillow: str | None = None,
    ) -> None:
        """Reads what the request accepts.

        Args:
            options: of the call, in their canonical form.
            ceilings: the setting `option_ceilings`.
            pillow: versions of Pillow and its libraries, where it takes part.

        Raises:
            Problem: not_acceptable, where no shape can be; bad_option, where the format is unknown.
        """
        self._shape = _foresee(endpoint, options)
        accept = request.accept_mimetypes
        possible = [*endpoint.output_types, *([JSON] if _may_be_facts(endpoint) else [])]
        self._facts = {
            "shape": self._shape.kind if self._shape else negotiation.preferences(accept, possible),
            "ceilings": ceilings,
            "pillow": pillow,
        }

    def tag(self, identity: Identity) -> str:
        """Returns the strong entity tag that the answer will have, if it is of `identity`."""
        return identity.tag(**self._facts)

    def write(self, result: Mapping[str, Any], outputs: Sequence[Part], identity: Identity) -> Response:
        """Returns the answer.

        Raises:
            Problem: not_acceptable, for these outputs.
        """
        shape = self._shape or negotiation.choose_shape(
            request.accept_mimetypes, [item.media_type for item in outputs]
        )
        return _write(result, outputs, shape, self.tag(identity))


def _foresee(endpoint: Endpoint, options: Mapping[str, object]) -> Shape | None:
    """Returns the answer's shape where it is known before the call; None where it depends on the outputs."""
    accept = request.accept_mimetypes
    kinds = _output_types(endpoint, options)
    if endpoint.is_fixed:
        return negotiation.choose_shape(accept, kinds)
    possible = [*dict.fromkeys(kinds), MULTIPART]
    if _may_be_facts(endpoint):
        possible.append(JSON)
    if accept and not any(accept.quality(kind) > 0 for kind in possible):
        raise negotiation.not_acceptable(possible)
    return None


def _may_be_facts(endpoint: Endpoint) -> bool:
    """Tells whether every output may be absent, so that the facts alone can be the answer."""
    return all(item.optional for item in endpoint.function.outputs)


def _output_types(endpoint: Endpoint, options: Mapping[str, object]) -> list[str]:
    written = {item.name: item.media_type for item in endpoint.formats}
    option = endpoint.format_option
    kind = OCTETS
    if option is not None:
        described = endpoint.function.properties[option]
        chosen = options.get(option, described.get("default"))
        if isinstance(chosen, str) and chosen in written:
            kind = written[chosen]
        elif chosen not in described.get("enum", []):
            # The module would refuse it too, but does not know the formats that Pillow adds.
            raise Problem(
                "bad_option", f"{option} must be one of {', '.join(written)}", option=pointer(option)
            )
    return [kind if item.format_from else item.media_type or OCTETS for item in endpoint.function.outputs]


def _write(result: Mapping[str, Any], outputs: Sequence[Part], shape: Shape, etag: str) -> Response:
    text = json.dumps(result, ensure_ascii=True, separators=(",", ":"))
    if shape.kind == "raw":
        response = _raw(outputs[shape.output])
        if len(text) <= MAX_RESULT_HEADER:
            response.headers[RESULT_HEADER] = text
    elif shape.kind == "json":
        response = _sent([f"{text}\n".encode("ascii")], "application/json")
    else:
        # Derived, not random: the same answer has the same bytes. No input can be made to hold its digest.
        boundary = f"eitherside-{etag[:48]}"
        response = _sent(multipart.write(result, outputs, boundary), f"{MULTIPART}; boundary={boundary}")
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept"
    return response


def _raw(part: Part) -> Response:
    if not isinstance(part, FilePart):
        return _sent([part.data], part.media_type)
    response = Response(from_file(part), 200, content_type=part.media_type, direct_passthrough=True)
    response.content_length = part.size
    return response


def _sent(pieces: Sequence[Buffer], kind: str) -> Response:
    response = Response(from_memory(pieces), 200, content_type=kind)
    response.content_length = sum(map(len, pieces))
    return response
