"""What is loaded for a command: no more than it needs, as loading takes longer than most commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import eitherside
from support.images import picture, saved

HEAVY = ("numpy", "PIL", "flask", "gunicorn", "rich", "httpx2", "wasmtime", "eitherside.planner")

RUN = """
import sys
from eitherside.cli import main
sys.stdout.reconfigure(errors="replace")
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code, end.code
loaded = [name for name in {heavy!r} if name in sys.modules]
print("loaded", *loaded, file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """Returns which of the heavy packages a command has loaded at its end."""
    code = RUN.format(arguments=list(arguments), heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stderr.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["serve", "--help"], ["inspect", "--help"], ["batch", "--help"]]
)
def test_help_needs_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(*arguments) == set()


def test_a_call_needs_what_computes(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(saved(picture(40, 30, 3), "PNG"))
    assert loaded("inspect", str(file)) <= {"wasmtime", "rich"}
    assert loaded("transcode", str(file), str(tmp_path / "a.jxl")) <= {"wasmtime"}


# A fork for each name: none may need that another one was loaded before it. What others made is loaded once.
NAMES = """
import os
import httpx2, numpy, pydantic_settings, wasmtime
import eitherside
failed = []
for name in eitherside.__all__:
    child = os.fork()
    if child == 0:
        exec(f"from eitherside import {name} as found")
        os._exit(0 if getattr(eitherside, name) is found and name in dir(eitherside) else 1)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
assert not failed, failed
print(len(eitherside.__all__))
"""


def test_the_package_gives_each_of_its_names() -> None:
    done = subprocess.run([sys.executable, "-c", NAMES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(len(eitherside.__all__))]


def test_the_function_connect_is_no_module() -> None:
    import eitherside.connecting

    assert eitherside.connect is eitherside.connecting.connect
    with pytest.raises(AttributeError, match="nonsense"):
        _ = eitherside.nonsense
