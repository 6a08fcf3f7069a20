"""Libraries: who may make one, who has one, what it may hold."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ..settings import Settings
from .blobs import Blobs
from .database import Database, lock
from .errors import Refused, not_found
from .tables import Blob, Library, Upload

HOUR = 3600.0

_LIBRARIES = "libraries"


@dataclass(frozen=True)
class Facts:
    """What a library holds.

    Attributes:
        id: in addresses.
        created: when, in seconds since 1970.
        bytes: of blobs, unfinished uploads and documents.
        blobs: how many there are, unfinished uploads included.
        changes: how many there were.
    """

    id: str
    created: float
    bytes: int
    blobs: int
    changes: int


def new_id() -> str:
    """Returns an id that nobody can guess."""
    return secrets.token_urlsafe(16)


def key_digest(key: str) -> str:
    """Returns what is kept of a key: its SHA-256, enough for one of 256 bits at random."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


class Libraries:
    """The libraries of a service."""

    def __init__(self, database: Database, blobs: Blobs, settings: Settings) -> None:
        self._database = database
        self._blobs = blobs
        self._settings = settings

    def create(self, address: str, chosen: str | None = None) -> tuple[str, str]:
        """Makes a library; returns its id and its key, which is kept nowhere.

        Args:
            address: whose the request is, for the limit per address.
            chosen: the key, by whoever asks; where there is a library of that key, it is the one.

        Raises:
            Refused: too_many, in the last hour, from this address or in all.
        """
        now = time.time()
        key = secrets.token_urlsafe(32) if chosen is None else chosen
        found = Library(
            id=new_id(),
            key_digest=key_digest(key),
            created=now,
            address=address[:64],
            bytes_used=0,
            blob_count=0,
            changes=0,
        )
        with self._database.writing() as session:
            lock(session, _LIBRARIES)
            known = session.scalar(select(Library.id).where(Library.key_digest == found.key_digest))
            if known is not None:
                return known, key
            # Nobody needs to know later who made it.
            session.execute(
                update(Library)
                .where(Library.created <= now - HOUR, Library.address.is_not(None))
                .values(address=None)
            )
            self._check_pace(session, address[:64], now)
            session.add(found)
        return found.id, key

    def _check_pace(self, session: Session, address: str, now: float) -> None:
        recent = select(Library.created).where(Library.created > now - HOUR).order_by(Library.created.desc())
        for most, whose in (
            (self._settings.libraries_per_address, "from this address"),
            (self._settings.libraries_per_hour, "here"),
        ):
            query = recent.where(Library.address == address) if whose != "here" else recent
            # The one that has to be an hour old before the next may be made.
            oldest = session.scalar(query.offset(most - 1).limit(1)) if most else now
            if oldest is not None:
                wait = max(1, round(oldest + HOUR - now))
                text = f"at most {most} libraries may be made {whose} in an hour"
                raise Refused(
                    "too_many", text, headers={"Retry-After": str(wait)}, limit=most, retry_after=wait
                )

    def authorised(self, key: str, library: str | None = None) -> str:
        """Returns the id of the library of `key`.

        Args:
            key: as it was given to whoever made it.
            library: the id that it must have, where that is known.

        Raises:
            Refused: not_found, if there is none, or it is another one: who lacks the key learns nothing.
        """
        with self._database.reading() as session:
            found = session.scalar(select(Library.id).where(Library.key_digest == key_digest(key)))
        if found is None or not (library is None or hmac.compare_digest(found.encode(), library.encode())):
            raise not_found("library")
        return found

    def facts(self, library: str) -> Facts:
        """Returns what a library holds.

        Raises:
            Refused: not_found.
        """
        with self._database.reading() as session:
            found = session.get(Library, library)
            if found is None:
                raise not_found("library")
            return Facts(found.id, found.created, found.bytes_used, found.blob_count, found.changes)

    def remove(self, library: str) -> None:
        """Removes a library and all that it holds."""
        with self._database.reading() as session:
            digests = session.scalars(select(Blob.digest).where(Blob.library_id == library)).all()
            uploads = session.scalars(select(Upload.id).where(Upload.library_id == library)).all()
        with self._database.writing() as session:
            session.execute(delete(Library).where(Library.id == library))
        for upload in uploads:
            self._blobs.remove_pieces(upload)
        for digest in digests:
            remove_unused(self._database, self._blobs, digest)


def charge(
    session: Session, library: str, settings: Settings, size: int, blobs: int = 0, *, force: bool = False
) -> None:
    """Counts bytes and blobs that come to a library, or leave it where they are negative.

    Args:
        session: of the transaction in which they do.
        library: which.
        settings: with the limits.
        size, blobs: how many.
        force: whether they are counted whatever the limits are.

    Raises:
        Refused: library_full; not_found, where it was removed meanwhile.
    """
    bytes_limit, blobs_limit = int(settings.library_bytes), settings.library_blobs
    grown = update(Library).where(Library.id == library)
    if size > 0 and not force:
        grown = grown.where(Library.bytes_used + size <= bytes_limit)
    if blobs > 0 and not force:
        grown = grown.where(Library.blob_count + blobs <= blobs_limit)
    values = {"bytes_used": Library.bytes_used + size, "blob_count": Library.blob_count + blobs}
    done = session.execute(grown.values(values).returning(Library.id)).scalar()
    if done is not None:
        return
    found = session.get(Library, library)
    if found is None:
        raise not_found("library")
    if size > 0 and found.bytes_used + size > bytes_limit:
        text = f"the library would hold more than {bytes_limit} bytes: it holds {found.bytes_used}"
        raise Refused("library_full", text, limit=bytes_limit)
    raise Refused("library_full", f"the library holds {blobs_limit} blobs, its most", limit=blobs_limit)


def changed(session: Session, library: str) -> int:
    """Counts one more change of a library, and returns how many there are: the number of this one."""
    number = session.execute(
        update(Library)
        .where(Library.id == library)
        .values(changes=Library.changes + 1)
        .returning(Library.changes)
    ).scalar()
    if number is None:
        raise not_found("library")
    return number


def remove_unused(database: Database, blobs: Blobs, digest: str) -> None:
    """Removes the bytes of a blob that no library has any more."""
    with database.writing() as session:
        # Nobody may come to have it between the look and the removal.
        lock(session, digest)
        if not session.scalar(select(func.count()).select_from(Blob).where(Blob.digest == digest)):
            blobs.remove(digest)
