"""Measures this project's code and its peers side by side: ``python -m bench``, or `make bench`.

Every side is a process of its own; they take turns, case by case and run by run. What they gave is compared,
and the run fails where it is not the same. Medians and quartiles, JSON, tables, plots.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eitherside import Codec, Settings

from .cases import FULL, NORMAL, QUICK, Case, Coding, chosen
from .checks import Different
from .inputs import Inputs
from .limits import limits
from .machine import machine
from .measure import Pace, Sides, measured, summary
from .pictures import MEDIUM, TINY
from .plots import plots
from .process import Asked, SideError
from .report import report, written
from .serve import cores
from .sizes import sizes
from .startup import page_starts, process_starts
from .throughput import throughput

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT, FIGURES, PLOTS = DOCS / "performance.md", DOCS / "performance.json", DOCS / "performance"
PACES = {QUICK: Pace(1.0), NORMAL: Pace(5.0), FULL: Pace(20.0)}
ONLY = (
    "only cases with this in 'place: name' (see --list), such as 'browser: decode'; or one of the other parts"
)
PARTS = ("throughput", "startup", "sizes")


class Bench:
    """One run: what was found by now is always in a file."""

    def __init__(self, which: str, progress: Progress, steps: int, partial: Path) -> None:
        self._which, self._partial = which, partial
        self._progress = progress
        self._shown = progress.add_task("", total=steps)
        self._began = time.monotonic()
        now = datetime.datetime.now(datetime.UTC)
        self.run: dict[str, Any] = {
            "version": 1, "began": f"{now:%Y-%m-%d %H:%M} UTC", "set": which, "minutes": 0.0,
            "machine": machine(), "sides": {}, "cases": [],
        }  # fmt: skip

    def _told(self, text: str) -> None:
        self._progress.update(self._shown, description=text)

    def _step(self, text: str) -> None:
        """One more is done: a line that stays, as a file has no bar that moves."""
        self._progress.advance(self._shown)
        self._progress.console.print(text, markup=False, highlight=False)

    def _keep(self) -> None:
        self.run["minutes"] = (time.monotonic() - self._began) / 60
        self._partial.write_text(json.dumps(self.run))

    def measure(self, cases: list[Case], parts: set[str]) -> None:
        """Measures cases, and further parts."""
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eitherside-bench-")))
            # Reads what the sides made; while it does so, nobody's time is taken.
            roomy = Settings.load(memory_per_call=3 << 30, memory_total=6 << 30, time_limit=3600)
            codec = stack.enter_context(Codec(settings=roomy))
            self._told("starting")
            maker = Asked("native all")
            stack.callback(maker.close)
            maker.describe()
            inputs = Inputs(folder, maker)
            for place in dict.fromkeys(case.place for case in cases):
                self._place([case for case in cases if case.place == place], inputs, codec, folder)
            if "throughput" in parts:
                self._throughput(inputs)
            if "startup" in parts:
                self._startup(inputs)
            if "sizes" in parts:
                self._told("sizes of modules")
                self.run["sizes"] = sizes(self._which == QUICK)
                self._step("sizes")
        self._keep()

    def _place(self, cases: list[Case], inputs: Inputs, codec: Codec, folder: Path) -> None:
        names = list(dict.fromkeys(name for case in cases for name in case.sides))
        # Two threads are measured by themselves where the machine has more cores.
        more = ["wasmtime 2"] if cores() > 2 and "wasmtime all" in names else []
        self._told("starting sides")
        sides = Sides([*names, *more])
        try:
            self.run["sides"].update(sides.facts)
            same_libjxl(self.run["sides"])
            for case in cases:
                pace = PACES[self._which]
                self._told(case.name)
                found = measured(
                    case.with_sides(more), sides, inputs, codec, pace, self._said(case.name), folder
                )
                self.run["cases"].append(found)
                self._step(f"{case.place}: {case.name}: {summary(found)}")
                self._keep()
        finally:
            sides.close()

    def _said(self, name: str) -> Callable[[str], None]:
        return lambda text: self._told(f"{name}: {text}")

    def _throughput(self, inputs: Inputs) -> None:
        self._told("calls at the same time")
        made = [
            Case("decode", MEDIUM, Coding(), "jxl"),
            Case("transcode", MEDIUM, Coding(3), "png"),
        ]
        tasks = {case.name: inputs.task(case) for case in made}
        sides: dict[str, Asked] = {}
        try:
            for name in ("wasmtime 1", "rest"):
                sides[name] = Asked(name)
                self.run["sides"].setdefault(name, sides[name].describe())
            rounds = 3 if self._which == QUICK else 5
            self.run["throughput"] = throughput(sides, tasks, cores(), rounds)
        finally:
            for side in sides.values():
                side.close()
        self._step("throughput")
        self._keep()

    def _startup(self, inputs: Inputs) -> None:
        task = inputs.task(Case("decode", TINY, Coding(), "jxl"))
        quick = self._which == QUICK
        self._told("starts of a process")
        found = {"process": process_starts(Path(task.path), 1 if quick else 3, 3 if quick else 9)}
        self.run["startup"] = found
        self._keep()
        self._told("first visits of pages")
        found["pages"] = page_starts(task, 3 if quick else 7)
        self._step("startup")
        self._keep()


def same_libjxl(facts: dict[str, dict[str, Any]]) -> None:
    """Makes sure that native libjxl has the version that is in the module, where that is the shipped one.

    Raises:
        Different: it has not.
    """
    shipped = json.loads((DOCS.parent / "build" / "codec.json").read_text())
    version = next(each["debian_version"] for each in shipped["sources"] if each["name"] == "libjxl")
    modules = {each.get("module") for each in facts.values()} - {None}
    natives = {facts[name].get("libjxl") for name in ("native 1", "native all") if name in facts} - {None}
    if modules == {shipped["module"]["sha256"]} and natives not in (set(), {version.partition("-")[0]}):
        raise Different(f"native libjxl is {', '.join(map(str, natives))}, that of the module {version}")


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__.partition("\n")[0])
    sets = parser.add_mutually_exclusive_group()
    sets.add_argument(
        "--quick", action="store_const", const=QUICK, dest="which", help="about 2 minutes on 2 cores"
    )
    sets.add_argument(
        "--full", action="store_const", const=FULL, dest="which", help="every case, more runs of each"
    )
    parser.add_argument("--only", default="", metavar="PATTERN", help=ONLY)
    parser.add_argument("--list", action="store_true", help="list the cases and do nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    parser.add_argument(
        "--render", type=Path, metavar="FILE", help="measure nothing: take the figures of this file"
    )
    parser.add_argument(
        "--write", action="store_true", help=f"write docs/{DOCUMENT.name}, {FIGURES.name} and the plots"
    )
    parser.set_defaults(which=NORMAL)
    return parser.parse_args()


def parts_of(pattern: str) -> set[str]:
    """Returns which parts beside the cases are measured."""
    return {part for part in PARTS if not pattern or pattern.lower() in part}


def measure(chosen_cases: list[Case], parts: set[str], which: str) -> dict[str, Any]:
    """Measures, with progress on the terminal; ends the program where it is interrupted or a check fails."""
    descriptor, name = tempfile.mkstemp(prefix="eitherside-bench-", suffix=".json")
    os.close(descriptor)
    partial = Path(name)
    console = Console(stderr=True)
    console.print(f"What is found is kept in {partial} while this runs.")
    columns = (MofNCompleteColumn(), BarColumn(20), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        bench = Bench(which, progress, len(chosen_cases) + len(parts), partial)
        if bench.run["machine"]["busy"]:
            load = bench.run["machine"]["load"][0]
            console.print(f"[bold]The machine is busy (load {load}): these figures will not be good.[/bold]")
        try:
            bench.measure(chosen_cases, parts)
        except KeyboardInterrupt:
            progress.stop()
            console.print(f"\nInterrupted. What was found is in {partial}; --render {partial} shows it.")
            sys.exit(130)
        except (Different, SideError) as error:
            progress.stop()
            console.print(
                f"Failed: {error}\nWhat was found before is in {partial}.", markup=False, style="red"
            )
            sys.exit(1)
    partial.unlink()
    return bench.run


def main() -> None:
    """Measures, or reads figures; prints the tables, writes what was asked for."""
    given = arguments()
    cases = chosen(given.which, given.only)
    parts = parts_of(given.only)
    if given.list:
        for case in cases:
            print(f"{case.place}: {case.name}")
        return
    # A shell's background jobs ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if given.render:
        run = json.loads(given.render.read_text())
    elif not cases and not parts:
        sys.exit(f"nothing is called {given.only}: see --list")
    else:
        run = measure(cases, parts, given.which)
    if given.json:
        given.json.write_text(json.dumps(run, indent=1) + "\n")
    if given.write:
        write(run)
    print(report(run))
    if not all(limit.met in (None, True) for limit in limits(run)):
        print("\nNot everything that must be shown is met.", file=sys.stderr)


def write(run: dict[str, Any]) -> None:
    """Writes the document, the figures and the plots, each whole or not at all."""
    drawn = plots(run, PLOTS)
    new = {
        DOCUMENT: written(DOCUMENT.read_text(), report(run, drawn)),
        FIGURES: json.dumps(run, indent=1) + "\n",
    }
    for path, text in new.items():
        temporary = path.with_suffix(".new")
        temporary.write_text(text)
        temporary.replace(path)


if __name__ == "__main__":
    main()
