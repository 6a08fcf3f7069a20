"""Medians, quartiles and geometric means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The middle of several runs and how far they lie apart, in seconds.

    Attributes:
        median: half of the runs took at most this.
        low, high: quartiles; the least and the most of fewer than four runs.
        runs: how many there were.
    """

    median: float
    low: float
    high: float
    runs: int


def spread(values: Sequence[float]) -> Spread:
    """Returns the middle of values.

    Raises:
        ValueError: there are none.
    """
    if not values:
        raise ValueError("no run, no median")
    if len(values) < 4:
        return Spread(statistics.median(values), min(values), max(values), len(values))
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high, len(values))


def geometric_mean(ratios: Iterable[float]) -> float:
    """Returns the geometric mean; of nothing it is not a number."""
    logs = [math.log(ratio) for ratio in ratios]
    return math.exp(math.fsum(logs) / len(logs)) if logs else math.nan
