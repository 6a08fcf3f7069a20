"""Learned quantities, each a normal distribution of its logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .nature import nature_of
from .types import CoefficientRecord

# An innovation beyond so many deviations is an outlier and counts no further; two on one side are a change.
_OUTLIER = 2.0
_MOST_WIDENING = 25.0
# How quickly old observations stop counting towards `samples`.
_FORGETTING = 0.95
# Of a logarithm: beyond that nothing was measured.
_LARGEST = 40.0
MOST_COEFFICIENTS = 2048


@dataclass(frozen=True)
class Coefficient:
    """What a quantity is believed to be, how unsure that is, its observations, and the time of the last."""

    mean: float
    variance: float
    samples: float
    at: float


@dataclass(frozen=True)
class Term:
    """A coefficient's part in a prediction: d ln(prediction) / d coefficient."""

    key: str
    sensitivity: float


class Book:
    """All coefficients by key; the first word of a key names its nature."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: dict[str, Coefficient] = {}
        self._priors: dict[str, tuple[float, float]] = {}
        self._surprises: dict[str, float] = {}

    def get(self, key: str) -> Coefficient:
        """Returns what is believed now: uncertainty grows with the time since the last observation."""
        nature = nature_of(key)
        known = self._known.get(key)
        if known is None:
            mean, variance = self._priors.get(key, (nature.mean, nature.variance))
            return Coefficient(mean, variance, 0.0, self._now())
        seconds = max(0.0, self._now() - known.at) / 1000
        most = max(nature.variance, known.variance)
        return replace(known, variance=min(most, known.variance + nature.drift * seconds))

    def assume(self, key: str, mean: float, variance: float | None = None) -> None:
        """Sets what is believed before any observation; one that exists keeps counting."""
        self._priors[key] = mean, nature_of(key).variance if variance is None else variance

    def has(self, key: str) -> bool:
        """Tells whether anything was observed."""
        return key in self._known

    def doubt(self, key: str) -> None:
        """Makes an observed coefficient unsure again, where its surroundings are known to have changed."""
        known = self._known.get(key)
        if known is not None:
            self._known[key] = replace(known, variance=max(known.variance, nature_of(key).variance / 2))

    def variance(self, terms: Iterable[Term]) -> float:
        """Returns the variance of a prediction's logarithm, without the noise of a single call."""
        return sum(term.sensitivity * term.sensitivity * self.get(term.key).variance for term in terms)

    def learn(self, terms: Sequence[Term], innovation: float, noise: float, source: str) -> float | None:
        """Learns from one observation.

        Each term takes its share of the innovation (ln observed - ln predicted), in proportion to how unsure
        it is: an extended Kalman filter with a diagonal covariance. A part that is well known keeps still;
        nothing ever freezes, because every observation leaves `step` of variance behind.

        Args:
            terms: of the prediction.
            innovation: see above.
            noise: variance of the logarithm of a single call.
            source: outliers of one source on the same side twice in a row widen their terms first.

        Returns:
            What the noise of a single call should be learned from: how far the innovation, squared, exceeds
            what not knowing the terms explains. None where it was a change, not noise.
        """
        before = [(term, self.get(term.key)) for term in terms]
        variance = self.variance(terms)
        widening = self._widening(innovation, variance + noise, source)
        total = variance * widening + noise
        most = _OUTLIER * math.sqrt(total)
        limited = min(most, max(-most, innovation))
        for term, known in before:
            nature = nature_of(term.key)
            gain = (known.variance * widening * term.sensitivity) / total
            # So that the order of the dictionary is that of the last observations.
            self._known.pop(term.key, None)
            self._known[term.key] = Coefficient(
                min(_LARGEST, max(-_LARGEST, known.mean + gain * limited)),
                min(nature.variance, known.variance * widening * (1 - gain * term.sensitivity)) + nature.step,
                known.samples * _FORGETTING + abs(term.sensitivity),
                self._now(),
            )
        self._forget()
        # An outlier is not to make every later one look ordinary.
        return None if widening > 1 else min(4 * noise, max(0.0, innovation * innovation - variance))

    def average(self, key: str, value: float, weight: float) -> None:
        """Takes a decayed mean of a quantity itself, not of its logarithm (squared deviations, shares)."""
        known = self.get(key)
        gain = max(weight, 1 / (known.samples + 4))
        self._known.pop(key, None)
        self._known[key] = Coefficient(
            known.mean + gain * (value - known.mean),
            known.variance,
            known.samples * _FORGETTING + 1,
            self._now(),
        )
        self._forget()

    def entries(self) -> dict[str, CoefficientRecord]:
        """Returns everything that was observed."""
        return {key: (it.mean, it.variance, it.samples, it.at) for key, it in self._known.items()}

    def restore(self, entries: Iterable[tuple[str, CoefficientRecord]]) -> None:
        """Takes what `entries` gave, once more."""
        for key, record in entries:
            self._known[key] = Coefficient(*record)
        self._forget()

    def _widening(self, innovation: float, variance: float, source: str) -> float:
        beyond = abs(innovation) > _OUTLIER * math.sqrt(variance)
        side = math.copysign(1.0, innovation) if beyond else 0.0
        again = side != 0 and self._surprises.get(source) == side
        self._surprises[source] = side
        return min(_MOST_WIDENING, (innovation * innovation) / variance) if again else 1.0

    def _forget(self) -> None:
        while len(self._known) > MOST_COEFFICIENTS:
            del self._known[next(iter(self._known))]
