"""Names, durations and sizes for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from .types import PlaceName

_NAMES: Mapping[PlaceName, str] = {
    "native": "the browser itself",
    "local": "this device",
    "server": "the server",
}


def name_of(place: PlaceName) -> str:
    """Returns a place's name."""
    return _NAMES[place]


def duration(ms: float) -> str:
    """Returns a duration."""
    if not math.isfinite(ms):
        return "ever"
    if ms < 10:
        return f"{_fixed(ms, 1)} ms"
    if ms < 9999.5:
        return f"{_fixed(ms, 0)} ms"
    return f"{_fixed(ms / 1000, 1)} s" if ms < 600_000 else f"{_fixed(ms / 60_000, 0)} min"


def size(count: float) -> str:
    """Returns a size in bytes."""
    if count < 1e3:
        return f"{_fixed(count, 0)} B"
    if count < 1e6:
        return f"{_fixed(count / 1e3, 1)} kB"
    return f"{_fixed(count / 1e6, 1)} MB" if count < 1e9 else f"{_fixed(count / 1e9, 2)} GB"


def capital(sentence: str) -> str:
    """Returns a clause as a sentence."""
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _fixed(value: float, digits: int) -> str:
    # As ECMAScript rounds: halves up, which format() does not.
    return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
