"""How long it takes until the first answer. ``python -m bench.startup FILE`` is one start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .process import TESTS, Asked
from .spread import spread
from .task import Absent, Task

PAGES = ("chromium 1", "chromium all", "jsquash 1", "jxl-oxide", "browser")


def one_start(path: str) -> None:
    """Imports, starts a host, decodes; prints the seconds since the interpreter ran this line."""
    began = time.perf_counter()
    from eitherside import Host, Module, Settings

    imported = time.perf_counter()
    settings = Settings.load()
    host = Host(Module.shipped(settings.module), settings)
    host.start()
    ready = time.perf_counter()
    host.call("decode", {"type": "u8"}, {"image": Path(path).read_bytes()})
    answered = time.perf_counter()
    host.close()
    found = {"imported": imported - began, "ready": ready - imported, "answered": answered - ready}
    print(json.dumps(found))


def process_starts(file: Path, cold: int, warm: int) -> dict[str, Any]:
    """Starts processes without a cache of compiled modules, then with one.

    Args:
        file: a small JPEG XL file.
        cold, warm: how many of each.
    """
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="eitherside-bench-") as folder:
        kinds = [("cold", str(Path(folder) / str(number))) for number in range(cold)]
        kinds += [("warm", str(Path(folder) / "0"))] * warm
        runs: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
        for kind, cache in kinds:
            runs[kind].append(_process(file, cache))
        for kind, each in runs.items():
            found[kind] = {key: vars(spread([run[key] for run in each])) for key in each[0]}
    return found


def _process(file: Path, cache: str) -> dict[str, float]:
    paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "EITHERSIDE_CACHE_DIR": cache, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "bench.startup", str(file)]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    whole = time.perf_counter() - began
    found: dict[str, float] = json.loads(done.stdout)
    return {**found, "process": whole}


def page_starts(task: Task, visits: int) -> dict[str, Any]:
    """Opens pages, each side in a browser and a profile of its own: the first visit, then further ones.

    Returns:
        for each side the seconds from navigation until the codec was ready, and until the first answer.
    """
    found: dict[str, Any] = {}
    for name in PAGES:
        side = Asked(name)
        try:
            runs = [side.ask(do="visit", task=task.raw()) for _ in range(1 + visits)]
        except Absent as error:
            found[name] = {"absent": str(error)}
            continue
        finally:
            side.close()
        found[name] = {"first": runs[0]}
        for key in ("ready", "seconds"):
            # The browser keeps compiled code from the second visit on.
            found[name][key] = vars(spread([run[key] for run in runs[2:]]))
    return found


if __name__ == "__main__":
    one_start(sys.argv[1])
