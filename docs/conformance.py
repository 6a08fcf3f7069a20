"""Runs the conformance suite in every engine and writes its table into conformance.md (make conformance)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eitherside.files import write_atomically

_DOCS = Path(__file__).parent
_SUITE = _DOCS.parents[1] / "shared" / "conformance"
_PAGE, _FIGURES = _DOCS / "conformance.md", _DOCS / "conformance.json"
_BEGIN, _END = "<!-- written by make conformance -->\n", "<!-- end -->\n"
_DIGITS = 12


def main(arguments: Sequence[str]) -> int:
    """Runs the suite with further arguments of the command; returns its exit status."""
    command = ["eitherside", "conformance", str(_SUITE), "--output", str(_FIGURES)]
    if not any(argument.startswith("--engine") for argument in arguments):
        command += ["--engine", "all"]
    path = Path(sys.executable).with_name("eitherside")
    status = subprocess.run([str(path), *command[1:], *arguments], check=False).returncode
    if status in (0, 1) and _FIGURES.is_file():
        found = json.loads(_FIGURES.read_bytes())
        before, rest = _PAGE.read_text().split(_BEGIN)
        _, after = rest.split(_END)
        write_atomically(_PAGE, [f"{before}{_BEGIN}{tables(found)}{_END}{after}".encode()])
    return status


def tables(found: Mapping[str, Any]) -> str:
    """Returns what was found as Markdown: for each test case a row, and its errors in each engine."""
    engines = list(found["engines"])
    verdicts = {(each["case"], each["engine"]): each for each in found["verdicts"]}
    cases = list(dict.fromkeys(each["case"] for each in found["verdicts"]))
    passed = sum(each["passed"] for each in found["verdicts"])
    versions = ", ".join(found["engines"].values())
    lines = [
        f"Module `{found['module']}`, {found['machine']}: {versions}.",
        f"**{passed} of {len(found['verdicts'])} pass.**",
        "",
        "| test case | frames | rms | limit | peak | limit | against | picture | ICC | JPEG | "
        + " | ".join(engines)
        + " |",
        "| --- " * (10 + len(engines)) + "|",
    ]
    for case in cases:
        here = [verdicts[case, engine] for engine in engines if (case, engine) in verdicts]
        marks = ["pass" if each["passed"] else "**FAIL**" for each in here]
        lines.append("| " + " | ".join([case, *_cells(here), *marks]) + " |")
    faults = [
        f"- {each['case']}, {each['engine']}: {fault}"
        for each in found["verdicts"]
        for fault in each["faults"]
    ]
    return "\n".join([*lines, "", *faults, ""] if faults else [*lines, ""])


def _cells(here: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns what is told of a test case in all engines: where they differ, each of the values."""
    rows = [
        (
            str(len(each["frames"])),
            _worst(each, "rms"),
            _worst(each, "rms_limit"),
            _worst(each, "peak"),
            _worst(each, "peak_limit"),
            each["against"].replace("the suite's samples, bit for bit", "bit for bit"),
            "" if each["picture"] is None else f"{each['picture']:.2g}",
            _code(each["icc"]),
            _code(each["jpeg"]),
        )
        for each in here
    ]
    return [" / ".join(dict.fromkeys(column)) for column in zip(*rows, strict=True)]


def _worst(verdict: Mapping[str, Any], name: str) -> str:
    values = [frame[name] for frame in verdict["frames"]]
    return "-" if not values or None in values else f"{max(values):.2g}"


def _code(text: str) -> str:
    return f"`{text[:_DIGITS]}`" if text else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
