"""How long computing takes at a place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .coefficient import Book, Term
from .types import Job, PlaceName

GRAIN = 0.3
"""Below this many milliseconds a time is mostly the clock's grain and the cost of any call at all."""

_NOISE_WEIGHT = 0.08
_LEAST_NOISE = 0.0025
# The browser's own decoder is taken for twice as fast as the module until it has been seen.
_NATIVE_AHEAD = math.log(2)
_NATIVE_VARIANCE = 0.16


def exp(value: float) -> float:
    """Returns e to the power of `value`, infinite where that is too large."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


@dataclass(frozen=True)
class Prediction:
    """Milliseconds, and the variances of their logarithm: of the belief, and of a single call (`noise`)."""

    value: float
    terms: tuple[Term, ...]
    variance: float
    noise: float


class Compute:
    """The sum of the logarithms of a job's size and of what is learned of place, function and kind."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def predict(self, place: PlaceName, job: Job) -> Prediction:
        """Returns how long a job computes at a place."""
        self._relate(place)
        keys = _keys(place, job)
        size = max(job.bytes_in + 1000 if job.work is None else job.work, 0.01)
        value = size * exp(sum(self._book.get(key).mean for key in keys))
        terms = tuple(Term(key, value / (value + GRAIN)) for key in keys)
        return Prediction(value, terms, self._book.variance(terms), self._noise(place, job))

    def learn(self, place: PlaceName, job: Job, actual: float) -> None:
        """Learns from a job that computed for `actual` milliseconds."""
        found = self.predict(place, job)
        innovation = math.log((actual + GRAIN) / (found.value + GRAIN))
        excess = self._book.learn(found.terms, innovation, found.noise, f"compute:{place}")
        if excess is not None:
            self._book.average(_noise_key(place, job), excess, _NOISE_WEIGHT)

    def samples(self, place: PlaceName, job: Job) -> float:
        """Returns the calls of this kind that the place has answered."""
        return self._book.get(_kind_key(place, job)).samples

    def _noise(self, place: PlaceName, job: Job) -> float:
        return max(_LEAST_NOISE, self._book.get(_noise_key(place, job)).mean)

    def _relate(self, place: PlaceName) -> None:
        if place != "native" or self._book.has("machine:native"):
            return
        local = self._book.get("machine:local")
        self._book.assume("machine:native", local.mean - _NATIVE_AHEAD, local.variance + _NATIVE_VARIANCE)


def _keys(place: PlaceName, job: Job) -> list[str]:
    keys = [f"machine:{place}", f"function:{place}:{job.function}", _kind_key(place, job)]
    if job.work is None:
        keys += ["bytes", f"bytes_function:{job.function}", f"bytes_kind:{job.function}:{job.kind}"]
    elif place != "native":
        keys.append(f"formula:{job.function}:{job.kind}")
    return keys


def _kind_key(place: PlaceName, job: Job) -> str:
    return f"kind:{place}:{job.function}:{job.kind}"


def _noise_key(place: PlaceName, job: Job) -> str:
    return f"noise:{place}:{job.function}:{job.kind}"
