"""Decides where calls run and learns from how they went. See docs/placement.md."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from .breaker import Breaker
from .budget import Budget
from .coefficient import Book, Term
from .compute import Compute, Prediction, exp
from .decide import Circumstances, choose, extra_of
from .estimate import PERCENTILE_95, Rated, Uncertain, add_up, by_cost, is_busy, mean, shared, unavailable
from .ledger import Entry, Ledger, Ticket
from .link import Link, Transfer
from .load import OthersLoad
from .output import Output
from .patience import Patience
from .prior import LinkPrior, Weights, cold_start, connection_of, slowness
from .room import Room
from .types import (
    PLACES,
    Decision,
    Exchange,
    Hedge,
    Job,
    Observation,
    Outcome,
    Parts,
    PlaceName,
    PlaceState,
    PlaceStates,
    PlannerRecord,
    PlannerSettings,
    Priors,
    ServerLoad,
    Surroundings,
)
from .wording import duration

_KEPT_KINDS = 512
_PROBE_NOISE = 0.04
_START_NOISE = 0.1
_MOST_HEDGES = 2.0
# A second start pays only where it is not expected to take many times what the first has taken already.
_HEDGE_WORTH = 2
_RESTARTS = 2
_MS_PER_BYTE_IN_MEMORY = 1e-6
_QUEUE_VARIANCE = 0.3
_USUALLY_LATE = 1.5
_MOST_LATE = 4.0
# As many as any ledger looks at.
_ENDLESS = 2.0**53 - 1


def may_fall_back(outcome: Outcome) -> bool:
    """Tells whether a call that ended so at one place may be tried at another."""
    return outcome in ("refused", "memory", "failed")


@dataclass(frozen=True)
class _Pending:
    """A call under way, and what was expected: `link` is the link's part of it without other calls."""

    job: Job
    parts: Parts
    bytes_out: float
    link: Transfer


@dataclass(frozen=True)
class _Course:
    """The parts of a call, and how unsure they are."""

    parts: Parts
    compute: Prediction
    start_variance: float = 0.0


