"""The way to a place and back: a round trip, and milliseconds per byte each way."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from .coefficient import Book, Term
from .compute import GRAIN, exp
from .types import PlaceName

_NOISE_WEIGHT = 0.08
_LEAST_NOISE = 0.0025


class Transfer(NamedTuple):
    """The three parts of a transfer."""

    round_trip: float
    up: float
    down: float


class Link:
    """The way to one place. Within a process it is the copy into the module."""

    def __init__(self, book: Book, place: PlaceName) -> None:
        self._book = book
        self._place = place
        self._rtt, self._up, self._down = f"rtt:{place}", f"up:{place}", f"down:{place}"
        self._noise = f"linknoise:{place}"

    def predict(self, bytes_up: float, bytes_down: float) -> Transfer:
        """Returns the milliseconds that so many bytes take."""
        return Transfer(
            exp(self._book.get(self._rtt).mean),
            bytes_up * exp(self._book.get(self._up).mean),
            bytes_down * exp(self._book.get(self._down).mean),
        )

    def variances(self) -> Transfer:
        """Returns the variances of the parts' logarithms: of the belief."""
        return Transfer(*(self._book.get(key).variance for key in (self._rtt, self._up, self._down)))

    def noise(self) -> float:
        """Returns the variance of the logarithm of a single transfer."""
        return max(_LEAST_NOISE, self._book.get(self._noise).mean)

    def learn(self, expected: Transfer, transfer: float | None, download: float | None) -> None:
        """Learns from a transfer that was expected to take `expected`, other calls on the link included."""
        if transfer is None:
            return
        if download is None:
            self._assimilate(transfer, expected)
        else:
            self._assimilate(transfer - download, expected._replace(down=0.0))
            self._assimilate(download, Transfer(0.0, 0.0, expected.down))

    def doubt(self) -> None:
        """The connection is another one now."""
        for key in (self._rtt, self._up, self._down):
            self._book.doubt(key)

    def hint(self, part: Literal["rtt", "up", "down"], value: float) -> None:
        """Takes a hint for one part: an observation that may be off by a factor of two."""
        key = f"{part}:{self._place}"
        if not self._book.has(key):
            self._book.assume(key, math.log(value), 0.7 * 0.7)
        else:
            innovation = math.log(value) - self._book.get(key).mean
            self._book.learn([Term(key, 1.0)], innovation, 0.64, f"hint:{key}")

    def _assimilate(self, actual: float, parts: Transfer) -> None:
        expected = parts.round_trip + parts.up + parts.down
        if expected <= 0:
            return
        shares = [
            Term(self._rtt, parts.round_trip / (expected + GRAIN)),
            Term(self._up, parts.up / (expected + GRAIN)),
            Term(self._down, parts.down / (expected + GRAIN)),
        ]
        terms = [term for term in shares if term.sensitivity > 0.01]
        if not terms:
            return
        innovation = math.log((max(0.0, actual) + GRAIN) / (expected + GRAIN))
        excess = self._book.learn(terms, innovation, self.noise(), f"link:{self._place}")
        if excess is not None:
            self._book.average(self._noise, excess, _NOISE_WEIGHT)
