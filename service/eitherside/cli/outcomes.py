"""What became of the files of a batch, and how that is told: a line, JSON, a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import click

from .failure import Error, describe, document, printable, status_of

What = Literal["made", "planned", "done", "larger", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        source: the file.
        output: where it goes.
        what: ``made``; ``planned``, in a dry run; ``done`` before; ``larger``, so left out; ``failed``.
        read, written: bytes of both, where the file was worked on.
        error: why it failed.
    """

    source: Path
    output: Path
    what: What
    read: int = 0
    written: int = 0
    error: Error | None = None

    def facts(self) -> dict[str, Any]:
        """Returns it as JSON."""
        found: dict[str, Any] = {
            "file": str(self.source),
            "output": str(self.output),
            "outcome": self.what,
            "bytes_in": self.read,
            "bytes_out": self.written,
        }
        if self.error is not None:
            found |= document(self.error, status_of(self.error))
        return found


@dataclass
class Tally:
    """How a batch went.

    Attributes:
        others: files of no known format.
        outcomes: of all files that are done with.
        read, written: bytes of those that were made.
        seconds: how long it took.
        interrupted: whether it was stopped.
    """

    others: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    read: int = 0
    written: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    def add(self, outcome: Outcome) -> None:
        """Takes one more file in."""
        self.outcomes.append(outcome)
        if outcome.what == "made":
            self.read += outcome.read
            self.written += outcome.written

    @property
    def failures(self) -> list[Outcome]:
        """The files that failed, by name."""
        return sorted((each for each in self.outcomes if each.what == "failed"), key=lambda each: each.source)

    def summary(self) -> dict[str, Any]:
        """Returns the sums as JSON."""
        counts = Counter(each.what for each in self.outcomes)
        names: tuple[What, ...] = ("made", "planned", "done", "larger", "failed")
        return {
            **{name: counts[name] for name in names},
            "others": self.others,
            "bytes_in": self.read,
            "bytes_out": self.written,
            "seconds": round(self.seconds, 3),
            "interrupted": self.interrupted,
        }

    def __str__(self) -> str:
        found = self.summary()
        read, written = self.read, self.written
        less = f", {100 * (read - written) / read:.0f} % less" if 0 < written < read else ""
        parts = [
            f"{found['made']} made ({size(read)} to {size(written)}{less}, {self.seconds:.1f} s)",
            f"{found['done']} done before",
        ]
        if found["planned"]:
            parts[0] = f"{found['planned']} to be made"
        parts += [f"{found['larger']} left out as they would be no smaller"] if found["larger"] else []
        parts += [f"{self.others} of no known format"] if self.others else []
        parts += [f"{found['failed']} failed"] if found["failed"] else []
        return ", ".join(parts)


def maker_of(path: Path) -> Callable[[Tally, Mapping[str, str]], str]:
    """Returns what writes reports in the format of a file's name.

    Raises:
        click.UsageError: there is no such format.
    """
    found = KINDS.get(path.suffix.lower())
    if found is None:
        raise click.UsageError(f"--report: {path} must end in one of {', '.join(KINDS)}")
    return found


def size(count: float) -> str:
    """Returns a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _json(tally: Tally, facts: Mapping[str, str]) -> str:
    files = [each.facts() for each in tally.outcomes]
    return json.dumps({**facts, "summary": tally.summary(), "files": files}, indent=1) + "\n"


def _text(tally: Tally, facts: Mapping[str, str]) -> str:
    lines = [f"{name}: {printable(value)}" for name, value in facts.items()]
    lines += ["", str(tally), ""]
    lines += [f"{each.what}: {printable(str(each.source))}{_why(each)}" for each in tally.outcomes]
    return "\n".join(lines) + "\n"


def _why(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f": {describe(outcome.error)}"
    return f" to {printable(str(outcome.output))}, {size(outcome.read)} to {size(outcome.written)}"


def _html(tally: Tally, facts: Mapping[str, str]) -> str:
    from .. import report

    failures: Sequence[Sequence[str]] = [
        [str(each.source), describe(each.error) if each.error is not None else ""] for each in tally.failures
    ]
    rows = [
        [str(each.source), str(each.output), each.what, f"{each.read:,}", f"{each.written:,}"]
        for each in tally.outcomes
    ]
    marked = [index for index, each in enumerate(tally.outcomes) if each.what == "failed"]
    about = [(name, printable(value), "") for name, value in facts.items()]
    parts = [report.section("Summary", report.note(str(tally)), report.facts(about))]
    if failures:
        parts.append(report.section("Failures", report.table(["File", "Why"], failures)))
    header = ["File", "Output", "Outcome", "Bytes read", "Bytes written"]
    parts.append(report.section("Files", report.table(header, rows, marked=marked)))
    return report.page(f"{facts['source']} to {facts['destination']}", parts)


KINDS: Mapping[str, Callable[[Tally, Mapping[str, str]], str]] = {
    ".json": _json,
    ".html": _html,
    ".txt": _text,
}
"""Formats of reports, by the extension of the file's name."""
