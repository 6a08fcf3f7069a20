"""docs/add-a-function.md, done as it is written: every command, in a folder that looks like a checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .conftest import ROOT

GUIDE = ROOT / "docs" / "add-a-function.md"
PORT = "8123"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a checkout has, but for what the guide writes to; the environment is that of the tests.
_LINKED = (".venv", "Makefile", "native", "pyproject.toml", "service", "static")
SECONDS = 300.0
# The guide's make installs what is missing. All is there, and the tests' own environment must stay as it is.
_MADE = (
    *(".venv/bin/python", ".venv/.runtime", ".venv/.examples", ".venv/.node", "static/package.json"),
    *("static/node_modules/.package-lock.json", "build/static/index.html"),
)
_MAKE = '#!/bin/sh\nexec {make} {made} "$@"\n'


@dataclass(frozen=True)
class Step:
    """A block of code: its language, its text, and the output that the guide shows below it."""

    language: str
    code: str
    shown: str | None


def steps() -> list[Step]:
    """The guide's blocks of code, in order."""
    found: list[Step] = []
    for language, text in _BLOCK.findall(GUIDE.read_text()):
        if language == "text":
            found[-1] = Step(found[-1].language, found[-1].code, text)
        else:
            found.append(Step(language, text, None))
    return found


@pytest.fixture(scope="module")
def checkout(compiler: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything of the checkout that the guide uses, and room for what it makes."""
    # What is not there make would make, in the tests' own environment.
    if missing := [name for name in _MADE if not (ROOT / name).exists()]:
        pytest.skip(f"{missing[0]} is missing (make pytest)")
    folder = tmp_path_factory.mktemp("checkout")
    for name in (*_LINKED, *(path.name for path in ROOT.glob("requirements*.lock"))):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("levels"))
    (folder / "build").mkdir()
    for name in ("codec.wasm", "codec.json", "static"):
        (folder / "build" / name).symlink_to(ROOT / "build" / name)
    (folder / "bin").mkdir()
    made = " ".join(f"--old-file={name}" for name in _MADE)
    (folder / "bin" / "make").write_text(_MAKE.format(make=shutil.which("make"), made=made))
    (folder / "bin" / "make").chmod(0o755)
    return folder


def environment(checkout: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"}


def port() -> str:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def serving(code: str, checkout: Path, address: str) -> Iterator[None]:
    """Runs the block that serves until the end of the context."""
    log = checkout / "build" / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", code],
            cwd=checkout,
            env=environment(checkout),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + SECONDS
        while True:
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            try:
                with urllib.request.urlopen(f"{address}/readyz", timeout=SECONDS) as answer:  # noqa: S310
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def run_shell(step: Step, checkout: Path, number: str) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step.code.replace(PORT, number)],
        cwd=checkout,
        env=environment(checkout),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{step.code}\n{done.stdout}{done.stderr}"
    if step.shown is not None:
        assert done.stdout == step.shown


def run_page(step: Step, browser: Browser, address: str) -> None:
    page = browser.new_page(service_workers="block")
    lines: list[str] = []
    page.goto(f"{address}/")
    page.on("console", lambda told: lines.append(told.text))
    page.evaluate(f"async () => {{ {step.code} }}")
    page.wait_for_timeout(100)
    page.close()
    assert "".join(f"{line}\n" for line in lines) == step.shown


def test_the_guide(checkout: Path, browser: Browser) -> None:
    number = port()
    address = f"http://127.0.0.1:{number}"
    todo = steps()
    serve = next(index for index, step in enumerate(todo) if step.code.startswith("make serve"))
    assert {step.language for step in todo} == {"sh", "js"}
    for step in todo[:serve]:
        run_shell(step, checkout, number)
    with serving(todo[serve].code.replace(PORT, number), checkout, address):
        for step in todo[serve + 1 :]:
            if step.language == "js":
                run_page(step, browser, address)
            else:
                run_shell(step, checkout, number)
    assert '"stretch"(samples: Input' in (checkout / "build" / "examples" / "levels.ts").read_text()
