"""What a planner has learned, as JSON; what is read may have been written by anybody."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .coefficient import MOST_COEFFICIENTS
from .nature import has_nature
from .types import CoefficientRecord, PlannerRecord

_VERSION = 1
_LONGEST_KEY = 256
# Logarithms: e^60 of anything is no measurement.
_LARGEST = 60.0
_MOST_SAMPLES = 1e4
_OLDEST = 90 * 24 * 3600 * 1000.0


def to_json(record: PlannerRecord) -> dict[str, Any]:
    """Returns a record as JSON can hold it."""
    return {
        "version": _VERSION,
        "module": record.module,
        "service": record.service,
        "coefficients": {key: list(found) for key, found in record.coefficients.items()},
    }


def parse_record(value: object, module: str, service: str, now: float) -> PlannerRecord | None:
    """Checks a record that came from storage.

    Returns:
        None where it is no record of this version, or one of another module or service. Coefficients that
        make no sense, lie in the future or are older than three months are left out.
    """
    if not isinstance(value, Mapping) or value.get("version") != _VERSION:
        return None
    if value.get("module") != module or value.get("service") != service:
        return None
    given = value.get("coefficients")
    if not isinstance(given, Mapping):
        return None
    found: dict[str, CoefficientRecord] = {}
    for key, each in given.items():
        if len(found) >= MOST_COEFFICIENTS:
            break
        if isinstance(key, str) and len(key) <= _LONGEST_KEY and has_nature(key):
            record = _coefficient(each, now)
            if record is not None:
                found[key] = record
    return PlannerRecord(module, service, found)


def _coefficient(value: object, now: float) -> CoefficientRecord | None:
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
        return None
    try:
        mean, variance, samples, at = (float(each) for each in value)
    except OverflowError:
        return None
    if not all(math.isfinite(each) for each in (mean, variance, samples, at)):
        return None
    plausible = abs(mean) <= _LARGEST and 0 <= variance <= _LARGEST and 0 <= samples <= _MOST_SAMPLES
    return (mean, variance, samples, at) if plausible and now - _OLDEST <= at <= now else None
