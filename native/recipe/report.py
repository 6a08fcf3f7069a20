"""Progress on the terminal, and the one way to fail."""

from __future__ import annotations

import sys
import time

_started = time.monotonic()


class BuildError(Exception):
    """The build cannot go on; the text says why and what to do."""


def step(text: str) -> None:
    """Begin a step."""
    elapsed = int(time.monotonic() - _started)
    print(f"[{elapsed // 60:2d}:{elapsed % 60:02d}] {text}", flush=True)


def progress(text: str) -> None:
    """Show where a step is: on a terminal in one line that is written over, elsewhere nothing."""
    if sys.stdout.isatty():
        print(f"\r\033[K        {text[:100]}", end="", flush=True)


def progress_done() -> None:
    """Clear the line that `progress` wrote."""
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
