"""How an answer is written: its shape, its entity tag, its bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, request

from . import multipart, negotiation
from .endpoints import OCTETS, Endpoint
from .identity import Identity
from .multipart import MEDIA_TYPE as MULTIPART
from .multipart import Part
from .negotiation import JSON, Shape
from .options import pointer
from .problems import Problem

RESULT_HEADER = "Eitherside-Result"
MAX_RESULT_HEADER = 4096


class Form:
    """The form of the answer to this request, as far as it is known before there are outputs.

    Attributes:
        etag: the strong entity tag that the answer will have.
    """

    def __init__(
        self, endpoint: Endpoint, identity: Identity, ceilings: Mapping[str, float], pillow: str | None = None
    ) -> None:
        """Reads what the request accepts.

        Args:
            identity: what the answer is of.
            ceilings: the setting `option_ceilings`.
            pillow: versions of Pillow and its libraries, where it takes part.

        Raises:
            Problem: not_acceptable, where no shape can be; bad_option, where the format is unknown.
        """
        self._shape = _foresee(endpoint, identity.options)
        accept = request.accept_mimetypes
        possible = [*endpoint.output_types, *([JSON] if _may_be_facts(endpoint) else [])]
        self.etag = identity.tag(
            shape=self._shape.kind if self._shape else negotiation.preferences(accept, possible),
            ceilings=ceilings,
            pillow=pillow,
        )

    def write(self, result: Mapping[str, Any], outputs: Sequence[Part]) -> Response:
        """Returns the answer.

        Raises:
            Problem: not_acceptable, for these outputs.
        """
        shape = self._shape or negotiation.choose_shape(
            request.accept_mimetypes, [item.media_type for item in outputs]
        )
        return _write(result, outputs, shape, self.etag)


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
    pieces: list[bytes | bytearray | memoryview]
    if shape.kind == "json":
        pieces, kind = [f"{text}\n".encode("ascii")], "application/json"
    elif shape.kind == "raw":
        chosen = outputs[shape.output]
        pieces, kind = [chosen.data], chosen.media_type
    else:
        # Derived, not random: the same answer has the same bytes. No input can be made to hold its digest.
        boundary = f"eitherside-{etag[:48]}"
        pieces, kind = (
            multipart.write(result, outputs, boundary),
            f"{MULTIPART}; boundary={boundary}",
        )
    response = Response(_steps(pieces), 200, content_type=kind)
    response.content_length = sum(len(piece) for piece in pieces)
    if shape.kind == "raw" and len(text) <= MAX_RESULT_HEADER:
        response.headers[RESULT_HEADER] = text
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept"
    return response


def _steps(pieces: Iterable[bytes | bytearray | memoryview]) -> Iterable[bytes]:
    """Yields the pieces in steps, so that a client that reads slowly is noticed with each of them."""
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), 1 << 20):
            yield bytes(view[start : start + (1 << 20)])
