"""``/healthz``: the process answers. ``/readyz``: it can compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from ..errors import INTERNAL, MEMORY_LIMIT, CallError, EithersideError
from ..interface import Format, Function, Input
from ..probe import Probe
from .problems import Problem
from .state import Service

SECONDS = 5.0

# Files of one or two grey pixels, by media type: what readiness can be tried with, whatever the module.
TINY = {
    "image/x-portable-anymap": b"P5\n2 1\n255\n\x00\xff",
    "image/png": bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
    ),
}


@dataclass(frozen=True)
class _Trial:
    """A call that shows whether the module computes; where `refusable`, its refusal shows it as well."""

    function: str
    options: Mapping[str, Any]
    inputs: Mapping[str, bytes]
    what: str
    refusable: bool = False


def healthy() -> Response:
    """Answers that the process is alive."""
    response = Response('{"status": "ok"}\n', content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def probe(service: Service) -> tuple[Function, Input, bytes] | None:
    """Returns a function that needs but a file, if possible one sure to give buffers, and a tiny file."""
    found = [
        (all(output.optional for output in function.outputs), function, item, data)
        for function in service.interface.functions.values()
        if not function.required
        for item in function.inputs[:1]
        if all(other.optional for other in function.inputs[1:])
        for data in _tiny(item, service.interface.formats)
    ]
    return min(found, key=lambda entry: entry[0])[1:] if found else None


def _tiny(item: Input, formats: Mapping[str, Format]) -> list[bytes]:
    kinds = {formats[name].media_type for name in item.formats}
    return [data for kind, data in TINY.items() if kind in kinds][:1]


def _trial(service: Service) -> _Trial | None:
    """Returns a call of a tiny file, else the module's own probe, else any call with nothing in it."""
    if (chosen := probe(service)) is not None:
        function, item, data = chosen
        return _Trial(function.name, {}, {item.name: data}, f"{function.name} of a tiny file")
    if (own := Probe.of(service.interface)) is not None:
        return _Trial(own.function, own.options, own.buffers, f"{own.function}, the module's probe,")
    for function in service.interface.functions.values():
        empty = {item.name: b"" for item in function.inputs if not item.optional}
        return _Trial(function.name, {}, empty, f"{function.name} of nothing", refusable=True)
    return None


def _refused(service: Service, trial: _Trial, error: CallError) -> bool:
    """Tells whether the module itself found the call wrong, and said so."""
    own = service.interface.errors.get(error.code) == error.kind
    return trial.refusable and own and error.code not in (INTERNAL, MEMORY_LIMIT)


def ready(service: Service) -> Response:
    """Makes a tiny call by the same pool as every other.

    Raises:
        Problem: not_ready, where it fails.
        CallError: over_capacity, where the queue is full.
    """
    trial = _trial(service)
    if trial is None:
        raise Problem("not_ready", "the module has no function that could be tried")
    waited = ran = 0.0
    try:
        answer = service.host.call(trial.function, trial.options, trial.inputs, time_limit=SECONDS)
        waited, ran = answer.waited, answer.ran
    except CallError as error:
        if error.code == "over_capacity":
            raise
        if not _refused(service, trial, error):
            raise Problem(
                "not_ready", f"{trial.what} failed: {error.code}", headers={"Retry-After": "5"}
            ) from error
    except EithersideError as error:
        raise Problem(
            "not_ready", "the module cannot be run; the log tells why", headers={"Retry-After": "30"}
        ) from error
    response = Response('{"status": "ready"}\n', content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Server-Timing"] = f"queue;dur={1000 * waited:.3f}, compute;dur={1000 * ran:.3f}"
    return response
