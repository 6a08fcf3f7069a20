"""``GET /v1/capacity``, and the header that tells the load with every answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from flask import Response, request

from ..pool import Load
from . import description
from .state import Service

HEADER = "Eitherside-Load"
_MAX_WAIT = 86400.0


def document(service: Service) -> dict[str, Any]:
    """Returns what all processes do, and what they could."""
    settings = service.settings
    loads = _loads(service)
    return {
        "module": description.module(service),
        **_summed(service, loads),
        "queue_length": settings.queue_length,
        "memory": {
            "total": sum(load.budget for load in loads),
            "reserved": sum(load.memory for load in loads),
            "per_call": _per_call(service),
        },
        "max_body": int(settings.max_body),
        "time_limit": settings.time_limit,
        "speed": service.board.speed,
    }


def response(service: Service) -> Response:
    """Answers with the document of this moment."""
    service.speed.begin()
    found = Response(description.dump(document(service)), content_type="application/json")
    found.headers["Cache-Control"] = "no-store"
    return found


def tell(service: Service, answer: Response) -> Response:
    """Adds the load to an answer of the API, as a dictionary of structured fields (RFC 9651)."""
    if request.path.startswith("/v1/"):
        summed = _summed(service, _loads(service))
        answer.headers[HEADER] = ", ".join(f"{name}={value}" for name, value in summed.items())
    return answer


def _loads(service: Service) -> list[Load]:
    # Until a process has compiled the module, it has no pool that could tell.
    return service.board.loads() or [service.host.load()]


def _summed(service: Service, loads: Sequence[Load]) -> dict[str, int | float]:
    """Sums the processes up; the wait is their mean, because a connection goes to any of them."""
    now, memory = time.monotonic(), _per_call(service)
    wait = sum(load.wait(memory, now) for load in loads) / len(loads)
    return {
        "running": sum(load.running for load in loads),
        "waiting": sum(load.waiting for load in loads),
        "threads": sum(load.threads for load in loads),
        "wait": round(min(wait, _MAX_WAIT), 3),
    }


def _per_call(service: Service) -> int:
    return min(int(service.settings.memory_per_call), service.module.maximum_bytes)
