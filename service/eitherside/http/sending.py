"""How the bytes of an answer go out: from memory without a copy, from files without coming into memory."""

from __future__ import annotations

import mmap
import os
import socket
import struct
import sys
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from werkzeug.wsgi import wrap_file

from ..request import Buffer
from .intake import client_socket

STEP = 1 << 20
"""Bytes sent at once where the server counts the time of each sending as one."""

# Others may lay the structure of a time out in another way.
_KNOWN = ("linux", "darwin")


def from_memory(pieces: Iterable[Buffer]) -> Iterable[bytes]:
    """Returns what a WSGI server takes for `pieces`.

    Large buffers go to gunicorn whole. Python would then limit the time of the whole sending, so that a large
    answer could not be sent to a client that reads slowly, and the system is asked to limit that of each step
    instead. Elsewhere they are copied step by step.
    """
    held = list(pieces)
    connection = client_socket()
    is_whole = connection is not None and sys.platform in _KNOWN
    if is_whole and connection is not None and any(len(piece) > STEP for piece in held):
        _limit_each_step(connection)
    return _steps(held, is_whole)


def _steps(pieces: Iterable[Buffer], is_whole: bool) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes) and (is_whole or len(piece) <= STEP):
            yield piece
        else:
            view = memoryview(piece)
            for start in range(0, len(view), STEP):
                yield bytes(view[start : start + STEP])


def _limit_each_step(connection: socket.socket) -> None:
    seconds = connection.gettimeout()
    if seconds:
        limit = struct.pack("ll", int(seconds), round(seconds % 1 * 1e6))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        connection.setblocking(True)


@dataclass(frozen=True)
class FilePart:
    """A buffer that is part of an open file.

    Attributes:
        name, media_type: of the buffer.
        file: the file, for this and its other parts.
        offset, size: where in it.
    """

    name: str
    media_type: str
    file: OpenFile
    offset: int
    size: int

    @property
    def data(self) -> memoryview:
        """Its bytes: a view of the file, not a copy."""
        return self.file.view[self.offset : self.offset + self.size]


class OpenFile:
    """A file that is read in one of two ways: mapped into memory, or sent by the system."""

    def __init__(self, descriptor: int) -> None:
        """Takes the descriptor over."""
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)

    @cached_property
    def view(self) -> memoryview:
        """All of it, mapped."""
        return memoryview(mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ))

    def section(self, offset: int, size: int) -> Section:
        """Returns a part of it as a file of its own."""
        return Section(os.dup(self._descriptor), offset, size)


class Section:
    """Part of a file, as a file: what a server's own wrapper of files needs to have the system send it."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        """Takes the descriptor over."""
        self._descriptor = descriptor
        self._left = size
        # gunicorn asks the system where it is.
        os.lseek(descriptor, offset, os.SEEK_SET)
        self.close = weakref.finalize(self, os.close, descriptor)

    def fileno(self) -> int:
        """Returns the descriptor."""
        return self._descriptor

    def read(self, count: int = -1) -> bytes:
        """Returns the next bytes of the part."""
        data = os.read(self._descriptor, self._left if count < 0 else min(count, self._left))
        self._left -= len(data)
        return data


def from_file(part: FilePart) -> Any:
    """Returns the server's own wrapper of the part: gunicorn's sends it by the system's ``sendfile``."""
    return wrap_file(request.environ, part.file.section(part.offset, part.size), STEP)  # type: ignore[arg-type]
