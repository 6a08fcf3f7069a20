"""What a page's main thread was at work on, from a trace of Chromium."""

from __future__ import annotations

import json
from typing import Any

LONG = 50.0
"""Milliseconds: what the Long Tasks API calls long, here as time of the processor."""

CATEGORIES = ["toplevel", "blink.user_timing"]
"""What `Browser.start_tracing` is to note."""


def computed(trace: bytes, mark: str | None = None) -> list[float]:
    """Milliseconds that the page's main thread was at work in each of its tasks.

    Time of the processor: a task may be long on the clock because the machine is busy.

    Args:
        trace: of Chromium, with its tasks and what the page marked.
        mark: only tasks that began after the page's `performance.mark` of this name.

    Raises:
        AssertionError: there are so few tasks that it is no trace of a page that did something.
    """
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    mains = {
        (each["pid"], each["tid"])
        for each in events
        if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    began = 0
    if mark is not None:
        marked = next(each for each in events if each.get("name") == mark)
        mains &= {(marked["pid"], marked["tid"])}
        began = marked["ts"]
    tasks = [
        each["tdur"] / 1000
        for each in events
        if each.get("ph") == "X"
        and "tdur" in each
        and (each["pid"], each["tid"]) in mains
        and each["ts"] > began
    ]
    assert len(tasks) > 100
    return tasks
