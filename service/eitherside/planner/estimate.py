"""Estimates as the decision needs them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .coefficient import Term
from .compute import exp
from .types import Estimate, Parts, PlaceName

PERCENTILE_95 = 1.6448536269514722
"""95 % of a normal distribution lie below so many deviations."""

# Waiting above this share of the time makes a place a busy one.
_BUSY = 0.1
_MOST_VARIANCE = 2.0
_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True)
class Rated(Estimate):
    """An estimate, and what only the decision needs to know of it.

    Attributes:
        sigma: deviation of the logarithm of a single call's time: belief and noise.
        unsure: of what is believed, without the noise of a single call.
        discount: what of a cold start is not counted, see `Patience`.
        is_too_small: unavailable because it lacks memory or refuses the size.
        is_trial: the breaker lets one call through to see.
    """

    sigma: float
    unsure: float
    discount: float
    is_too_small: bool
    is_trial: bool

    def visible(self) -> Estimate:
        """Returns the part that is for everybody."""
        return Estimate(
            self.place,
            self.available,
            self.why,
            self.expected,
            self.low,
            self.high,
            self.parts,
            self.penalty,
            self.cost,
            self.samples,
        )


class Uncertain(NamedTuple):
    """One part of a prediction with the variances of its logarithm."""

    value: float
    variance: float
    noise: float


def mean(median: float, noise: float) -> float:
    """Returns the expected value of a logarithmically normal time whose median is given."""
    return median * exp(min(noise, _MOST_VARIANCE) / 2)


def add_up(parts: Sequence[Uncertain]) -> tuple[float, float, float]:
    """Returns the total, and the deviations of its logarithm: with noise, and without."""
    total = sum(part.value for part in parts)
    if total <= 0:
        return 0.0, 0.0, 0.0

    def of(variance: Callable[[Uncertain], float]) -> float:
        spread = sum(
            part.value * part.value * (exp(min(variance(part), _MOST_VARIANCE)) - 1) for part in parts
        )
        return math.sqrt(math.log(1 + spread / (total * total)))

    return total, of(lambda part: part.variance + part.noise), of(lambda part: part.variance)


def shared(total: float, shares: Iterable[tuple[float, Iterable[Term]]]) -> list[Term]:
    """Returns the terms of a whole call's time, where only that is known: each part's own, by its share."""
    return [Term(term.key, (term.sensitivity * value) / total) for value, terms in shares for term in terms]


def margin(estimate: Rated, deadline: float) -> float:
    """Returns deviations between the expected time and the deadline: the larger, the likelier it is made."""
    if deadline <= 0 or estimate.expected <= 0:
        return _LARGEST if deadline > estimate.expected else -_LARGEST
    return math.log(deadline / estimate.expected) / max(estimate.sigma, 1e-3)


def is_busy(estimate: Estimate) -> bool:
    """Tells whether a good part of the time is waiting for a worker or its start."""
    return estimate.parts.queue + estimate.parts.start > _BUSY * estimate.expected


def by_cost(estimates: Iterable[Rated]) -> list[Rated]:
    """Returns estimates, the cheapest first."""
    return sorted(estimates, key=lambda each: each.cost)


def unavailable(place: PlaceName, why: str, is_too_small: bool, samples: float) -> Rated:
    """Returns the estimate of a place that a call cannot go to."""
    return Rated(
        place, False, why, 0.0, 0.0, 0.0, Parts(), 0.0, 0.0, samples, 0.0, 0.0, 0.0, is_too_small, False
    )
