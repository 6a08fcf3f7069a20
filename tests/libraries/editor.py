"""A client of a Yjs document, as a browser is one: its own copy, and messages of y-protocols/sync."""

from __future__ import annotations

from typing import Any

import pycrdt

STEP1, STEP2, UPDATE = 0, 1, 2


def message(kind: int, data: bytes) -> bytes:
    """Returns a message."""
    return bytes([kind]) + pycrdt.write_message(data)


def messages(body: bytes) -> list[tuple[int, bytes]]:
    """Returns the messages of a body."""
    decoder, found = pycrdt.Decoder(body), []
    while decoder.i0 < len(body):
        kind = decoder.read_var_uint()
        found.append((kind, decoder.read_message() or b""))
    return found


class Editor:
    """A copy of a document with a map, a list and a text."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self.map = self.doc.get("map", type=pycrdt.Map)
        self.array = self.doc.get("array", type=pycrdt.Array)
        self.text = self.doc.get("text", type=pycrdt.Text)
        # What the service said last that it has.
        self.there = b"\x00"

    def body(self) -> bytes:
        """Returns what it sends: its state, and what the service lacks as far as it knows."""
        return message(STEP1, self.doc.get_state()) + message(STEP2, self.doc.get_update(self.there))

    def take(self, answer: bytes) -> None:
        """Takes an answer in."""
        for kind, data in messages(answer):
            if kind == STEP1:
                self.there = data
            else:
                self.doc.apply_update(data)

    def seen(self) -> tuple[object, object, str]:
        """What a user sees."""
        return dict(self.map), list(self.array), str(self.text)
