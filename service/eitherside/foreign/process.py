"""One process of Pillow's for one image: started, fed, waited for, and killed where it takes too long."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

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
    deadline = time.monotonic() + seconds
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
    try:
        output = _talk(process, b"".join(frames.pack(request, body)), deadline, seconds, cancel)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    try:
        result, data = frames.unpack(output)
    except frames.BrokenMessage:
        raise _death(process.returncode, seconds) from None
    if "error" in result:
        raise failure(result["error"], result["message"], option=result.get("option"))
    return result, data


def _talk(
    process: subprocess.Popen[bytes],
    request: bytes,
    deadline: float,
    seconds: float,
    cancel: threading.Event | None,
) -> bytes:
    given: bytes | None = request
    while True:
        try:
            return process.communicate(given, timeout=min(SLICE, max(0.0, deadline - time.monotonic())))[0]
        except subprocess.TimeoutExpired:
            given = None
        if cancel is not None and cancel.is_set():
            raise failure("cancelled", "the call was cancelled")
        if time.monotonic() >= deadline:
            raise failure("time_limit", f"Pillow took longer than {seconds:g} s")


def _death(status: int, seconds: float) -> Exception:
    if status in (-signal.SIGXCPU, -signal.SIGKILL) and status == -signal.SIGXCPU:
        return failure("time_limit", f"Pillow took longer than {seconds:g} s of processor time")
    if status < 0:
        return failure("corrupt", f"Pillow's process died of signal {-status} on this image")
    return failure(
        "memory_limit", "Pillow's process could not go on; its memory ceiling is the likely reason"
    )
