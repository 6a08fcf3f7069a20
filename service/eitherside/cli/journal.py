"""What a batch has finished, on disk beside its outputs, so that it can go on where it was stopped."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from ..errors import EithersideError
from ..files import TEMPORARY, write_atomically

NAME = ".eitherside-batch.jsonl"


class BusyError(EithersideError):
    """Another batch writes to the same folder."""


class Journal:
    """One line of JSON for each finished output; the last line about an output holds.

    A line is written after its output is in place. A line cut short by a crash is skipped, which costs that
    one output's work.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the journal of `folder`, and removes what a killed batch left half written.

        Raises:
            BusyError: another batch has it open.
            OSError: the folder cannot be written.
        """
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / f"{NAME}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise BusyError(f"another batch writes to {folder}") from None
        for left in folder.rglob(f".*{TEMPORARY}"):
            left.unlink(missing_ok=True)
        self._done = self._read()
        # Rewritten once per run, so it does not grow for ever.
        lines = (_line(name, record) for name, record in self._done.items())
        write_atomically(folder / NAME, lines)
        self._stream = (folder / NAME).open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
        os.close(self._file)

    def _read(self) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        try:
            lines = (self._folder / NAME).read_bytes().splitlines()
        except FileNotFoundError:
            return found
        for line in lines:
            try:
                entry = json.loads(line)
                found[entry.pop("output")] = entry
            except (ValueError, KeyError, AttributeError):
                continue
        return found

    def is_done(self, output: str, key: str, source: Path) -> bool:
        """Tells whether `output` is there as made, from this source as it is, with the options of `key`."""
        record = self._done.get(output)
        try:
            return (
                record is not None
                and record.get("key") == key
                and record.get("from") == _origin(source, _stamp(source))
                and record.get("to") == _stamp(self._folder / output)
            )
        except OSError:
            return False

    def add(self, output: str, key: str, source: Path, stamp: list[int]) -> None:
        """Notes that `output` is done, from `source` as it was at `stamp`."""
        record = {"key": key, "from": _origin(source, stamp), "to": _stamp(self._folder / output)}
        with self._lock:
            self._stream.write(_line(output, record))
            self._done[output] = record

    @staticmethod
    def stamp(path: Path) -> list[int]:
        """Returns what tells one state of a file from another: its size and the time of its last change.

        Raises:
            OSError: there is no such file.
        """
        return _stamp(path)


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _origin(source: Path, stamp: list[int]) -> list[Any]:
    return [str(source.absolute()), *stamp]


def _line(output: str, record: Mapping[str, Any]) -> bytes:
    return json.dumps({"output": output, **record}).encode() + b"\n"
