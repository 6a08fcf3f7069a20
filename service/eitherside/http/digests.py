"""SHA-256 of a call's inputs, taken while the service waits for something else."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence

from ..request import Buffer

STEP = 1 << 17
"""Bytes hashed between two looks at whether more of the body has come: about a third of a millisecond."""

_SMALL = 1 << 17
"""Bytes that take less to hash than a thread takes to start."""


class Digest:
    """The SHA-256 of one buffer, some of which may not be there yet."""

    def __init__(self, data: Buffer) -> None:
        self._view = memoryview(data)
        self._hash = hashlib.sha256()
        self._done = 0

    @property
    def left(self) -> int:
        """Bytes that are not hashed yet."""
        return len(self._view) - self._done

    def behind(self, arrived: int) -> bool:
        """Returns whether some of the first `arrived` bytes are not hashed yet."""
        return arrived > self._done

    def step(self, arrived: int) -> None:
        """Hashes a little more, of the first `arrived` bytes."""
        self._advance(min(arrived - self._done, STEP))

    def finish(self) -> str:
        """Hashes the rest and returns the digest in hexadecimal."""
        self._advance(self.left)
        return self._hash.hexdigest()

    def _advance(self, count: int) -> None:
        if count > 0:
            # Outside Python's lock, where it is more than a few bytes.
            self._hash.update(self._view[self._done : self._done + count])
            self._done += count


class Digests:
    """The digests of all inputs of a call, by their names; inputs without buffers are left out."""

    def __init__(self, inputs: Mapping[str, Sequence[Buffer]], begun: Digest | None = None) -> None:
        """Hashes, in a thread of its own where that takes long.

        Args:
            inputs: the buffers.
            begun: the digest of the first of them, where it has been begun.
        """
        self._all = {name: [Digest(buffer) for buffer in found] for name, found in inputs.items() if found}
        if begun is not None and self._all:
            next(iter(self._all.values()))[0] = begun
        self._found: dict[str, list[str]] | None = None
        self._thread: threading.Thread | None = None
        if sum(each.left for found in self._all.values() for each in found) <= _SMALL:
            self._finish()
        else:
            self._thread = threading.Thread(target=self._finish, name="eitherside-digest", daemon=True)
            self._thread.start()

    def _finish(self) -> None:
        self._found = {name: [each.finish() for each in found] for name, found in self._all.items()}

    def wait(self) -> Mapping[str, Sequence[str]]:
        """Returns them, in hexadecimal, as soon as they are there."""
        if self._thread is not None:
            self._thread.join()
        if self._found is None:
            raise MemoryError("the inputs could not be hashed")
        return self._found
