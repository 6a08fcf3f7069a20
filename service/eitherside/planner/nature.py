"""What is believed of a kind of coefficient before any observation, and how quickly its value may change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Nature:
    """A kind of coefficient; all of logarithms.

    Attributes:
        mean, variance: before any observation.
        drift: variance gained per second without an observation.
        step: variance left behind by each observation: the floor under an observation's weight.
    """

    mean: float
    variance: float
    drift: float
    step: float


def _nature(value: float, deviation: float, drift: float, step: float) -> Nature:
    return Nature(math.log(value), deviation * deviation, drift, step)


# By the first word of the key. The values are milliseconds per unit: of work, of bytes, of round trips.
_NATURES: Mapping[str, Nature] = {
    # A machine's slowness against the reference machine; other programs change it within a minute.
    "machine": _nature(2, 0.8, 3e-4, 6e-3),
    # What a function deviates from it at one place, and a kind of call from its function.
    "function": _nature(1, 0.3, 1e-5, 1e-3),
    "kind": _nature(1, 0.15, 1e-5, 5e-4),
    # How far the interface's formula for a kind is off, the same wherever the module runs.
    "formula": _nature(1, 0.5, 1e-6, 1e-3),
    # Work per byte of input where the interface tells no work: of all functions, of one, of one kind.
    "bytes": _nature(1e-4, 1.2, 1e-6, 1e-3),
    "bytes_function": _nature(1, 1, 1e-6, 1e-3),
    "bytes_kind": _nature(1, 0.7, 1e-6, 2e-3),
    "rtt": _nature(60, 1, 1e-3, 1e-2),
    "up": _nature(8e-4, 1.2, 1e-3, 1e-2),
    "down": _nature(2.5e-4, 1.2, 1e-3, 1e-2),
    "start": _nature(250, 0.8, 1e-5, 1e-2),
    # Bytes out against the interface's prediction, or against the bytes in where it makes none.
    "out_function": _nature(1, 0.3, 1e-6, 1e-3),
    "out_kind": _nature(1, 0.3, 1e-6, 2e-3),
    "outin_function": _nature(1, 1.5, 1e-6, 1e-3),
    "outin_kind": _nature(1, 1, 1e-6, 2e-3),
    # Not logarithms but averages: squared deviation of single calls; how often the server had a result.
    "noise": Nature(0.03, 0, 0, 0),
    "linknoise": Nature(0.06, 0, 0, 0),
    "hits": Nature(0.05, 0, 0, 0),
}
_UNKNOWN = _nature(1, 1, 0, 0)


def nature_of(key: str) -> Nature:
    """Returns the nature that a key's first word names."""
    return _NATURES.get(key.split(":", 1)[0], _UNKNOWN)


def has_nature(key: str) -> bool:
    """Tells whether a key's first word names a nature; keys of a record from elsewhere may be anything."""
    return key.split(":", 1)[0] in _NATURES
