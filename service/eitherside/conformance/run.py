"""Runs test cases in engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..engines import EngineError, start
from ..module import Module
from .check import Verdict, check
from .decoded import Subject
from .description import Description
from .references import References
from .suite import Case

Told = Callable[[str, Verdict | None], None]
"""Is told what is done next, and a verdict when there is one."""


def run(
    module: Module, cases: Sequence[Case], engines: Sequence[str], known: References, told: Told
) -> tuple[list[Verdict], dict[str, str]]:
    """Checks every case in every engine.

    An engine that crashes fails the case at hand and is started anew for the next.

    Args:
        module: the module under test.
        cases: test cases.
        engines: names of engines.
        known: references.
        told: hears of the progress.

    Returns:
        the verdicts, and the versions of the engines.

    Raises:
        EngineError: one is not installed or does not start.
        ModuleError: the module does not say how it is tested.
    """
    description = Description.of(module.interface)
    streams: dict[Path, list[Case]] = {}
    for case in cases:
        streams.setdefault(case.bitstream, []).append(case)
    verdicts: list[Verdict] = []
    versions: dict[str, str] = {}
    for name in engines:
        left = list(streams.items())
        while left:
            told(f"starting {name}", None)
            with start(name, module) as engine:
                versions[name] = engine.version
                while left:
                    path, group = left.pop(0)
                    told(f"{name}: {path.parent.name}", None)
                    # Cases of one bitstream share what was decoded.
                    subject = Subject(engine, module.interface, description, path)
                    crashed = False
                    try:
                        found = [check(case, name, subject, description, known) for case in group]
                    except EngineError as error:
                        found = [Verdict(case.name, name, faults=[str(error)]) for case in group]
                        crashed = True
                    for verdict in found:
                        told(f"{name}: {verdict.case}", verdict)
                    verdicts += found
                    if crashed:
                        break
    return verdicts, versions
