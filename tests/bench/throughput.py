"""Calls at the same time, one thread each, against one after the other."""

from __future__ import annotations

from typing import Any

from .process import Asked
from .spread import spread
from .task import Task

ROUNDS = 5
_LEAST = 1.0


def throughput(
    sides: dict[str, Asked], tasks: dict[str, Task], cores: int, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Measures how many calls are done in a time by as many callers as there are cores, and by one.

    Args:
        sides: those to measure, by name.
        tasks: what they do, by name.
        cores: how many callers.
        rounds: how often both are measured, in turns.

    Returns:
        for each side and task the calls a second of `one` and of `all`, and `part`: all / (cores * one).
    """
    found: dict[str, Any] = {}
    for side_name, side in sides.items():
        for task_name, task in tasks.items():
            side.prepare(task)
            seconds = side.run().seconds
            # Long enough that the first and the last call, when not all cores work, count for little.
            each = max(3, round(_LEAST / seconds))
            runs: dict[int, list[float]] = {1: [], cores: []}
            for _ in range(rounds):
                for callers in (1, cores):
                    took = side.ask(do="concurrent", callers=callers, each=each)["seconds"]
                    runs[callers].append(callers * each / took)
            side.drop()
            one, many = spread(runs[1]), spread(runs[cores])
            found[f"{side_name}: {task_name}"] = {
                "one": vars(one), "all": vars(many), "cores": cores,
                "part": many.median / (cores * one.median),
            }  # fmt: skip
    return found
