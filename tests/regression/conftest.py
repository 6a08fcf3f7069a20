"""Repositories of tests, and runs of pytest in them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from eitherside import Module

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "regression"
PLUGIN = "-peitherside.regression.plugin"
# What would change a run; the cache of compiled modules stays.
_OTHERS = ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_PLUGINS")
_WORKER = re.compile("PYTEST_XDIST_.*")
TIME_LIMIT = 240.0


@dataclass(frozen=True)
class Run:
    """A run of pytest that has ended: its exit status and what it said."""

    status: int
    text: str

    def counts(self) -> dict[str, int]:
        """How many tests passed, failed and so on, as the last line says."""
        last = next(line for line in reversed(self.text.splitlines()) if re.search(r"\bin [\d.]+s", line))
        return {
            what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|errors?|xfailed)", last)
        }


class Runner:
    """A process that runs pytest in forks of itself (runner.py)."""

    def __init__(self, folder: Path) -> None:
        self._output = folder / "output"
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("runner.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
        """Runs pytest and waits for it."""
        ask = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "output": str(self._output),
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(ask) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Run(status, self._output.read_text(errors="replace"))

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate(timeout=TIME_LIMIT)


@dataclass(frozen=True)
class Repository:
    """A folder with tests of its own."""

    folder: Path
    runner: Runner

    def write(self, **files: str) -> None:
        """Writes Python files, by their names without extension."""
        for name, text in files.items():
            (self.folder / f"{name}.py").write_text(text)

    def configure(self, *lines: str) -> None:
        """Writes the configuration of pytest."""
        text = "\n".join(("[pytest]", *lines))
        (self.folder / "pytest.ini").write_text(text + "\n")

    def pytest(self, *arguments: str, **environment: str) -> Run:
        """Runs pytest with the plugin and no other."""
        given = ["--disable-plugin-autoload", PLUGIN, *arguments]
        return self.runner.run(given, self.folder, {**inherited(), **environment})

    def pytest_itself(self, *arguments: str) -> Run:
        """Runs pytest as people do: by itself, with all plugins that it finds."""
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=self.folder,
            env=inherited(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIME_LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout.decode(errors="replace"))

    def goldens(self) -> dict[str, bytes]:
        """All files of goldens, by their paths."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("golden/**/*"))
            if path.is_file() and ".pytest_cache" not in path.parts
        }


def inherited() -> dict[str, str]:
    """The environment without what would change a run."""
    found = {
        name: value
        for name, value in os.environ.items()
        if name not in _OTHERS and not _WORKER.fullmatch(name)
    }
    return {**found, "COLUMNS": "200"}


@pytest.fixture(scope="session")
def runner(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Runs pytest."""
    made = Runner(tmp_path_factory.mktemp("runner"))
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path, runner: Runner) -> Repository:
    """An empty repository."""
    made = Repository(tmp_path / "repository", runner)
    made.folder.mkdir()
    made.configure()
    return made


@pytest.fixture
def example(tmp_path: Path, runner: Runner) -> Repository:
    """A copy of the example repository."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return Repository(Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=ignored)), runner)


@pytest.fixture
def replace(example: Repository) -> Callable[[str, str], None]:
    """Replaces a text in the example's codec, which must be there once."""

    def made(old: str, new: str) -> None:
        path = example.folder / "blocks.py"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    return made
