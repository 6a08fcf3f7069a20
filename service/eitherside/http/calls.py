"""``POST /v1/<function>``: a call of the module; ``GET /v1/results/<key>``: its answer, once more."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from ..ceilings import not_allowed
from ..errors import NOT_ALLOWED, CallError
from ..host import Buffer
from . import body, bridge, multipart, negotiation, pinning, tickets
from .answers import Form
from .digests import Digest, Digests
from .disconnect import Disconnect
from .endpoints import OCTETS, Endpoint
from .identity import Identity, are_preconditions, check, check_match
from .multipart import MEDIA_TYPE as MULTIPART
from .options import canonical, from_json, from_query, merged, pointer
from .problems import Problem
from .results import Kept
from .state import Service

KEY_HEADER = "Eitherside-Result-Key"
MEMORY_HEADER = "Eitherside-Memory"
_KEY = re.compile(r"[0-9a-f]{64}\Z")
MAX_REPEATED = 65536
# RFC 2046 says 70; Werkzeug's own client makes longer ones now and then.
_LONGEST_BOUNDARY = 200
# What clients send where nobody told them the type; curl's --data-binary says the second.
UNLABELLED = frozenset({"", "application/x-www-form-urlencoded", OCTETS})

Inputs = dict[str, list[body.Body]]


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
    pinning.check(service)
    with tickets.registered(service.board) as cancel:
        return _answer(service, endpoint, lease, cancel)


def _answer(service: Service, endpoint: Endpoint, lease: body.Lease, cancel: Disconnect) -> Response:
    began = time.perf_counter()
    options, inputs, digest = _read(service, endpoint, lease, cancel)
    check_allowed(service, endpoint, options)
    arrived = time.perf_counter() - began
    _choose_format(endpoint, options)
    chosen = bridge.plan(endpoint, options, inputs)
    whole = canonical(options, endpoint.function.properties)
    pillow = endpoint.foreign.identity if chosen.foreign else None
    form = Form(endpoint, whole, service.settings.option_ceilings, pillow)
    digests = Digests(inputs, digest)

    def identity() -> Identity:
        return Identity(service.module.sha256, endpoint.name, whole, digests.wait())

    if are_preconditions():
        check(form.tag(identity()))
    try:
        outcome = bridge.run(service.host, endpoint, chosen, options, inputs, cancel)
    except CallError as error:
        name_inputs(error, endpoint, inputs)
        raise
    cancel.forget()
    lease.force(sum(len(item.data) for item in outcome.outputs))
    known = identity()
    response = form.write(outcome.result, outcome.outputs, known)
    if not chosen.foreign:
        _keep(service, endpoint, response, Kept(known, outcome.result, outcome.outputs))
    response.headers[MEMORY_HEADER] = str(outcome.memory)
    response.headers["Server-Timing"] = _timing(
        {"body": arrived, **outcome.times, "total": time.perf_counter() - began}
    )
    return response


def check_allowed(service: Service, endpoint: Endpoint, options: Mapping[str, object]) -> None:
    """Refuses options that strangers may not set so high.

    Raises:
        Problem: not_allowed.
    """
    found = not_allowed(endpoint.function, options, service.settings.option_ceilings)
    if found is not None:
        name, most = found
        text = f"{name} may be at most {most:g} here; its owner can allow more (EITHERSIDE_OPTION_CEILINGS)"
        raise Problem(NOT_ALLOWED.code, text, option=pointer(name), limit=most)


def _keep(service: Service, endpoint: Endpoint, response: Response, kept: Kept) -> None:
    """Has the result kept where its key says all that it depends on, and then tells the key."""
    options = kept.identity.options
    if not endpoint.function.idempotent or service.host.lowered(endpoint.function, options):
        return
    key = kept.identity.key
    if key is None:
        return
    lease = service.budget.lease()
    lease.force(sum(len(item.data) for item in kept.outputs))
    if service.keeping.begin(key, kept, lease.release):
        response.headers[KEY_HEADER] = key
    else:
        lease.release()


def result(service: Service, key: str) -> Response:
    """Answers ``GET /v1/results/<key>`` as the call did that gave the result.

    Raises:
        Problem: not_found, where none of this key is kept; not_acceptable; precondition_failed.
    """
    # One that is being written is as good as there.
    service.keeping.wait(key)
    kept = service.results.get(key) if _KEY.match(key) else None
    endpoint = service.endpoints.get(kept.identity.function) if kept is not None else None
    if kept is None or endpoint is None or kept.identity.module != service.module.sha256:
        raise Problem("not_found", "no result of this key is kept")
    form = Form(endpoint, kept.identity.options, service.settings.option_ceilings)
    check_match(form.tag(kept.identity))
    response = form.write(kept.result, kept.outputs, kept.identity)
    response.headers[KEY_HEADER] = key
    response.make_conditional(request)
    return response


def _read(
    service: Service, endpoint: Endpoint, lease: body.Lease, cancel: Disconnect
) -> tuple[dict[str, object], Inputs, Digest | None]:
    """Returns options and inputs, and the digest of the first buffer, where it has been begun."""
    settings = service.settings
    query = from_query(request.args, endpoint.properties)
    first = next(iter(endpoint.function.inputs), None)
    in_parts = request.mimetype == MULTIPART
    if first is not None and not in_parts:
        _check_type(endpoint)
    data, digest = body.read(
        settings.max_body, settings.body_time, lease, cancel.withdrawn, searchable=in_parts
    )
    if isinstance(data, bytearray) and in_parts:
        return *_read_parts(endpoint, query, data), None
    if first is None:
        if data:
            raise Problem("bad_input", f"{endpoint.name} takes no input, so the body must be empty")
        return query, {}, None
    others = [item.name for item in endpoint.function.inputs[1:] if not item.optional]
    if others:
        raise Problem("bad_input", f"{endpoint.name} takes several inputs: send {MULTIPART}", input=others[0])
    # Without parts, an input that is empty and one that is left out look the same.
    return (query, {first.name: [data]}, digest) if data or not first.optional else (query, {}, None)


def _read_parts(
    endpoint: Endpoint, query: Mapping[str, object], data: bytearray
) -> tuple[dict[str, object], Inputs]:
    boundary = request.mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
        raise Problem("bad_request", f"the Content-Type {MULTIPART} has no usable boundary")
    names = {multipart.OPTIONS: 1}
    names |= {item.name: MAX_REPEATED if item.repeated else 1 for item in endpoint.function.inputs}
    parts = multipart.read(data, boundary, names)
    found = parts.pop(multipart.OPTIONS, None)
    options = merged(query, from_json(found[0])) if found else dict(query)
    for item in endpoint.function.inputs:
        if not item.optional and item.name not in parts:
            raise Problem("bad_input", f"the part {item.name} is missing", input=item.name)
    return options, {name: [*views] for name, views in parts.items()}


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


def name_inputs(error: CallError, endpoint: Endpoint, inputs: Mapping[str, Sequence[Buffer]]) -> None:
    """Notes to which input each row of the call belonged, so that the problem can name the one at fault."""
    rows = [item.name for item in endpoint.function.inputs for _ in inputs.get(item.name, ())]
    error.input_names = rows  # type: ignore[attr-defined]


def _timing(seconds: Mapping[str, Any]) -> str:
    return ", ".join(f"{name};dur={1000 * value:.3f}" for name, value in seconds.items())
