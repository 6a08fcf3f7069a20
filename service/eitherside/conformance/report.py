"""Verdicts as a table and as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from ..module import Module
from .check import Verdict

HEADER = (
    "test case",
    "engine",
    "frames",
    "rms",
    "limit",
    "peak",
    "limit",
    "against",
    "ICC",
    "JPEG",
    "verdict",
)
_DIGITS = 12


def row(verdict: Verdict) -> list[str]:
    """Returns a verdict as the cells of a table; hashes are cut to their beginnings."""
    return [
        verdict.case,
        verdict.engine,
        str(len(verdict.frames)),
        f"{verdict.worst('rms'):.2g}",
        f"{verdict.worst('rms_limit'):.2g}",
        f"{verdict.worst('peak'):.2g}",
        f"{verdict.worst('peak_limit'):.2g}",
        verdict.against,
        verdict.icc[:_DIGITS],
        verdict.jpeg[:_DIGITS],
        "pass" if verdict.passed else "FAIL: " + "; ".join(verdict.faults),
    ]


def document(verdicts: Sequence[Verdict], versions: Mapping[str, str], module: Module) -> dict[str, Any]:
    """Returns everything as JSON has it."""
    return {
        "module": module.sha256,
        "engines": dict(versions),
        "machine": platform.machine(),
        "passed": all(verdict.passed for verdict in verdicts),
        "verdicts": [verdict.document() for verdict in verdicts],
    }


def text(found: Mapping[str, Any]) -> bytes:
    """Returns a document as JSON with a line for each verdict."""
    head = {key: value for key, value in found.items() if key != "verdicts"}
    lines = ",\n".join(json.dumps(verdict) for verdict in found["verdicts"])
    return f'{json.dumps(head)[:-1]}, "verdicts": [\n{lines}\n]}}\n'.encode()
