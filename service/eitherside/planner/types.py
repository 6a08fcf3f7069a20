"""What goes into the planner and what comes out.

Times are milliseconds, sizes bytes. The planner is pure: its clock and its random source are given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

PlaceName = Literal["native", "local", "server"]
PLACES: tuple[PlaceName, ...] = ("native", "local", "server")

Priority = Literal["high", "auto", "low"]

Rule = Literal[
    "forced",  # the caller named the place (set by who asks, never by `decide`)
    "only",  # no other place is available
    "memory",  # another place lacks the memory or refuses the size
    "known",  # the server has the result already
    "deadline",  # the likeliest to make the deadline
    "fastest",
    "cheapest",  # not the fastest, but metered bytes or the battery decide
    "warm",  # not the fastest now, but it starts the module, which pays off with the calls after
    "kept",  # another is a little faster, not enough to change over
    "explore",  # to find out whether an unused place has become the better one
    "trial",  # the breaker is half open: one call tries the place again
    "none",  # no place is available: tried nevertheless, so that the caller gets the place's own error
]

Outcome = Literal["ok", "refused", "memory", "failed", "bad_input", "cancelled", "lost_race"]
"""`refused`: over capacity; `memory`: it did not fit there, or the body was too large; `failed`: crash,
unreachable, time-out, a bad answer; `bad_input`: an error of the interface, the same everywhere; `lost_race`:
the other one of a hedged pair was first."""


@dataclass(frozen=True)
class Job:
    """A call, as far as it is known before it runs.

    Attributes:
        function: its name.
        kind: calls of one kind share coefficients.
        work: milliseconds of computing on the reference machine; None where the interface does not tell.
        bytes_in: of all inputs.
        bytes_out: of all outputs, or None.
        memory: linear memory at its peak, or None.
        pure: whether it may be run twice: only such calls are hedged.
        priority: as the caller says.
        deadline: milliseconds from now until which the caller wants the answer.
        result_known: whether the server was asked for the result by its key, and had it; None: not asked.
    """

    function: str
    kind: str
    work: float | None
    bytes_in: float
    bytes_out: float | None
    memory: float | None
    pure: bool = True
    priority: Priority = "auto"
    deadline: float | None = None
    result_known: bool | None = None


@dataclass(frozen=True)
class PlaceState:
    """A place at the moment of the decision. What was sent there through the planner, it counts itself.

    Attributes:
        available: whether the call can go there at all.
        why: why not, one clause.
        workers: calls that run at a time.
        cold: whether this call would have to compile the module first.
        cold_bytes: what must be downloaded before a cold place can start.
        memory_limit, body_limit: the largest `memory` and `bytes_in` that it accepts.
    """

    available: bool
    why: str | None = None
    workers: int = 1
    cold: bool = False
    cold_bytes: float | None = None
    memory_limit: float | None = None
    body_limit: float | None = None


PlaceStates = Mapping[PlaceName, PlaceState]


@dataclass(frozen=True)
class Parts:
    """The parts that add up to what is expected."""

    queue: float = 0.0
    start: float = 0.0
    round_trip: float = 0.0
    up: float = 0.0
    compute: float = 0.0
    down: float = 0.0

    @property
    def total(self) -> float:
        """Their sum."""
        return self.queue + self.start + self.round_trip + self.up + self.compute + self.down


@dataclass(frozen=True)
class Estimate:
    """What a call would take at a place.

    Attributes:
        place: where.
        available: whether it can go there; if not, `why` tells, and the numbers say nothing.
        expected, low, high: milliseconds; 5th and 95th percentile.
        parts: what adds up to `expected`.
        penalty: milliseconds for what the call costs the user beside time.
        cost: what is compared: expected + penalty, less the part of a cold start that earlier calls have paid
            for by waiting elsewhere.
        samples: calls of this kind that this place has answered (decayed, so not a whole number).
    """

    place: PlaceName
    available: bool
    why: str | None
    expected: float
    low: float
    high: float
    parts: Parts
    penalty: float
    cost: float
    samples: float


@dataclass(frozen=True)
class Hedge:
    """Start the call at `place`, too, after so many milliseconds without an answer."""

    place: PlaceName
    after: float


@dataclass(frozen=True)
class Decision:
    """Where a call is to run.

    Attributes:
        place: where.
        rule: which rule decided.
        why: one sentence for people.
        estimates: of every place.
        order: where to go if `place` fails, best first.
        hedge: a second place to try when the first is late, if `Planner.spend_hedge` allows it then.
        ask: whether it pays to ask the server for the result by its key first.
    """

    place: PlaceName
    rule: Rule
    why: str
    estimates: tuple[Estimate, ...]
    order: tuple[PlaceName, ...]
    hedge: Hedge | None
    ask: bool


@dataclass(frozen=True)
class Observation:
    """What came of a call at a place. Times that are not known are None, not guessed.

    Attributes:
        outcome: how it ended.
        total: of the whole attempt.
        queue, start, compute: of waiting, of bringing the module into place, of computing.
        transfer: everything else; total - queue - start - compute where it is None and those are known.
        download: the part of `transfer` after the answer's headers came.
        bytes_up, bytes_down: of the bodies.
        retry_after: what the place asks for.
    """

    outcome: Outcome
    total: float
    queue: float | None = None
    start: float | None = None
    compute: float | None = None
    transfer: float | None = None
    download: float | None = None
    bytes_up: float | None = None
    bytes_down: float | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class ServerLoad:
    """How busy the server says it is; `wait` in milliseconds, `speed` in milliseconds per unit of work."""

    running: float
    waiting: float
    threads: float
    wait: float
    speed: float | None = None


@dataclass(frozen=True)
class Exchange:
    """Any other exchange with the server; `first_byte` is until the headers, then comes `download`."""

    bytes_up: float
    bytes_down: float
    first_byte: float
    download: float


@dataclass(frozen=True)
class Battery:
    """A battery's state; `level` from 0 to 1."""

    charging: bool
    level: float


