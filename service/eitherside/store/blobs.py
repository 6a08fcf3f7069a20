"""Bytes by their SHA-256, through fsspec: in a folder, or in whatever it has a file system for."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, cast

import fsspec

from ..errors import SettingsError
from ..request import Buffer
from .errors import Unavailable

STEP = 1 << 20
"""Bytes read at once."""

_NEW = "new"
_PIECES = "pieces"
_WHOLE = "sha256"


class Blobs:
    """Files that never change once they have their names: whole ones by digest, pieces by names of their own.

    Each is written under another name first, so that none is seen half written.
    """

    def __init__(self, where: str) -> None:
        """Touches nothing yet.

        Args:
            where: a folder, or a URL of fsspec's.

        Raises:
            SettingsError: fsspec has no such file system, or lacks the package for it.
        """
        try:
            self._files, root = fsspec.core.url_to_fs(where)
        except (ValueError, ImportError) as error:
            raise SettingsError(f"bad setting: blobs (EITHERSIDE_BLOBS): {error}") from None
        self._root = str(root).rstrip("/")

    def open(self, digest: str) -> BinaryIO:
        """Opens the blob of that digest for reading; it can be sought in.

        Raises:
            FileNotFoundError: there is none.
            Unavailable: it cannot be read.
        """
        with _explained("read"):
            return cast(BinaryIO, self._files.open(self._whole(digest), "rb"))

    def read(self, digest: str) -> bytes:
        """Returns the blob of that digest.

        Raises:
            FileNotFoundError: there is none.
            Unavailable: it cannot be read.
        """
        with _explained("read"):
            return cast(bytes, self._files.cat_file(self._whole(digest)))

    def put(self, data: Iterable[Buffer]) -> tuple[str, int]:
        """Keeps a blob; returns its digest and size.

        Raises:
            Unavailable: it cannot be written; nothing is left behind.
        """
        with self.writing() as written:
            for part in data:
                written.write(part)
            written.keep()
        return written.digest, written.size

    @contextmanager
    def writing(self) -> Iterator[Written]:
        """Yields what a blob is written to; it is gone at the end of the block unless it was kept.

        Raises:
            Unavailable: it cannot be written.
        """
        path = f"{self._root}/{_NEW}/{secrets.token_urlsafe(16)}"
        with _explained("written"):
            self._files.makedirs(f"{self._root}/{_NEW}", exist_ok=True)
            stream = self._files.open(path, "wb")
        written = Written(self, path, stream)
        try:
            yield written
        finally:
            written.drop()

    def put_piece(self, upload: str, name: str, data: Buffer) -> None:
        """Keeps a piece of an upload.

        Raises:
            Unavailable: it cannot be written; nothing is left behind.
        """
        with self.writing() as written:
            written.write(data)
            written.keep(f"{self._root}/{_PIECES}/{upload}/{name}")

    def pieces(self, upload: str, names: Iterable[str]) -> Iterator[bytes]:
        """Yields the bytes of pieces, one after the other.

        Raises:
            Unavailable: one cannot be read.
        """
        for name in names:
            path = f"{self._root}/{_PIECES}/{upload}/{name}"
            try:
                with _explained("read"), self._files.open(path, "rb") as file:
                    while part := file.read(STEP):
                        yield part
            except FileNotFoundError as error:
                raise Unavailable("a piece of the upload is gone") from error

    def remove_piece(self, upload: str, name: str) -> None:
        """Removes a piece, if it is there."""
        self._remove(f"{self._root}/{_PIECES}/{upload}/{name}")

    def remove_pieces(self, upload: str) -> None:
        """Removes all pieces of an upload, if there are any."""
        with suppress(OSError):
            self._files.rm(f"{self._root}/{_PIECES}/{upload}", recursive=True)

    def remove(self, digest: str) -> None:
        """Removes a blob, if it is there."""
        self._remove(self._whole(digest))

    def _remove(self, path: str) -> None:
        with suppress(OSError):
            self._files.rm_file(path)

    def _whole(self, digest: str) -> str:
        return f"{self._root}/{_WHOLE}/{digest[:2]}/{digest}"

    def _finish(self, path: str, stream: Any, target: str) -> None:
        with _explained("written"):
            stream.flush()
            # Where it is a file of this machine.
            with suppress(OSError, AttributeError, NotImplementedError):
                os.fsync(stream.fileno())
            stream.close()
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._files.mv(path, target)
            _settle(target.rpartition("/")[0])


class Written:
    """A blob that is being written.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, blobs: Blobs, path: str, stream: Any) -> None:
        """Use `Blobs.writing`."""
        self._blobs = blobs
        self._path = path
        self._stream = stream
        self._hash = hashlib.sha256()
        self._kept = False
        self.size = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, data: Buffer) -> None:
        """Adds bytes.

        Raises:
            Unavailable: they cannot be written.
        """
        with _explained("written"):
            self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    def keep(self, target: str | None = None) -> None:
        """Gives the file its name: `target`, or that of its digest, where the same bytes may be already."""
        self._blobs._finish(self._path, self._stream, target or self._blobs._whole(self.digest))
        self._kept = True

    def drop(self) -> None:
        """Removes what was not kept."""
        if not self._kept:
            with suppress(Exception):
                self._stream.close()
            self._blobs._remove(self._path)


@contextmanager
def _explained(done: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable(f"a blob cannot be {done}: {error.strerror or type(error).__name__}") from error


def _settle(folder: str) -> None:
    """Has the system write a folder's names to the disk, where it is one of this machine."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
