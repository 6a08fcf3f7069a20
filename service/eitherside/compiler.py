"""Compiles a module from standard input to standard output: `compiled` runs it in a process of its own."""

from __future__ import annotations

import signal
import sys

import wasmtime

from .compiled import new_engine


def main() -> None:
    """Compiles, on all cores, which only a process that forks no children may do."""
    # Ctrl-C reaches both processes; the other one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = wasmtime.Module(new_engine(parallel=True), sys.stdin.buffer.read()).serialize()
    sys.stdout.buffer.write(code)


if __name__ == "__main__":
    main()
