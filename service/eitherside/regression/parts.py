"""What the tests have to report, in a folder that all worker processes write and the controller reads."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypedDict

from ..files import write_atomically

_DIGITS = 24
_PICTURE = "png"

Kind = Literal["failed", "missing", "changed", "new"]


class Figure(TypedDict):
    """A picture of the report: `file` is in the folder, `mark` a place in it in percent, None for none."""

    label: str
    note: str
    file: str
    width: int
    height: int
    enlarged: bool
    mark: list[float] | None


class Row(TypedDict):
    """A score of the report."""

    title: str
    value: str
    limit: str
    holds: bool
    bounded: bool


class Shown(TypedDict):
    """One output of the report."""

    name: str
    faults: list[str]
    notes: list[str]
    scores: list[Row]
    figures: list[Figure]


class Entry(TypedDict):
    """One check of the report."""

    test: str
    number: int
    kind: Kind
    title: str
    golden: str
    facts: list[list[str]]
    outputs: list[Shown]


class Note(TypedDict):
    """A golden that was written, and what there is to say of it."""

    kind: Kind
    golden: str
    told: list[str]


class Parts:
    """A folder of entries and of their pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0
        self._tests: set[str] = set()

    def add_picture(self, test: str, data: bytes) -> str:
        """Keeps a picture of a test; returns the name of its file."""
        return self._write(test, _PICTURE, data)

    def add(self, entry: Entry) -> None:
        """Keeps an entry."""
        self._write(entry["test"], "json", json.dumps(entry).encode())

    def note(self, test: str, kind: Kind, golden: str, told: Sequence[str]) -> None:
        """Keeps that a golden was written."""
        note: Note = {"kind": kind, "golden": golden, "told": list(told)}
        self._write(test, "note", json.dumps(note).encode())

    def notes(self) -> Sequence[Note]:
        """Returns which goldens were written, by name."""
        found: list[Note] = [json.loads(path.read_bytes()) for path in self.folder.glob("*.note")]
        return sorted(found, key=lambda note: note["golden"])

    def _write(self, test: str, extension: str, data: bytes) -> str:
        self._number += 1
        self._tests.add(test)
        # Also the number of the process: a test that was tried again may have another worker.
        name = f"{_digest(test)}-{os.getpid()}-{self._number}.{extension}"
        write_atomically(self.folder / name, [data], durable=False)
        return name

    def forget(self, test: str) -> None:
        """Drops the entries that an earlier try of a test, in this process, has left."""
        if test not in self._tests:
            return
        for extension in ("json", _PICTURE):
            for path in self.folder.glob(f"{_digest(test)}-*.{extension}"):
                path.unlink(missing_ok=True)

    def size(self) -> int:
        """Returns how many bytes of pictures there are, those of all processes together."""
        total = 0
        with os.scandir(self.folder) as found:
            for entry in found:
                # What another process writes has another name a moment later; what it forgets is gone.
                if entry.name.endswith(f".{_PICTURE}"):
                    with suppress(FileNotFoundError):
                        total += entry.stat().st_size
        return total

    def entries(self) -> Sequence[Entry]:
        """Returns all entries, by test, in the order of its checks."""
        found: list[Entry] = [json.loads(path.read_bytes()) for path in self.folder.glob("*.json")]
        return sorted(found, key=lambda entry: (entry["test"], entry["number"]))

    def picture(self, figure: Mapping[str, Any]) -> bytes:
        """Returns the picture of a figure."""
        return (self.folder / Path(str(figure["file"])).name).read_bytes()


def _digest(test: str) -> str:
    return hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
