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


class Done:
    """What a journal says; the last line about an output holds.

    An output is the batch's own where it is there as the batch made it, or where a line says that it was
    about to be put there and none says more: then the batch was killed between the two.
    """

    def __init__(self, folder: Path) -> None:
        """Reads the journal of `folder`, if there is one.

        Raises:
            OSError: it cannot be read.
        """
        self._folder = folder
        self._done = _read(folder / NAME)

    def is_done(self, output: str, key: str, source: Path, *, skip_larger: bool = False) -> bool:
        """Tells whether there is nothing to do for `output`.

        Args:
            output: its name.
            key: stands for the module and the options.
            source: the file it is made from, as it is now.
            skip_larger: whether it is enough to know that it would be larger than its source.
        """
        record = self._done.get(output, {})
        try:
            if record.get("key") != key or record.get("from") != _origin(source, _stamp(source)):
                return False
            return (skip_larger and record.get("larger") is True) or self._is_as_made(output, record)
        except OSError:
            return False

    def is_own(self, output: str) -> bool:
        """Tells whether what is there as `output`, if anything, was made by a batch and not changed since."""
        record = self._done.get(output)
        if not os.path.lexists(self._folder / output):
            return True
        try:
            return record is not None and (record.get("begun") is True or self._is_as_made(output, record))
        except OSError:
            return False

    def _is_as_made(self, output: str, record: Mapping[str, Any]) -> bool:
        return record.get("to") == _stamp(self._folder / output)


class Journal(Done):
    """One line of JSON for each output: that it is begun, and what became of it.

    The second is written after the output is in place. A line cut short by a crash is skipped, which costs
    that one output's work.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the journal of `folder`, and removes what a killed batch left half written.

        Raises:
            BusyError: another batch has it open.
            OSError: the folder cannot be written.
        """
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
        super().__init__(folder)
        # Rewritten once per run, so it does not grow for ever.
        lines = (_line(name, record) for name, record in self._done.items())
        write_atomically(folder / NAME, lines)
        self._stream = (folder / NAME).open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
        os.close(self._file)

    def begin(self, output: str) -> None:
        """Notes that `output` is about to be put in its place."""
        self._note(output, {"begun": True})

    def add(self, output: str, key: str, source: Path, stamp: list[int]) -> None:
        """Notes that `output` is done, from `source` as it was at `stamp`."""
        facts = {"key": key, "from": _origin(source, stamp), "to": _stamp(self._folder / output)}
        self._note(output, facts)

    def larger(self, output: str, key: str, source: Path, stamp: list[int]) -> None:
        """Notes that `output` would be larger than `source` as it was at `stamp`, and is not there."""
        self._note(output, {"key": key, "from": _origin(source, stamp), "larger": True})

    def _note(self, output: str, record: Mapping[str, Any]) -> None:
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


def _read(path: Path) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            entry = json.loads(line)
            found[entry.pop("output")] = entry
        except (ValueError, KeyError, AttributeError, TypeError):
            continue
    return found


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _origin(source: Path, stamp: list[int]) -> list[Any]:
    return [str(source.absolute()), *stamp]


def _line(output: str, record: Mapping[str, Any]) -> bytes:
    return json.dumps({"output": output, **record}).encode() + b"\n"
