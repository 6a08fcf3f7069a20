"""What machine this is, and how busy."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .serve import cores

BUSY = 0.25
"""Processes that wait for a core, for each core, from which on the machine counts as busy."""


def machine() -> dict[str, Any]:
    """Returns what is known of the machine and of what computes on it, with the load before anything ran."""
    one, five, fifteen = os.getloadavg()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": cores(),
        "processor": _processor(),
        "memory": memory,
        "system": f"{_distribution()}, Linux {platform.release()}, {platform.machine()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "load": [round(one, 2), round(five, 2), round(fifteen, 2)],
        "busy": one > BUSY * cores(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    pairs = (line.partition(":") for line in lines)
    facts = {name.strip(): value.strip() for name, _, value in pairs}
    flags = facts.get("flags", "").split()
    vectors = next((each for each in ("avx512f", "avx2", "sse4_1", "asimd") if each in flags), "")
    return facts.get("model name", platform.processor() or "unknown") + (f" ({vectors})" if vectors else "")


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
