"""Runs of cases: the sides in turns, until there are enough for a median."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eitherside import Codec

from .cases import Case
from .checks import check
from .inputs import Inputs
from .process import Asked
from .spread import spread
from .task import Absent, Measured, Output

FEWEST = 3
MOST = 9
_TIERS = ("chromium", "jsquash", "jxl-oxide")
_IDLE = 4
_FASTER = 0.97
_MOST_WARMING = 24
_WARMING = 12.0


@dataclass(frozen=True)
class Pace:
    """How many runs: at least `FEWEST` of each side, then further ones until `seconds` of a case are over."""

    seconds: float


class Sides:
    """Sides that run at the same time, each in its process, one computing at a time."""

    def __init__(self, names: Sequence[str]) -> None:
        """Starts them; those that are not there are left out, with the reason in `facts`."""
        self.facts: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, Asked] = {}
        with ExitStack() as stack:
            for name in names:
                side = Asked(name)
                stack.callback(side.close)
                self._asked[name] = side
                try:
                    self.facts[name] = side.describe()
                except Absent as error:
                    self.facts[name] = {"absent": str(error)}
                    side.close()
                    del self._asked[name]
            self._stack = stack.pop_all()

    def __getitem__(self, name: str) -> Asked | None:
        return self._asked.get(name)

    def close(self) -> None:
        """Ends them all, at the same time."""
        for side in self._asked.values():
            side.hang_up()
        self._stack.close()


def measured(
    case: Case,
    sides: Sides,
    inputs: Inputs,
    codec: Codec,
    pace: Pace,
    told: Callable[[str], None],
    folder: Path,
) -> dict[str, Any]:
    """Runs a case on all its sides and checks what they gave.

    Raises:
        Different: they did not do the same.
        SideError: one failed.
    """
    told("input")
    task = inputs.task(case)
    found: dict[str, Any] = {}
    ready: dict[str, Asked] = {}
    for name in case.sides:
        side = sides[name]
        if side is None:
            found[name] = {"absent": sides.facts[name]["absent"]}
            continue
        told(f"{name}, first call")
        try:
            side.prepare(task)
            ready[name] = side
            found[name] = {"first": _warmed(name, side)}
        except Absent as error:
            ready.pop(name, None)
            found[name] = {"absent": str(error)}
    # Compilers of the browsers that still work on what they have just run.
    time.sleep(0.3)
    runs = _rounds(ready, pace, told)
    told("comparing what they gave")
    outputs = {name: side.save(folder / name) for name, side in ready.items()}
    for side in ready.values():
        side.drop()
    if outputs:
        check(case, outputs, inputs.samples(case.picture), Path(task.path), codec)
    for name, measured in runs.items():
        found[name] |= _summary(measured, outputs[name])
    for name in outputs:
        (folder / name).unlink()
    return {"place": case.place, "name": case.name, "function": case.function, **_facts(case), "sides": found}


def summary(found: dict[str, Any]) -> str:
    """Returns a case's medians as one line."""
    sides = found["sides"].items()
    return ", ".join(f"{name} {side['median']:.3f} s" for name, side in sides if "median" in side)


def _warmed(name: str, side: Asked) -> float:
    """Makes calls that do not count; returns the seconds of the first.

    Browsers compile quickly at first, and well, in the background, what has been running for a while. So
    theirs go on until some calls in a row were no faster than those before.
    """
    first = side.run().seconds
    if not name.startswith(_TIERS):
        return first
    least, spent, calls, idle = first, first, 1, 0
    while idle < _IDLE and calls < _MOST_WARMING and spent < _WARMING:
        seconds = side.run().seconds
        spent, calls = spent + seconds, calls + 1
        idle = 0 if seconds < _FASTER * least else idle + 1
        least = min(least, seconds)
    return first


def _rounds(ready: dict[str, Asked], pace: Pace, told: Callable[[str], None]) -> dict[str, list[Measured]]:
    runs: dict[str, list[Measured]] = {name: [] for name in ready}
    order = list(ready)
    began = time.monotonic()
    for turn in itertools.count():
        if not order or turn >= MOST or (turn >= FEWEST and time.monotonic() - began > pace.seconds):
            return runs
        # Nobody always runs after the same neighbour, or first.
        turned = order[turn % len(order) :] + order[: turn % len(order)]
        for name in turned if turn % 2 == 0 else turned[::-1]:
            told(f"{name}, run {turn + 1}")
            runs[name].append(ready[name].run())
    raise AssertionError


def _summary(runs: Sequence[Measured], output: Output) -> dict[str, Any]:
    return {
        **asdict(spread([run.seconds for run in runs])),
        "seconds": [run.seconds for run in runs],
        "rss": max(run.rss for run in runs),
        "linear": max(run.linear for run in runs),
        "size": os.path.getsize(output.path),  # noqa: PTH202
    }


def _facts(case: Case) -> dict[str, Any]:
    picture = case.picture
    return {
        "picture": picture.name,
        "shape": [picture.frames, picture.height, picture.width, picture.channels],
        "dtype": picture.dtype,
        "megapixels": picture.megapixels,
        **asdict(case.coding),
    }
