"""What is known of a call before it runs, and what its end means to the planner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .costs import Facts, needs
from .errors import CANCELLED, INTERNAL, MEMORY_LIMIT, NOT_ALLOWED, OVER_CAPACITY, CallError
from .interface import Interface
from .places import Attained
from .planner import Job, Observation, Outcome, Priority
from .request import Request
from .stop import Stop


def job_of(
    request: Request, measured: Mapping[str, Any] | None, priority: Priority, left: float | None
) -> Job:
    """Returns a call as the planner sees it.

    Args:
        request: the call.
        measured: what the interface's measuring function told, if it did.
        priority: of the call.
        left: seconds until its deadline, if it has one.
    """
    function = request.function
    facts = Facts(
        options=request.options,
        defaults=function.defaults,
        inputs={name: [view.nbytes for view in views] for name, views in request.buffers.items()},
        measured=measured,
    )
    found = needs(function.cost.expressions, facts)
    return Job(
        function=function.name,
        kind=found.kind,
        work=found.work,
        bytes_in=request.bytes_in,
        bytes_out=found.output_bytes,
        memory=found.memory,
        pure=function.idempotent,
        priority=priority,
        deadline=None if left is None else 1000 * left,
    )


def outcome_of(error: CallError, interface: Interface, stop: Stop) -> Outcome:
    """Returns what a failure says of the place: bad input is bad everywhere, all else is the place's."""
    code = error.code
    if code == CANCELLED.code or stop.is_over:
        return "cancelled" if stop.is_set() else "failed"
    if code == OVER_CAPACITY.code:
        return "refused"
    if code == MEMORY_LIMIT or (code not in interface.errors and error.status == 413):
        return "memory"
    # What is not allowed there says nothing of how the place does.
    if code == NOT_ALLOWED.code or (code in interface.errors and code != INTERNAL):
        return "bad_input"
    return "failed"


def observed(attained: Attained) -> Observation:
    """Returns what a call that went well has told."""
    times = attained.times
    return Observation(
        "ok",
        total=1000 * times.total,
        queue=1000 * times.queue,
        start=1000 * times.start,
        compute=1000 * times.compute,
        transfer=1000 * times.transfer,
        download=None if attained.download is None else 1000 * attained.download,
        bytes_up=attained.bytes_up,
        bytes_down=sum(len(item.data) for item in attained.outputs),
    )


def failed(error: CallError, outcome: Outcome, seconds: float) -> Observation:
    """Returns what a call that failed has told."""
    retry = None if error.retry_after is None else 1000.0 * error.retry_after
    return Observation(outcome, total=1000 * seconds, retry_after=retry)
