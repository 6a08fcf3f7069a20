"""One process of Pillow's for one image: started, fed, waited for, and killed where it takes too long."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from . import frames
from .errors import failure

WORKER = Path(__file__).with_name("worker.py")
SLICE = 0.05
"""Seconds between two looks at whether the caller still wants the answer."""


def run(
    head: dict[str, Any],
    body: bytes | memoryview = b"",
    *,
    memory: int,
    seconds: float,
    cancel: threading.Event | None = None,
) -> tuple[dict[str, Any], memoryview]:
    """Has a fresh process answer the request, and returns the answer's head and body.

    Args:
        head: the request, as JSON; `worker.answer` says what is in it.
        body: the file to work on.
        memory: ceiling of the process's address space in bytes.
        seconds: after this time the process is killed.
        cancel: once set, the process is killed.

    Raises:
        CallError: the worker refused, died, took too long, or the call was cancelled.
    """
    request = {**head, "memory": memory, "seconds": max(1, round(seconds))}
    # -I: neither the environment nor the working directory decides what is imported.
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    # A thread feeds it: communicate() does not go on with its input after it timed out once.
    feeder = threading.Thread(target=_feed, args=(process.stdin, frames.pack(request, body)), daemon=True)
    process.stdin = None
    feeder.start()
    try:
        output = _wait(process, seconds, cancel)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        feeder.join()
    try:
        result, data = frames.unpack(output)
    except frames.BrokenMessage:
        raise _death(process.returncode, seconds) from None
    if "error" in result:
        raise failure(result["error"], result["message"], option=result.get("option"))
    return result, data


def _feed(target: IO[bytes], pieces: Iterable[bytes | memoryview]) -> None:
    # A process that ends early has its reasons, and tells them by its answer or its status.
    with suppress(BrokenPipeError), target:
        for piece in pieces:
            target.write(piece)


def _wait(process: subprocess.Popen[bytes], seconds: float, cancel: threading.Event | None) -> bytes:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=min(SLICE, max(0.0, deadline - time.monotonic())))[0]
        if cancel is not None and cancel.is_set():
            raise failure("cancelled", "the call was cancelled")
        if time.monotonic() >= deadline:
            raise failure("time_limit", f"Pillow took longer than {seconds:g} s")


def _death(status: int, seconds: float) -> Exception:
    if status == -signal.SIGXCPU:
        return failure("time_limit", f"Pillow took longer than {seconds:g} s of processor time")
    if status < 0:
        return failure("corrupt", f"Pillow's process died of signal {-status} on this image")
    return failure(
        "memory_limit", "Pillow's process could not go on; its memory ceiling is the likely reason"
    )