class Planner:
    """Learned costs, a breaker for each place, budgets, and the decision. Not for several threads at once."""

    def __init__(
        self,
        surroundings: Surroundings,
        module: str,
        service: str,
        settings: PlannerSettings | None = None,
        record: PlannerRecord | None = None,
    ) -> None:
        """Makes a planner.

        Args:
            surroundings: clock and random source.
            module, service: SHA-256 and URL, for the record.
            settings: what callers may set.
            record: as `parse_record` gave it.
        """
        now = surroundings.now
        self._now = now
        self._module, self._service = module, service
        self._settings = settings if settings is not None else PlannerSettings()
        self._book = Book(now)
        self._compute = Compute(self._book)
        self._output = Output(self._book)
        self._load = OthersLoad(now)
        self._room = Room(now)
        self._patience = Patience()
        self._links = {place: Link(self._book, place) for place in PLACES}
        self._ledgers = {place: Ledger(now) for place in PLACES}
        self._breakers = {place: Breaker(self._settings.breaker, surroundings) for place in PLACES}
        self._pending: dict[Ticket, _Pending] = {}
        self._last: dict[str, PlaceName] = {}
        self._hedges = Budget(self._settings.hedging, _MOST_HEDGES, 1.0)
        self._exploration: Budget | None = None
        self._hints = Priors()
        self._weights = Weights(self._hints, self._settings)
        self._tickets = 0
        self._assume(self._hints)
        if record is not None:
            self._book.restore(record.coefficients.items())

    def decide(self, job: Job, states: PlaceStates, *, dry: bool = False) -> Decision:
        """Returns what each place would cost, and which one it is to be.

        It changes nothing but the budget of exploring and what is known of waiting for a cold start; with
        `dry` not even that.

        Raises:
            ValueError: there is no place at all.
        """
        estimates = [self._estimate(place, job, states[place]) for place in PLACES if place in states]
        if self._exploration is None:
            self._exploration = Budget(self._settings.exploration, 0.0, _first_budget(estimates))
        budget = self._exploration
        is_covered = job.pure and self._hedges.has(1)
        choice = choose(
            job,
            estimates,
            Circumstances(
                self._last.get(_kind_of(job)),
                self._settings.hysteresis,
                budget.has,
                is_covered,
                self._weights.because,
            ),
        )
        chosen = choice.chosen
        others = by_cost(each for each in estimates if each.available and each.place != chosen.place)
        exploring = choice.rule == "explore"
        if not dry:
            if exploring and others:
                budget.spend(max(0.0, extra_of(chosen, others[0], is_covered)))
            self._note_cold(chosen, estimates)
            budget.earn(chosen.expected, max(100.0, chosen.expected))
        return Decision(
            chosen.place,
            choice.rule,
            choice.why,
            tuple(each.visible() for each in estimates),
            tuple(each.place for each in others),
            self._hedge(job, chosen, exploring, others),
            self._ask(job, chosen, states.get("server")),
        )

    def begin(self, place: PlaceName, job: Job, state: PlaceState | None = None) -> Ticket:
        """Notes that a call is handed to a place, also one that was forced; it must be observed later."""
        self._tickets += 1
        ticket = self._tickets
        parts = self._parts(place, job, state).parts
        bytes_out = self._output.predict(job)
        self._pending[ticket] = _Pending(
            job, parts, bytes_out, self._links[place].predict(job.bytes_in, bytes_out)
        )
        now = self._now()
        arrives = now + parts.round_trip / 2 + parts.up if place == "server" else now
        entry = Entry(ticket, place, job.priority, now, arrives, parts.start + parts.compute, parts)
        self._ledgers[place].add(entry)
        self._breakers[place].begin()
        if parts.start > 0:
            self._patience.started()
        if job.pure:
            self._hedges.earn(1)
        self._remember(_kind_of(job), place)
        return ticket

    def started(self, ticket: Ticket) -> None:
        """Notes that a call has left the queue of its place and runs. Optional."""
        for ledger in self._ledgers.values():
            ledger.started(ticket)

    def observe(self, ticket: Ticket, observation: Observation) -> None:
        """Learns from how a call ended."""
        taken = (ledger.take(ticket) for ledger in self._ledgers.values())
        entry = next((found for found in taken if found is not None), None)
        pending = self._pending.pop(ticket, None)
        if entry is None or pending is None:
            return
        expected = self._revised(entry.place, pending, entry.crowded)
        self._judge(entry.place, pending.job, observation)
        if observation.outcome == "ok":
            self._learn(entry.place, pending, expected, observation)
        elif observation.outcome in ("lost_race", "cancelled") and observation.total > expected.total:
            # A call that was stopped has told only that it takes longer than that.
            self._together(entry.place, pending.job, expected, observation.total)

    def spend_hedge(self) -> bool:
        """Tells whether a hedge may begin now that its time has come, and takes it out of the budget."""
        return self._hedges.spend(1)

    def asked(self, job: Job, hit: bool) -> None:
        """Learns what came of asking the server for a result by its key."""
        self._book.average(f"hits:{job.function}", 1.0 if hit else 0.0, 0.05)

    def server_load(self, load: ServerLoad) -> None:
        """Takes how busy the server says it is."""
        if load.waiting <= load.threads:
            self._breakers["server"].relent()
        own = self._ledgers["server"].queue(0, load.threads, "auto")
        self._load.report(load.wait, load.threads, own)
        if load.speed is not None:
            self.probe("server", load.speed, 1)

    def exchange(self, exchange: Exchange) -> None:
        """Learns from any other exchange with the server."""
        link = self._links["server"]
        expected = link.predict(exchange.bytes_up, exchange.bytes_down)
        link.learn(expected, exchange.first_byte + exchange.download, exchange.download)

    def probe(self, place: PlaceName, ms: float, work: float) -> None:
        """Takes the time of the interface's probe, or the server's `speed` with a work of 1."""
        if not ms > 0 or not work > 0:
            return
        key = f"machine:{place}"
        innovation = math.log(ms / work) - self._book.get(key).mean
        self._book.learn([Term(key, 1.0)], innovation, _PROBE_NOISE, f"probe:{place}")

    def priors(self, priors: Priors) -> None:
        """Takes what the surroundings tell; again whenever that changes."""
        before, after = connection_of(self._hints), connection_of(priors)
        is_other = (
            priors.connection != self._hints.connection
            or priors.loopback != self._hints.loopback
            or _apart(before.rtt, after.rtt)
            or _apart(before.down, after.down)
        )
        self._hints = priors
        self._weights = Weights(priors, self._settings)
        self._assume(priors)
        if is_other:
            self._reconnected(after)
        if priors.online is False:
            self._breakers["server"].disconnect()
        elif priors.online is True:
            self._breakers["server"].reconnect()

    def record(self) -> PlannerRecord:
        """Returns what was learned."""
        return PlannerRecord(self._module, self._service, self._book.entries())

    def _assume(self, priors: Priors) -> None:
        link = connection_of(priors)
        self._book.assume("machine:local", math.log(slowness(priors)))
        self._book.assume("machine:server", 0.0, 0.25)
        self._book.assume("rtt:server", math.log(link.rtt))
        self._book.assume("up:server", math.log(link.up))
        self._book.assume("down:server", math.log(link.down))
        for place in ("local", "native"):
            self._book.assume(f"rtt:{place}", 0.0, 0.5)
            self._book.assume(f"up:{place}", math.log(_MS_PER_BYTE_IN_MEMORY), 0.5)
            self._book.assume(f"down:{place}", math.log(_MS_PER_BYTE_IN_MEMORY), 0.5)

    def _reconnected(self, connection: LinkPrior) -> None:
        link = self._links["server"]
        link.doubt()
        link.hint("rtt", connection.rtt)
        link.hint("up", connection.up)
        link.hint("down", connection.down)

    def _estimate(self, place: PlaceName, job: Job, state: PlaceState) -> Rated:
        samples = self._compute.samples(place, job)
        breaker = self._breakers[place]
        if not state.available:
            return unavailable(place, state.why or "is not available", False, samples)
        lack = self._room.lack(place, job, state)
        if lack is not None:
            return unavailable(place, lack, True, samples)
        if breaker.state == "open":
            return unavailable(place, _rest_of(breaker), False, samples)
        course = self._parts(place, job, state)
        parts = course.parts
        total, sigma, unsure = add_up(self._uncertain(place, course))
        sent = (0.0 if job.result_known is True else job.bytes_in) + self._output.predict(job)
        penalty = self._weights.penalty(place, sent, parts.compute + parts.start)
        spread = exp(PERCENTILE_95 * sigma)
        discount = self._patience.discount(parts.start)
        return Rated(
            place,
            True,
            None,
            total,
            total / spread,
            total * spread,
            parts,
            penalty,
            total - discount + penalty,
            samples,
            sigma,
            unsure,
            discount,
            False,
            breaker.state == "half-open",
        )

    def _uncertain(self, place: PlaceName, course: _Course) -> list[Uncertain]:
        parts, compute = course.parts, course.compute
        variances, noise = self._links[place].variances(), self._links[place].noise()
        return [
            Uncertain(parts.queue, 0.0, _QUEUE_VARIANCE),
            Uncertain(parts.start, course.start_variance, 0.0),
            Uncertain(parts.round_trip, variances.round_trip, noise),
            Uncertain(parts.up, variances.up, noise),
            Uncertain(parts.compute, compute.variance, compute.noise),
            Uncertain(parts.down, variances.down, noise),
        ]

    def _parts(self, place: PlaceName, job: Job, state: PlaceState | None) -> _Course:
        is_known = place == "server" and job.result_known is True
        ledger = self._ledgers[place]
        compute = self._compute.predict(place, job)
        computing = 0.0 if is_known else mean(compute.value, compute.noise)
        plain = self._links[place].predict(0 if is_known else job.bytes_in, self._output.predict(job))
        own = state.workers if state is not None else 1
        late = self._lateness(place)
        if place != "server":
            start, variance = self._start(place, state)
            queue = late * ledger.queue(0, _ENDLESS if place == "native" else own, job.priority)
            parts = Parts(queue, start, plain.round_trip, plain.up, late * computing, plain.down)
            return _Course(parts, compute, variance)
        workers = own if self._load.threads is None else self._load.threads
        plain = Transfer(late * plain.round_trip, late * plain.up, late * plain.down)
        up = plain.up + ledger.uploads(plain.up)
        arrival = plain.round_trip / 2 + up
        queue = 0.0 if is_known else ledger.queue(arrival, workers, "auto") + self._load.wait()
        down = plain.down + ledger.downloads(plain.down, arrival + queue + computing, workers, "auto")
        return _Course(Parts(queue, 0.0, plain.round_trip, up, computing, down), compute)

    def _lateness(self, place: PlaceName) -> float:
        """Returns how many times slower a place must have become, if a call under way there is overdue.

        That is news before its answer comes. Being late within the usual does not count.
        """
        most = 1.0
        for entry in self._ledgers[place].all():
            pending = self._pending.get(entry.ticket)
            if pending is None:
                continue
            parts = self._revised(place, pending, entry.crowded)
            waits = entry.started is None
            expected = parts.total if waits else parts.start + parts.compute
            since = entry.began if entry.started is None else entry.started
            if expected > 0:
                most = max(most, (self._now() - since) / expected / _USUALLY_LATE)
        return min(_MOST_LATE, most)

    def _start(self, place: PlaceName, state: PlaceState | None) -> tuple[float, float]:
        """Returns milliseconds of a cold start, and the variance of their logarithm."""
        if state is None or not state.cold:
            return 0.0, 0.0
        key = f"start:{place}"
        if not self._book.has(key):
            machine = self._book.get("machine:local").mean
            self._book.assume(key, math.log(cold_start(self._hints)) + machine)
        known = self._book.get(key)
        download = 0.0
        if state.cold_bytes is not None and state.cold_bytes > 0:
            download = sum(self._links["server"].predict(0, state.cold_bytes))
        return exp(known.mean) + download, known.variance

    def _judge(self, place: PlaceName, job: Job, observation: Observation) -> None:
        breaker = self._breakers[place]
        outcome = observation.outcome
        if outcome in ("ok", "bad_input"):
            breaker.success()
        elif outcome == "failed":
            breaker.failure()
        elif outcome == "refused":
            after = observation.retry_after
            breaker.refuse(self._settings.breaker.rest if after is None else after)
        else:
            breaker.undecided()
        if outcome == "memory":
            self._room.exceeded(place, job)

    def _learn(self, place: PlaceName, pending: _Pending, expected: Parts, seen: Observation) -> None:
        job = pending.job
        start = 0.0 if seen.start is None else seen.start
        if seen.bytes_down is not None:
            self._output.learn(job, seen.bytes_down)
        if start > 0 and expected.start > 0:
            key = f"start:{place}"
            self._book.learn([Term(key, 1.0)], math.log(start / expected.start), _START_NOISE, key)
        if seen.queue is not None and place == "server":
            self._load.waited(seen.queue - expected.queue)
        if job.result_known is True and place == "server":
            link = Transfer(expected.round_trip, 0.0, expected.down)
            self._links["server"].learn(link, seen.total, None)
            return
        if seen.compute is None:
            self._together(place, job, expected, seen.total)
            return
        self._compute.learn(place, job, seen.compute)
        transfer = seen.transfer
        if transfer is None and seen.queue is not None:
            transfer = seen.total - seen.queue - start - seen.compute
        down = self._down_of(place, expected.down, pending.bytes_out, seen.bytes_down)
        self._links[place].learn(Transfer(expected.round_trip, expected.up, down), transfer, seen.download)

    def _revised(self, place: PlaceName, pending: _Pending, crowded: float) -> Parts:
        """Returns what would be expected of a call by what is known now.

        Others that ended meanwhile have told the same news already: held against the expectation of its
        beginning, one change of the network would count once for each call under way.
        """
        job, parts, link = pending.job, pending.parts, pending.link
        now = self._links[place].predict(job.bytes_in, pending.bytes_out)
        found = self._compute.predict(place, job)
        return replace(
            parts,
            compute=0.0 if parts.compute == 0 else mean(found.value, found.noise),
            round_trip=now.round_trip,
            up=(parts.up + crowded) * _ratio(link.up, now.up),
            down=parts.down * _ratio(link.down, now.down),
        )

    def _down_of(self, place: PlaceName, expected: float, predicted: float, actual: float | None) -> float:
        """Returns a download's expected time, now that its size is known."""
        if actual is None:
            return expected
        now = self._links[place].predict(0, actual).down
        then = self._links[place].predict(0, predicted).down
        # Waiting for others keeps its share; it was shared between two as large at most.
        return max(now, expected * min(1.0, now / then)) if then > 0 else now

    def _together(self, place: PlaceName, job: Job, expected: Parts, total: float) -> None:
        """Learns from the time of a whole call, where no more is known."""
        if expected.total <= 0 or not total > 0:
            return
        compute = self._compute.predict(place, job)
        shares: list[tuple[float, tuple[Term, ...]]] = [
            (expected.compute, compute.terms),
            (expected.round_trip, (Term(f"rtt:{place}", 1.0),)),
            (expected.up, (Term(f"up:{place}", 1.0),)),
            (expected.down, (Term(f"down:{place}", 1.0),)),
        ]
        terms = [term for term in shared(expected.total, shares) if term.sensitivity > 0.01]
        noise = max(compute.noise, self._links[place].noise())
        self._book.learn(terms, math.log(total / expected.total), noise, f"total:{place}")

    def _note_cold(self, chosen: Rated, estimates: list[Rated]) -> None:
        cold = next(
            (each for each in estimates if each.place == "local" and each.available and each.parts.start > 0),
            None,
        )
        if cold is not None and cold is not chosen:
            self._patience.missed(chosen, cold)

    def _hedge(self, job: Job, chosen: Rated, exploring: bool, others: list[Rated]) -> Hedge | None:
        if not job.pure or not others or others[0].is_trial or not self._hedges.has(1):
            return None
        other = others[0]
        if other.place == "server" and self._weights.is_metered:
            return None
        # Where others wait, a second start makes the queue longer; and a cold place is no quick help.
        if is_busy(other):
            return None
        # Either way a worker here may be stopped in the end and has to be started again.
        if chosen.high < _RESTARTS * self._start("local", PlaceState(True, cold=True))[0]:
            return None
        # One that explores is given as long as the other would have taken: twice that together, at most.
        after = min(chosen.high, other.expected) if exploring else chosen.high
        return Hedge(other.place, after) if other.expected <= _HEDGE_WORTH * after else None

    def _ask(self, job: Job, chosen: Rated, server: PlaceState | None) -> bool:
        """Asking costs a round trip and pays with the chance that the result is there."""
        if server is None or not job.pure or job.result_known is not None:
            return False
        known = self._estimate("server", replace(job, result_known=True), server)
        chance = self._book.get(f"hits:{job.function}").mean
        return known.available and chance * (chosen.cost - known.cost) > known.parts.round_trip

    def _remember(self, kind: str, place: PlaceName) -> None:
        self._last.pop(kind, None)
        self._last[kind] = place
        if len(self._last) > _KEPT_KINDS:
            del self._last[next(iter(self._last))]


def _ratio(then: float, today: float) -> float:
    return today / then if then > 0 else 1.0


def _kind_of(job: Job) -> str:
    return f"{job.function}:{job.kind}"


def _apart(one: float, other: float) -> bool:
    return abs(math.log(one / other)) > math.log(2)


def _first_budget(estimates: list[Rated]) -> float:
    """Exploring begins with one call's worth, or nothing would be tried before many calls have earned it."""
    return min((each.expected for each in estimates if each.available), default=0.0)


def _rest_of(breaker: Breaker) -> str:
    if breaker.is_offline:
        return "cannot be reached: the browser is offline"
    ms = breaker.opens_in
    if ms is None:
        return "failed and is being tried again"
    return f"failed or was busy and is left alone for {duration(ms)}"
