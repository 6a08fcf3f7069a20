"""Runs the golden matrix in an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from eitherside.engines import Engine

from .matrix import Entry, Form
from .record import Outcome, outcome


def run(
    engine: Engine,
    entries: Iterable[Entry],
    *,
    form: Form | None = None,
    told: Callable[[str], None] | None = None,
) -> dict[str, Outcome]:
    """Returns what came of each entry, by its id."""
    found = {}
    for entry in entries:
        found[entry.id] = outcome(engine.run(entry.job(form)))
        if told is not None:
            told(entry.id)
    return found


def differences(found: Mapping[str, Outcome], expected: Mapping[str, Outcome]) -> list[str]:
    """Returns for each entry that is not as expected its id and what is not."""
    told = []
    for key, value in found.items():
        if key not in expected:
            told.append(f"{key}: has no golden value (make golden)")
            continue
        parts = sorted(
            part for part in {*value, *expected[key]} if value.get(part) != expected[key].get(part)
        )
        if parts:
            told.append(f"{key}: {', '.join(parts)}" + (f" {value['failure']}" if "failure" in value else ""))
    return told
