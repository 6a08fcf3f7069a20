"""Commands of the command line, run in this process: starting another takes longer than most commands do.

That a process of their own does the same is what tests with `real` show, and those of signals and terminals.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eitherside.cli import main


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as lines of JSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def errors(self) -> list[Any]:
        """Standard error as lines of JSON."""
        return [json.loads(line)["error"] for line in self.stderr.splitlines()]


def command(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Runs `eitherside` with arguments."""
    out, err = io.BytesIO(), io.BytesIO()
    stdout = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    stderr = io.TextIOWrapper(err, encoding="utf-8", write_through=True, errors="backslashreplace")
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin))
    status = 0
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr):
            main([str(argument) for argument in arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.stdin = before
    return Done(status, out.getvalue(), err.getvalue().decode())


def real(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Runs `eitherside` with arguments in a process of its own."""
    line = [sys.executable, "-m", "eitherside", *map(str, arguments)]
    done = subprocess.run(line, input=stdin, capture_output=True, check=False, timeout=240)
    return Done(done.returncode, done.stdout, done.stderr.decode())


def ok(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Runs a command that must succeed."""
    done = command(*arguments, stdin=stdin)
    assert done.status == 0, done.stderr
    return done


def names(folder: Path) -> list[str]:
    """The files below a folder, by name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
