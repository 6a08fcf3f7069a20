"""Where a result came from: place, module, times. Times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

PlaceName = Literal["local", "server"]
PLACES: tuple[PlaceName, ...] = ("local", "server")


@dataclass(frozen=True)
class Times:
    """How long a call took.

    Attributes:
        queue: waiting for a thread, here or on the service.
        start: bringing the module into place.
        compute: computing.
        transfer: all else, on the wire above all.
        total: from the call to its result.
    """

    queue: float = 0.0
    start: float = 0.0
    compute: float = 0.0
    transfer: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """One try at a place.

    Attributes:
        place: where.
        outcome: ``ok``, ``refused``, ``memory``, ``failed``, ``bad_input``, ``cancelled`` or ``lost_race``.
        why: the error's message; empty where there was none.
        times: what is known of its times.
    """

    place: PlaceName
    outcome: str
    why: str
    times: Times


@dataclass(frozen=True)
class Provenance:
    """Where a result came from.

    Attributes:
        function: the function's name in the interface.
        place: where it was computed.
        why: why there, one sentence.
        module: SHA-256 of the module, lower-case hexadecimal.
        options: the options as the module was given them.
        times: of the attempt that gave the result, but `total` from the call on.
        attempts: every try, in the order they began.
        call: the call's id at the service; None where it did not go there.
        kept: whether the service had the result already, so that nothing was sent or computed.
        predicted: seconds that the planner expected; None where it was not asked.
        bytes_in, bytes_out: of all input and all output buffers.
        threads: most threads that ran at once for it; None where only the service knows.
    """

    function: str
    place: PlaceName
    why: str
    module: str
    options: Mapping[str, Any]
    times: Times
    attempts: tuple[Attempt, ...] = field(default=())
    call: str | None = None
    kept: bool = False
    predicted: float | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    threads: int | None = None
