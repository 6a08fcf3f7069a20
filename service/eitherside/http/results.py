"""Answers kept for a while on disk, so that a client may ask for one by its key before it sends a file."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import TEMPORARY, write_atomically
from ..request import Buffer
from ..settings import Settings
from .identity import Identity
from .multipart import Part
from .sending import FilePart, OpenFile
from .shared import Shared

log = logging.getLogger(__name__)

_BLOCK = 4096
_HEAD = 8
_LOCK = ".lock"
_PATIENCE = 0.2
"""Seconds that an answer waits at most while another process writes; then it is not kept."""


@dataclass(frozen=True)
class Kept:
    """A result and outputs, and what call they are of."""

    identity: Identity
    result: dict[str, Any]
    outputs: Sequence[Part]


@dataclass(frozen=True)
class Prepared:
    """A result as its file will have it, piece by piece; and the file's length."""

    pieces: Sequence[Buffer]
    length: int


class Results:
    """Files of a private folder, one for each key: a head in JSON, then the outputs as they are.

    They take no more than `result_store` bytes (each a multiple of 4096), nor more than half of what would be
    free without them; the least recently used go first. After `result_time` they are gone. Safe to use from
    many threads and processes.
    """

    def __init__(self, settings: Settings, shared: Shared) -> None:
        self._shared = shared
        self._limit = int(settings.result_store)
        self._largest = int(settings.result_size)
        self._time = settings.result_time
        self._timer: threading.Timer | None = None

    def put(self, key: str, kept: Kept) -> bool:
        """Keeps a result under `key`, and returns whether it is there now."""
        prepared = self.prepare(kept)
        return prepared is not None and self.write(key, prepared)

    def prepare(self, kept: Kept) -> Prepared | None:
        """Returns the result as it is written; None where it is too large or there is nowhere to write it."""
        head = _head(kept)
        pieces = [len(head).to_bytes(_HEAD, "big"), head, *(item.data for item in kept.outputs)]
        length = sum(map(len, pieces))
        if length > self._largest or _rounded(length) > self._limit or self._folder() is None:
            return None
        return Prepared(pieces, length)

    def write(self, key: str, prepared: Prepared) -> bool:
        """Writes a result under `key`, and returns whether it is there now."""
        folder = self._folder()
        if folder is None:
            return False
        try:
            with _held(folder) as state:
                return state is not None and self._write(folder, state, key, prepared)
        except OSError as error:
            log.warning("a result was not kept: %s", error.strerror or type(error).__name__)
            return False

    def get(self, key: str) -> Kept | None:
        """Returns what is kept under `key`, or None. Its outputs are parts of the file, not copies."""
        folder = self._folder()
        if folder is None:
            return None
        try:
            descriptor = os.open(folder / key, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            file = OpenFile(descriptor)
            facts = os.fstat(descriptor)
            if time.time() - facts.st_mtime > self._time:
                return None
            # The time of access is that of the last use; the time of change stays that of the beginning.
            os.utime(folder / key, ns=(time.time_ns(), facts.st_mtime_ns))
            return _parsed(descriptor, file)
        except (OSError, ValueError):
            return None

    def sweep(self) -> None:
        """Removes what is older than `result_time`, now rather than in its time."""
        folder = self._folder()
        if folder is None:
            return
        with suppress(OSError), _held(folder) as state:
            if state is not None:
                self._shrink(folder, state, self._limit)

    def _folder(self) -> Path | None:
        folder = self._shared.folder if self._limit else None
        return folder.path if folder is not None else None

    def _write(self, folder: Path, state: _Total, key: str, prepared: Prepared) -> bool:
        size = _rounded(prepared.length)
        with suppress(OSError):
            facts = (folder / key).stat()
            if time.time() - facts.st_mtime <= self._time:
                os.utime(folder / key, ns=(time.time_ns(), facts.st_mtime_ns))
                return True
        limit = min(self._limit, (_free(folder) + state.total) // 2)
        if size > limit:
            return False
        if state.total + size > limit:
            # A tenth more, because looking through the folder takes a while.
            self._shrink(folder, state, max(0, limit - size - limit // 10))
        elif (folder / key).exists():
            self._shrink(folder, state, limit - size)
        state.total += size
        try:
            write_atomically(folder / key, prepared.pieces, durable=False)
        except OSError:
            self._shrink(folder, state, state.total // 2)
            raise
        self._arm()
        return True

    def _shrink(self, folder: Path, state: _Total, target: int) -> None:
        """Removes what is too old, then what was not used for longest, until `target` bytes are left."""
        found = []
        for entry in os.scandir(folder):
            if entry.name.endswith(TEMPORARY):
                # Whoever wrote it is no more: the lock is ours.
                Path(entry.path).unlink()
            elif not entry.name.startswith("."):
                facts = entry.stat()
                found.append((facts.st_atime_ns, facts.st_mtime, _rounded(facts.st_size), entry.path))
        found.sort()
        total = sum(size for _, _, size, _ in found)
        oldest = time.time() - self._time
        for _, made, size, path in found:
            if made < oldest or total > target:
                Path(path).unlink()
                total -= size
        state.total = total

    def close(self) -> None:
        """Looks after them no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        """Sees to it that what is written now is removed when its time is over, though nobody asks again."""
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(self._time + 1, self.resume)
            self._timer.daemon = True
            self._timer.start()

    def resume(self) -> None:
        """Looks after what other processes left."""
        self._timer = None
        self.sweep()
        folder = self._folder()
        if folder is not None and folder.is_dir() and any(path.name[0] != "." for path in folder.iterdir()):
            self._arm()


@dataclass
class _Total:
    """Bytes that the files take together."""

    total: int


@contextmanager
def _held(folder: Path) -> Iterator[_Total | None]:
    """Holds the folder's lock and yields its count; None where somebody else holds it for too long."""
    file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    yield None
                    return
                time.sleep(0.005)
        state = _Total(int.from_bytes(os.pread(file, _HEAD, 0), "big"))
        try:
            yield state
        finally:
            os.pwrite(file, state.total.to_bytes(_HEAD, "big"), 0)
    finally:
        os.close(file)


def _rounded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _free(folder: Path) -> int:
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


def _head(kept: Kept) -> bytes:
    return json.dumps(
        {
            "module": kept.identity.module,
            "function": kept.identity.function,
            "options": kept.identity.options,
            "inputs": kept.identity.inputs,
            "result": kept.result,
            "outputs": [[item.name, item.media_type, len(item.data)] for item in kept.outputs],
        }
    ).encode("ascii")


def _parsed(descriptor: int, file: OpenFile) -> Kept:
    length = int.from_bytes(os.pread(descriptor, _HEAD, 0), "big")
    head: Mapping[str, Any] = json.loads(os.pread(descriptor, length, _HEAD))
    at, outputs = _HEAD + length, []
    for name, media_type, size in head["outputs"]:
        outputs.append(FilePart(name, media_type, file, at, size))
        at += size
    identity = Identity(head["module"], head["function"], head["options"], head["inputs"])
    return Kept(identity, head["result"], outputs)
