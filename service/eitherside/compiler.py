"""Compiles a module from standard input to standard output: `compiled` runs it in a process of its own."""

from __future__ import annotations

import os
import signal
import sys

import wasmtime

from .compiled import new_engine

_NICE = 10


def main() -> None:
    """Compiles, on all cores, which only a process that forks no children may do."""
    # Ctrl-C reaches both processes; the other one ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if "--background" in sys.argv:
        os.nice(_NICE)
    engine = new_engine(epochs="--epochs" in sys.argv, parallel=True)
    sys.stdout.buffer.write(wasmtime.Module(engine, sys.stdin.buffer.read()).serialize())


if __name__ == "__main__":
    main()
