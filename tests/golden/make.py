"""Computes the golden values anew (make golden): a deliberate act.

Every entry runs in every engine that is installed, with the shared bit of the module's memory cleared, with
shared memory, and on 2 and 4 threads. Where they disagree nothing is written. Else it tells what changed
against the values that were kept, and by how much: the scores of the module's own comparison of what the old
module gave and what the new one gives.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from eitherside import Module, Settings
from eitherside.engines import ENGINES, Engine, EngineError, Job, Reply, start
from eitherside.errors import EithersideError

from .matrix import FORMS, Entry, matrix
from .record import Outcome, load, outcome, save
from .run import differences, run
from .scores import as_file

_ROOT = Path(__file__).parents[2]
_SHOWN = 20


def main() -> int:
    """Does what the command line says; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make golden", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something changed")
    parser.add_argument("--old", type=Path, help="the old module; that of the last commit where absent")
    parser.add_argument(
        "--engine", action="append", choices=ENGINES, help="instead of all that are installed"
    )
    given = parser.parse_args()
    console = Console()
    module = Module.shipped(Settings.load().module)
    entries = matrix(module.interface)
    found, agree = _everywhere(console, module, entries, given.engine or ENGINES, bool(given.engine))
    if not agree:
        console.print("[red]The engines disagree: nothing was written.")
        return 1
    kept = load()
    changed = [entry for entry in entries if kept.get(entry.id) != found[entry.id]]
    gone = sorted(set(kept) - set(found))
    console.print(f"{len(entries)} entries: {len(changed)} changed or new, {len(gone)} gone")
    if changed:
        _show(console, module, [entry for entry in changed if entry.id in kept], given.old)
    if given.check:
        return 1 if changed or gone else 0
    save(found, module.sha256)
    return 0


def _everywhere(
    console: Console, module: Module, entries: Sequence[Entry], engines: Sequence[str], required: bool
) -> tuple[dict[str, Outcome], bool]:
    """Returns the outcomes, and whether they are the same everywhere."""
    found: dict[str, Outcome] = {}
    agree = True
    for name in engines:
        try:
            with start(name, module) as engine, Progress(console=console, transient=True) as progress:
                for form in FORMS:
                    task = progress.add_task(f"{engine.version}, {form}", total=len(entries))
                    here = run(engine, entries, form=form, told=partial(_step, progress, task))
                    found = found or here
                    told = differences(here, found)
                    agree = agree and not told
                    console.print(f"{engine.version}, {form}: {len(here)} entries, {len(told)} differ")
                    for line in told[:_SHOWN]:
                        console.print(f"  {line}", markup=False, style="red")
        except EngineError as error:
            console.print(f"{name}: {error}", markup=False, style="yellow")
            agree = agree and not required
    return found, agree and bool(found)


def _step(progress: Progress, task: TaskID, _: str) -> None:
    progress.advance(task)


def _show(console: Console, module: Module, entries: Sequence[Entry], path: Path | None) -> None:
    """Prints what changed, and by how much."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            old = Module(path if path is not None else _committed(Path(folder)))
        except (EithersideError, OSError, subprocess.CalledProcessError) as error:
            console.print(f"there is no old module to compare with: {error}", markup=False)
            return
        with start("wasmtime", old) as before, start("wasmtime", module) as after:
            for entry in entries:
                console.print(f"{entry.id}\n  {_changed(entry, old, before, after)}", markup=False)


def _committed(folder: Path) -> Path:
    target = folder / "codec.wasm"
    command = ["git", "-C", str(_ROOT), "show", "HEAD:build/codec.wasm"]
    target.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return target


def _changed(entry: Entry, old: Module, before: Engine, after: Engine) -> str:
    if entry.function not in old.interface.functions:
        return "the old module has no such function"
    try:
        was, now = before.run(entry.job()), after.run(entry.job())
    except EngineError as error:
        return f"one of the modules cannot run it: {error}"
    if outcome(was) == outcome(now):
        return "the same with both modules: the entry itself, or what was kept, is of another module"
    told = [f"{_about(was)} -> {_about(now)}"]
    for one, other in zip(_pictures(was[-1]), _pictures(now[-1]), strict=False):
        if one != other:
            told.append(_scores(after, one, other))
    return "; ".join(told)


def _about(replies: Sequence[Reply]) -> str:
    last = replies[-1]
    if last.failure is not None:
        return f"{last.failure.code} ({last.failure.message})"
    return f"{sum(len(data) for _, data in last.outputs)} bytes"


def _pictures(reply: Reply) -> list[bytes]:
    return [file for name, data in reply.outputs if (file := as_file(name, data, reply.result)) is not None]


def _scores(engine: Engine, old: bytes, new: bytes) -> str:
    (reply,) = engine.run(Job("compare", {}, {"a": [old], "b": [new]}))
    if reply.failure is not None:
        return f"not compared: {reply.failure.message}"
    names = ("butteraugli", "butteraugli_3norm", "ssimulacra2", "psnr")
    return ", ".join(f"{name} {reply.result.get(name)}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
