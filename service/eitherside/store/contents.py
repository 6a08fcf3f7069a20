"""The blobs that a library has."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..request import Buffer
from ..settings import Settings
from .blobs import Blobs
from .database import Database, lock
from .errors import Unavailable, not_found
from .libraries import charge, remove_unused
from .tables import Blob


@dataclass(frozen=True)
class Held:
    """A blob of a library: SHA-256 in hexadecimal, bytes, media type."""

    digest: str
    size: int
    media_type: str


class Contents:
    """Blobs by digest, each seen only by the libraries that have it."""

    def __init__(self, database: Database, blobs: Blobs, settings: Settings) -> None:
        self._database = database
        self._blobs = blobs
        self._settings = settings

    def get(self, library: str, digest: str) -> Held:
        """Returns what is known of a blob.

        Raises:
            Refused: not_found, if the library has none of this digest, whoever else does.
        """
        with self._database.reading() as session:
            found = session.get(Blob, (library, digest))
            if found is None:
                raise not_found("blob")
            return Held(found.digest, found.size, found.media_type)

    def open(self, held: Held) -> BinaryIO:
        """Opens a blob for reading.

        Raises:
            Unavailable: it cannot be.
        """
        try:
            return self._blobs.open(held.digest)
        except FileNotFoundError as error:
            raise Unavailable("a blob is lost") from error

    def read(self, library: str, digest: str) -> bytes:
        """Returns the bytes of a blob.

        Raises:
            Refused: not_found.
            Unavailable: they cannot be read.
        """
        with self.open(self.get(library, digest)) as file:
            return file.read()

    def put(self, library: str, data: Iterable[Buffer], media_type: str) -> Held:
        """Keeps bytes in a library; those that it has already take no more room.

        Raises:
            Refused: library_full.
            Unavailable: they cannot be written.
        """
        with self._blobs.writing() as written:
            for part in data:
                written.write(part)
            held = Held(written.digest, written.size, media_type)
            with self._database.writing() as session:
                # Held until the end of the transaction, so that nobody removes the file in between.
                lock(session, held.digest)
                written.keep()
                if add(session, library, held):
                    charge(session, library, self._settings, held.size, 1)
        return held

    def remove(self, library: str, digest: str) -> None:
        """Removes a blob from a library, and its bytes where no other has it.

        Raises:
            Refused: not_found.
        """
        with self._database.writing() as session:
            gone = session.execute(
                delete(Blob).where(Blob.library_id == library, Blob.digest == digest).returning(Blob.size)
            ).scalar()
            if gone is None:
                raise not_found("blob")
            charge(session, library, self._settings, -gone, -1)
        remove_unused(self._database, self._blobs, digest)


def add(session: Session, library: str, held: Held) -> bool:
    """Notes that a library has a blob, whose digest the transaction has locked; returns whether it is new."""
    if session.get(Blob, (library, held.digest)) is not None:
        return False
    session.add(
        Blob(
            library_id=library,
            digest=held.digest,
            size=held.size,
            media_type=held.media_type,
            created=time.time(),
        )
    )
    return True