@dataclass(frozen=True)
class Priors:
    """What the surroundings tell of themselves before anything was measured; None where they do not.

    Attributes:
        hardware_concurrency: cores.
        device_memory: GiB.
        mobile: whether it is a telephone or the like.
        downlink: Mbit/s.
        rtt: milliseconds.
        connection: as browsers name it: ``cellular``, ``wifi``, ``ethernet``.
        save_data: whether the user wants to save data.
        battery: its state.
        pressure: of the processor's load.
        online: whether there is a network.
        loopback: whether the server is on this machine.
        module_bytes: of the module, which say how long a cold start takes.
    """

    hardware_concurrency: float | None = None
    device_memory: float | None = None
    mobile: bool | None = None
    downlink: float | None = None
    rtt: float | None = None
    connection: str | None = None
    save_data: bool | None = None
    battery: Battery | None = None
    pressure: Literal["nominal", "fair", "serious", "critical"] | None = None
    online: bool | None = None
    loopback: bool | None = None
    module_bytes: float | None = None


@dataclass(frozen=True)
class BreakerSettings:
    """Failures in a row that open a breaker, and milliseconds it is kept open at first and at most."""

    failures: int = 2
    rest: float = 1000
    longest: float = 60_000


@dataclass(frozen=True)
class ByteWeight:
    """What a megabyte sent or received is worth, in milliseconds."""

    save_data: float = 5000
    cellular: float = 1000
    battery: float = 200


@dataclass(frozen=True)
class ComputeWeight:
    """What a millisecond of computing here is worth beside itself."""

    battery: float = 2
    serious: float = 0
    critical: float = 0.2


@dataclass(frozen=True)
class PlannerSettings:
    """What callers may set.

    Attributes:
        exploration: the share of the expected time of all calls that exploring may cost; 0 turns it off.
        hysteresis: how much better another place must be to change over, as a share of the cost.
        hedging: the share of pure calls that may be hedged; 0 turns it off.
        breaker, byte_weight, compute_weight: see there.
    """

    exploration: float = 0.02
    hysteresis: float = 0.05
    hedging: float = 0.05
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    byte_weight: ByteWeight = field(default_factory=ByteWeight)
    compute_weight: ComputeWeight = field(default_factory=ComputeWeight)


@dataclass(frozen=True)
class Surroundings:
    """The planner's clock (milliseconds since the epoch) and random source (uniform in [0, 1))."""

    now: Callable[[], float]
    random: Callable[[], float]


CoefficientRecord = tuple[float, float, float, float]
"""A learned logarithm: mean, variance, decayed number of observations, when it last changed."""


@dataclass(frozen=True)
class PlannerRecord:
    """What is kept between runs, of one module and one service."""

    module: str
    service: str
    coefficients: Mapping[str, CoefficientRecord]
