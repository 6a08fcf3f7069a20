"""What runs in a process of its own: holds Yjs documents, takes updates into them, tells what is missing.

Started by its path, not as part of the package, so nothing but the standard library and pycrdt is loaded.
Updates may be malformed, huge or nested without end; what native code makes of that ends this process alone.
Messages of a sync are those of y-protocols/sync, one after the other.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pycrdt

if TYPE_CHECKING or __package__:
    from ..foreign import frames
else:
    # Last, so that no file there stands in for one of the standard library.
    sys.path.append(str(Path(__file__).parents[1] / "foreign"))
    import frames

STEP1, STEP2, UPDATE = 0, 1, 2
"""Kinds of messages: a state vector; what its sender lacks; an update."""

MOST_MESSAGES = 1000

STACK = 1 << 20
"""Bytes of stack: values nested deeper than it has room for end the process; clients could not read them."""

Reply = tuple[dict[str, Any], list[bytes]]


class Refused(Exception):
    """A message is not taken, for a reason that its sender is told."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Reader:
    """Reads lib0's numbers and lengths, within bounds."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        """Whether all was read."""
        return self._at == len(self._data)

    def number(self) -> int:
        """Reads a number of seven bits a byte."""
        found = 0
        for place in range(0, 64, 7):
            if self.is_at_end:
                break
            byte = self._data[self._at]
            self._at += 1
            found |= (byte & 127) << place
            if byte < 128:
                return found
        raise Refused("bad_update", "the body is cut off, or no message of y-protocols/sync")

    def block(self) -> bytes:
        """Reads bytes behind their length."""
        length = self.number()
        start, self._at = self._at, self._at + length
        if self._at > len(self._data):
            raise Refused("bad_update", "the body is cut off")
        return self._data[start : self._at]


class Held:
    """A document, and the update that the last transaction made of what it got."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.made: list[bytes] = []
        self._subscription = self.doc.observe(lambda event: self.made.append(event.update))

    def apply(self, update: bytes) -> None:
        """Takes an update in.

        Raises:
            Refused: it is none, or what it builds on is not there.
        """
        try:
            self.doc.apply_update(update)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the update is at fault
            raise Refused("bad_update", f"the update cannot be applied: {error}"[:200]) from None
        if lacks(update, self.doc.get_state()):
            raise Refused("update_gap", "the update builds on others that the service does not have")


def lacks(update: bytes, state: bytes) -> bool:
    """Returns whether a document of that state vector had no place for some of an update it was given."""
    left = Reader(pycrdt.get_update(update, state))
    if left.number():
        return True
    known: dict[int, int] = {}
    vector = Reader(state)
    for _ in range(vector.number()):
        client = vector.number()
        known[client] = vector.number()
    # What is left are deletions; those of what is not there would be forgotten.
    for _ in range(left.number()):
        client = left.number()
        for _ in range(left.number()):
            if left.number() + left.number() > known.get(client, 0):
                return True
    return False


class Documents:
    """The documents that this process holds, by name."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def answer(self, head: dict[str, Any], body: bytes) -> Reply:
        """Does what a request asks."""
        name = head["document"]
        if head["do"] == "forget":
            self._held.pop(name, None)
            return {}, []
        if head["do"] == "load":
            return self._load(name, head, body), []
        held = self._held[name]
        if head["do"] == "snapshot":
            return {}, [held.doc.get_update()]
        try:
            return self._sync(held, body)
        except BaseException:
            # It may hold what is not to be kept, or be broken.
            self._held.pop(name, None)
            raise

    def _load(self, name: str, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        held = self._held.get(name)
        if held is None or head["fresh"]:
            held = self._held[name] = Held()
        at, refused = 0, 0
        for size in head["sizes"]:
            try:
                held.doc.apply_update(body[at : at + size])
            except Exception:  # noqa: BLE001 -- the others are to be had all the same
                refused += 1
            at += size
        held.made.clear()
        return {"refused": refused}

    def _sync(self, held: Held, body: bytes) -> Reply:
        reader, states = Reader(body), list[bytes]()
        count = 0
        while not reader.is_at_end:
            count += 1
            if count > MOST_MESSAGES:
                raise Refused("bad_update", f"there are more than {MOST_MESSAGES} messages")
            kind, data = reader.number(), reader.block()
            if kind == STEP1:
                states.append(data)
            elif kind in (STEP2, UPDATE):
                held.apply(data)
            else:
                raise Refused("bad_update", f"there is no message {kind} in y-protocols/sync")
        made, held.made = held.made, []
        answers = [message(STEP2, self._missing(held, state)) for state in states]
        answers.append(message(STEP1, held.doc.get_state()))
        update = made[0] if len(made) == 1 else pycrdt.merge_updates(*made) if made else b""
        return {}, [b"".join(answers), update]

    def _missing(self, held: Held, state: bytes) -> bytes:
        try:
            return held.doc.get_update(state)
        except Exception:  # noqa: BLE001 -- whatever it is, the state vector is at fault
            raise Refused("bad_update", "a state vector cannot be read") from None


def message(kind: int, data: bytes) -> bytes:
    """Returns a message of y-protocols/sync."""
    return bytes([kind]) + pycrdt.write_var_uint(len(data)) + data


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Answers requests until there are no more."""
    documents = Documents()
    while True:
        try:
            head, body = frames.read(source)
        except (frames.BrokenMessage, ValueError, OSError):
            return
        parts: list[bytes] = []
        try:
            result, parts = documents.answer(head, body)
        except Refused as refused:
            result = {"error": refused.code, "message": str(refused)}
        except Exception as error:  # noqa: BLE001 -- the parent needs an answer, whatever it is
            result = {"error": "bad_update", "message": f"the update is refused: {type(error).__name__}"}
        result["sizes"] = [len(part) for part in parts]
        for piece in frames.pack(result, b"".join(parts)):
            target.write(piece)
        target.flush()


def limit(memory: int) -> None:
    """Limits this process: address space in bytes; no files, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


if __name__ == "__main__":
    # Whatever a library prints must not get into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    # What the library loads when it is first used has to be there before no file can be opened any more.
    Held().apply(pycrdt.Doc({"": pycrdt.Map({"": ""})}).get_update())
    limit(int(sys.argv[1]))
    threading.stack_size(STACK)
    thread = threading.Thread(target=main, args=(sys.stdin.buffer, answers))
    thread.start()
    thread.join()
