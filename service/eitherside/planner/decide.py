"""Chooses among the places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .estimate import PERCENTILE_95, Rated, by_cost, is_busy, margin
from .types import Job, PlaceName, Rule
from .wording import capital, duration, name_of

# Below this a difference between two places is nothing to change over for.
_NOTICEABLE = 1.0
# A place is worth exploring if with one chance in ten it is the better one.
_OPTIMISM = 1.2815515655446004
# Exploring one call may cost as much again as the best place does, and this many milliseconds, not more.
_MOST_EXTRA = 20.0


@dataclass(frozen=True)
class Choice:
    """A choice and its reason."""

    chosen: Rated
    rule: Rule
    why: str


@dataclass(frozen=True)
class Circumstances:
    """What a decision depends on beside the estimates.

    Attributes:
        last: where the last call of this kind went.
        hysteresis: see `PlannerSettings`.
        may_explore: whether exploring may cost so many milliseconds more than the best place.
        is_covered: whether a call that explores may be hedged: it costs as much as the best place at most.
        because: what makes bytes or computing cost more than time.
    """

    last: PlaceName | None
    hysteresis: float
    may_explore: Callable[[float], bool]
    is_covered: bool
    because: str | None


def choose(job: Job, estimates: Sequence[Rated], circumstances: Circumstances) -> Choice:
    """Chooses among the places that are available.

    Raises:
        ValueError: there is no place at all.
    """
    ranked = by_cost(each for each in estimates if each.available)
    if not ranked:
        return _last_resort(estimates)
    best = ranked[0]
    if best.is_trial:
        why = capital(f"{name_of(best.place)} failed before and is tried again")
        return Choice(best, "trial", why)
    if len(ranked) == 1:
        return _alone(best, estimates)
    if job.result_known is True and best.place == "server":
        return Choice(best, "known", "The server has this result already.")
    return (
        _punctual(job, best, ranked)
        or _exploring(job, best, ranked, circumstances)
        or _keeping(best, ranked, circumstances)
        or _plain(best, ranked, circumstances)
    )


def _last_resort(estimates: Sequence[Rated]) -> Choice:
    """Nothing is available: the caller gets the error of the place that is likeliest to say what is wrong."""
    order: tuple[PlaceName, ...] = ("local", "server", "native")
    preferred = [each for place in order for each in estimates if each.place == place]
    if not preferred:
        raise ValueError("no place was given")
    chosen = next((each for each in preferred if not each.is_too_small), preferred[0])
    reasons = "; ".join(f"{name_of(each.place)}: {each.why or 'unavailable'}" for each in estimates)
    why = f"no place is available ({reasons}), {name_of(chosen.place)} is tried nevertheless"
    return Choice(chosen, "none", capital(why))


def _alone(best: Rated, estimates: Sequence[Rated]) -> Choice:
    others = [each for each in estimates if not each.available]
    rule: Rule = "memory" if any(each.is_too_small for each in others) else "only"
    reasons = " and ".join(f"{name_of(each.place)} {each.why or 'is not available'}" for each in others)
    return Choice(best, rule, capital(reasons or f"{name_of(best.place)} is the only place there is"))


def _punctual(job: Job, best: Rated, ranked: Sequence[Rated]) -> Choice | None:
    """Where the best place might miss the deadline: the one that is likeliest to make it."""
    deadline = job.deadline
    if deadline is None or margin(best, deadline) >= PERCENTILE_95:
        return None
    chosen = best
    for each in ranked:
        if margin(each, deadline) > margin(chosen, deadline):
            chosen = each
    if chosen is best:
        return None
    why = (
        f"{name_of(chosen.place)} is likelier to answer within {duration(deadline)} "
        f"(95 % within {duration(chosen.high)}, {name_of(best.place)} {duration(best.high)})"
    )
    return Choice(chosen, "deadline", capital(why))


def _exploring(job: Job, best: Rated, ranked: Sequence[Rated], circumstances: Circumstances) -> Choice | None:
    if job.priority == "high" or job.deadline is not None:
        return None
    for each in ranked:
        extra = extra_of(each, best, circumstances.is_covered)
        # A cold start is no experiment: it is known beforehand, and Patience decides on it. Nor is a queue.
        if each is best or each.is_trial or is_busy(each) or extra > best.cost + _MOST_EXTRA:
            continue
        optimistic = each.cost - each.expected + each.expected * math.exp(-_OPTIMISM * each.unsure)
        worth = optimistic < best.cost * (1 - circumstances.hysteresis) - _NOTICEABLE
        if worth and circumstances.may_explore(extra):
            why = (
                f"{name_of(each.place)} (expected {duration(each.expected)}, little known) is tried, "
                f"it might be faster than {name_of(best.place)} with {duration(best.expected)}"
            )
            return Choice(each, "explore", capital(why))
    return None


def extra_of(chosen: Rated, best: Rated, is_covered: bool) -> float:
    """Returns what exploring is expected to cost more than the best place."""
    return min(chosen.cost - best.cost, best.expected if is_covered else math.inf)


def _keeping(best: Rated, ranked: Sequence[Rated], circumstances: Circumstances) -> Choice | None:
    kept = next((each for each in ranked if each.place == circumstances.last), None)
    if kept is None or kept is best or kept.is_trial:
        return None
    if kept.cost > best.cost * (1 + circumstances.hysteresis) + _NOTICEABLE:
        return None
    why = (
        f"{name_of(kept.place)} did calls like this before, and {name_of(best.place)} is hardly faster "
        f"({duration(best.expected)} against {duration(kept.expected)})"
    )
    return Choice(kept, "kept", capital(why))


def _plain(best: Rated, ranked: Sequence[Rated], circumstances: Circumstances) -> Choice:
    fastest = best
    for each in ranked:
        if each.expected < fastest.expected:
            fastest = each
    if fastest is not best and best.discount > 0:
        why = (
            f"starting {name_of(best.place)} takes {duration(best.parts.start)} once, "
            "and pays off with the calls after this one"
        )
        return Choice(best, "warm", capital(why))
    if fastest is not best:
        why = (
            f"{name_of(best.place)} takes {duration(best.expected)}, {name_of(fastest.place)} "
            f"{duration(fastest.expected)}, but {circumstances.because or 'it costs more'}"
        )
        return Choice(best, "cheapest", capital(why))
    second = ranked[1]
    why = (
        f"{name_of(best.place)} takes {duration(best.expected)}, "
        f"{name_of(second.place)} {duration(second.expected)}"
    )
    return Choice(best, "fastest", capital(why))
