"""``POST /v1/<function>``: a call of the module."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, request

from ..errors import CallError
from ..host import Buffer
from . import body, bridge, identity, multipart, negotiation
from .disconnect import Disconnect
from .endpoints import OCTETS, Endpoint
from .multipart import MEDIA_TYPE as MULTIPART
from .negotiation import Shape
from .options import canonical, from_json, from_query, merged, pointer
from .problems import Problem
from .state import Service

RESULT_HEADER = "Eitherside-Result"
MAX_RESULT_HEADER = 4096
MAX_REPEATED = 65536
# What clients send where nobody told them the type; curl's --data-binary says the second.
UNLABELLED = frozenset({"", "application/x-www-form-urlencoded", OCTETS})

Inputs = dict[str, list[bytearray]]


def call(service: Service, endpoint: Endpoint) -> Response:
    """Answers one request for `endpoint`.

    Raises:
        Problem, CallError: see `problems`.
    """
    lease = service.budget.lease()
    try:
        response = _call(service, endpoint, lease)
    except BaseException:
        lease.release()
        raise
    # The bytes of the answer are ours until the client has them.
    response.call_on_close(lease.release)
    return response


def _call(service: Service, endpoint: Endpoint, lease: body.Lease) -> Response:
    began = time.perf_counter()
    options, inputs = _read(service, endpoint, lease)
    arrived = time.perf_counter() - began
    _choose_format(endpoint, options)
    chosen = bridge.plan(endpoint, options, inputs)
    shape = _foresee(endpoint, chosen, options)
    etag = identity.tag(
        service.module.sha256,
        endpoint.name,
        canonical(options, endpoint.function.properties),
        inputs,
        shape=shape.kind
        if shape
        else negotiation.preferences(request.accept_mimetypes, endpoint.output_types),
        ceilings=service.settings.option_ceilings,
        pillow=endpoint.foreign.identity if chosen.foreign else None,
    )
    identity.check(etag)
    cancel = Disconnect(body.client_socket())
    try:
        outcome = bridge.run(service.host, endpoint, chosen, options, inputs, cancel)
    except CallError as error:
        _name_inputs(error, endpoint, inputs)
        raise
    finally:
        cancel.forget()
    lease.force(sum(len(item.data) for item in outcome.outputs))
    shape = shape or negotiation.choose_shape(
        request.accept_mimetypes, [item.media_type for item in outcome.outputs]
    )
    response = _write(outcome, shape, etag)
    response.headers["Server-Timing"] = _timing(
        {"body": arrived, **outcome.times, "total": time.perf_counter() - began}
    )
    return response


def _read(service: Service, endpoint: Endpoint, lease: body.Lease) -> tuple[dict[str, object], Inputs]:
    query = from_query(request.args, endpoint.properties)
    pieces = body.read(service.settings.max_body, service.settings.body_time, lease)
    if request.mimetype == MULTIPART:
        return _read_parts(endpoint, query, pieces)
    first = next(iter(endpoint.function.inputs), None)
    if first is None:
        if next(pieces, b""):
            raise Problem("bad_input", f"{endpoint.name} takes no input, so the body must be empty")
        return query, {}
    _check_type(endpoint)
    data = bytearray()
    for piece in pieces:
        data += piece
    others = [item.name for item in endpoint.function.inputs[1:] if not item.optional]
    if others:
        raise Problem("bad_input", f"{endpoint.name} takes several inputs: send {MULTIPART}", input=others[0])
    return query, {first.name: [data]}


def _read_parts(
    endpoint: Endpoint, query: Mapping[str, object], pieces: Iterable[bytes]
) -> tuple[dict[str, object], Inputs]:
    boundary = request.mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= 70 or not boundary.isascii():
        raise Problem("bad_request", f"the Content-Type {MULTIPART} has no usable boundary")
    names = {multipart.OPTIONS: 1}
    names |= {item.name: MAX_REPEATED if item.repeated else 1 for item in endpoint.function.inputs}
    parts = multipart.read(pieces, boundary, names)
    found = parts.pop(multipart.OPTIONS, None)
    options = merged(query, from_json(found[0])) if found else dict(query)
    for item in endpoint.function.inputs:
        if not item.optional and item.name not in parts:
            raise Problem("bad_input", f"the part {item.name} is missing", input=item.name)
    return options, parts


def _check_type(endpoint: Endpoint) -> None:
    """Refuses a body that is labelled as something else. What it really is, its bytes tell the module."""
    kind = request.mimetype
    first = endpoint.function.inputs[0]
    if (
        kind in UNLABELLED
        or kind in endpoint.input_types(first)
        or (first.formats and kind.startswith("image/"))
    ):
        return
    known = [*endpoint.input_types(first), MULTIPART]
    detail = f"{endpoint.name} does not take a body of this Content-Type; it takes {', '.join(known)}"
    raise Problem("unsupported_media_type", detail, input=first.name, media_types=known)


def _choose_format(endpoint: Endpoint, options: dict[str, object]) -> None:
    option = endpoint.format_option
    if option is None or option in options or "default" in endpoint.function.properties[option]:
        return
    options[option] = negotiation.choose_format(request.accept_mimetypes, endpoint.formats, option).name


def _foresee(endpoint: Endpoint, chosen: bridge.Plan, options: Mapping[str, object]) -> Shape | None:
    """Returns the answer's shape where it is known before the call; None where it depends on the outputs.

    Raises:
        Problem: not_acceptable, where no shape can be.
    """
    accept = request.accept_mimetypes
    kinds = _output_types(endpoint, options)
    if endpoint.is_fixed:
        return negotiation.choose_shape(accept, kinds)
    possible = [*dict.fromkeys(kinds), MULTIPART]
    if accept and not any(accept.quality(kind) > 0 for kind in possible):
        raise negotiation.not_acceptable(possible)
    return None


def _output_types(endpoint: Endpoint, options: Mapping[str, object]) -> list[str]:
    written = {item.name: item.media_type for item in endpoint.formats}
    option = endpoint.format_option
    kind = OCTETS
    if option is not None:
        chosen = options.get(option, endpoint.function.properties[option].get("default"))
        if not isinstance(chosen, str) or chosen not in written:
            # The module would refuse it too, but does not know the formats that Pillow adds.
            raise Problem(
                "bad_option", f"{option} must be one of {', '.join(written)}", option=pointer(option)
            )
        kind = written[chosen]
    return [kind if item.format_from else item.media_type or OCTETS for item in endpoint.function.outputs]


def _name_inputs(error: CallError, endpoint: Endpoint, inputs: Mapping[str, Sequence[Buffer]]) -> None:
    """Notes to which input each row of the call belonged, so that the problem can name the one at fault."""
    rows = [item.name for item in endpoint.function.inputs for _ in inputs.get(item.name, ())]
    error.input_names = rows  # type: ignore[attr-defined]


def _write(outcome: bridge.Outcome, shape: Shape, etag: str) -> Response:
    text = json.dumps(outcome.result, ensure_ascii=True, separators=(",", ":"))
    pieces: list[bytes | bytearray | memoryview]
    if shape.kind == "json":
        pieces, kind = [f"{text}\n".encode("ascii")], "application/json"
    elif shape.kind == "raw":
        chosen = outcome.outputs[shape.output]
        pieces, kind = [chosen.data], chosen.media_type
    else:
        # Derived, not random: the same answer has the same bytes. No input can be made to hold its digest.
        boundary = f"eitherside-{etag[:48]}"
        pieces, kind = (
            multipart.write(outcome.result, outcome.outputs, boundary),
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


def _timing(seconds: Mapping[str, Any]) -> str:
    return ", ".join(f"{name};dur={1000 * value:.3f}" for name, value in seconds.items())
