"""Uploads: bytes that come in pieces and survive whatever ends in between."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from ..request import Buffer
from ..settings import Settings
from .blobs import Blobs, Written
from .contents import Held, add
from .database import Database, lock
from .errors import Refused, not_found
from .libraries import charge, new_id
from .tables import Library, Piece, Upload

DAY = 86400.0


@dataclass(frozen=True)
class State:
    """How far an upload has come.

    Attributes:
        id: in addresses.
        offset: bytes that are here.
        length: of all, where the client has said it.
        left: seconds until it is given up.
        digest: of the blob that it has become, once it is complete.
    """

    id: str
    offset: int
    length: int | None
    left: int
    digest: str | None


class Uploads:
    """The uploads of all libraries.

    A piece is on the disk before the database counts it, and is counted in one step that succeeds only where
    nobody else has added one at the same place. So a service that dies in between has just a piece too many,
    which is removed with the others.
    """

    def __init__(self, database: Database, blobs: Blobs, settings: Settings) -> None:
        self._database = database
        self._blobs = blobs
        self._settings = settings
        self._time = settings.upload_days * DAY

    def begin(self, library: str, media_type: str, length: int | None, expected: str | None) -> State:
        """Begins an upload.

        Args:
            library: into which.
            media_type: of the blob.
            length: of all bytes, where it is known.
            expected: SHA-256 that they have to have, where it is known.

        Raises:
            Refused: library_full, also where too many uploads are not complete; body_too_large.
        """
        self._check_length(length)
        upload = Upload(
            id=new_id(),
            library_id=library,
            created=time.time(),
            media_type=media_type,
            length=length,
            expected=expected,
            offset=0,
        )
        with self._database.writing() as session:
            charge(session, library, self._settings, 0, 1)
            most = self._settings.library_uploads
            open_ones = select(func.count()).where(Upload.library_id == library, Upload.digest.is_(None))
            if (session.scalar(open_ones) or 0) >= most:
                raise Refused(
                    "library_full", f"{most} uploads are not complete, the most there may be", limit=most
                )
            used = session.scalar(select(Library.bytes_used).where(Library.id == library)) or 0
            limit = int(self._settings.library_bytes)
            # Said before the bytes are sent; what counts is counted when they are here.
            if length is not None and used + length > limit:
                text = f"the library would hold more than {limit} bytes: it holds {used}"
                raise Refused("library_full", text, limit=limit)
            session.add(upload)
        return self._state(upload)

    def get(self, library: str, upload: str) -> State:
        """Returns how far an upload has come.

        Raises:
            Refused: not_found.
        """
        with self._database.reading() as session:
            found = session.get(Upload, upload)
            if found is None or found.library_id != library:
                raise not_found("upload")
            return self._state(found)

    def append(
        self, library: str, upload: str, offset: int, data: Buffer, length: int | None, complete: bool
    ) -> State:
        """Adds a piece.

        Args:
            library, upload: whose it is.
            offset: where the client thinks that it goes.
            data: the bytes; may be empty.
            length: of all bytes, where the client says it.
            complete: whether these were the last.

        Raises:
            Refused: not_found; upload_offset, where the offset is another one; upload_length, where the bytes
                do not fit what was announced; upload_complete; library_full; body_too_large;
                digest_mismatch, and then the upload is gone.
            Unavailable: the bytes cannot be kept.
        """
        now = self._checked(library, upload, offset, len(data), length, complete)
        if len(data):
            name = new_id()
            self._blobs.put_piece(upload, name, data)
            try:
                self._count(library, upload, offset, len(data), name)
            except BaseException:
                self._blobs.remove_piece(upload, name)
                raise
        if complete:
            return self._completed(library, upload)
        if length is not None and now.length is None:
            with self._database.writing() as session:
                session.execute(update(Upload).where(Upload.id == upload).values(length=length))
        return self.get(library, upload)

    def cancel(self, library: str, upload: str) -> None:
        """Gives an upload up, and what it took; a complete one is only forgotten.

        Raises:
            Refused: not_found.
        """
        with self._database.writing() as session:
            found = session.execute(
                delete(Upload)
                .where(Upload.id == upload, Upload.library_id == library)
                .returning(Upload.offset, Upload.digest)
            ).first()
            if found is None:
                raise not_found("upload")
            if found.digest is None:
                charge(session, library, self._settings, -found.offset, -1)
        self._blobs.remove_pieces(upload)

    def sweep(self) -> None:
        """Gives uploads up whose time is over."""
        oldest = time.time() - self._time
        with self._database.reading() as session:
            found = session.execute(select(Upload.library_id, Upload.id).where(Upload.created < oldest)).all()
        for library, upload in found:
            try:
                self.cancel(library, upload)
            except Refused:
                continue

    def _checked(
        self, library: str, upload: str, offset: int, size: int, length: int | None, complete: bool
    ) -> State:
        now = self.get(library, upload)
        if now.digest is not None:
            if size:
                raise Refused("upload_length", "the upload is complete: nothing can be added to it")
            raise Refused("upload_complete", "the upload is complete already")
        if now.offset != offset:
            raise _other_offset(now.offset, offset)
        end = offset + size
        announced = [n for n in (now.length, length, end if complete else None) if n is not None]
        if len(set(announced)) > 1:
            raise Refused("upload_length", f"the upload would have several lengths: {announced}")
        if announced and end > announced[0]:
            raise Refused(
                "upload_length", f"the upload is {announced[0]} bytes long, this would make it {end}"
            )
        self._check_length(announced[0] if announced else end)
        return now

    def _check_length(self, length: int | None) -> None:
        most = int(self._settings.max_body)
        if length is not None and length > most:
            raise Refused("body_too_large", f"a blob may have {most} bytes at most", limit=most)

    def _count(self, library: str, upload: str, offset: int, size: int, name: str) -> None:
        with self._database.writing() as session:
            done = session.execute(
                update(Upload)
                .where(Upload.id == upload, Upload.offset == offset, Upload.digest.is_(None))
                .values(offset=offset + size)
                .returning(Upload.id)
            ).scalar()
            if done is None:
                current = session.scalar(select(Upload.offset).where(Upload.id == upload))
                raise not_found("upload") if current is None else _other_offset(current, offset)
            charge(session, library, self._settings, size)
            session.add(Piece(upload_id=upload, offset=offset, size=size, name=name))

    def _completed(self, library: str, upload: str) -> State:
        """Makes a blob of the pieces. Whoever asks again after it failed half way gets there, too."""
        with self._database.reading() as session:
            names = session.scalars(
                select(Piece.name).where(Piece.upload_id == upload).order_by(Piece.offset)
            ).all()
        with self._blobs.writing() as written:
            for part in self._blobs.pieces(upload, names):
                written.write(part)
            self._finish(library, upload, written)
        self._blobs.remove_pieces(upload)
        return self.get(library, upload)

    def _finish(self, library: str, upload: str, written: Written) -> None:
        with self._database.writing() as session:
            lock(session, written.digest)
            found = session.get(Upload, upload, with_for_update=True)
            if found is None:
                raise not_found("upload")
            if found.digest is not None:
                return
            if found.offset != written.size:
                raise _other_offset(found.offset, written.size)
            if found.expected in (None, written.digest):
                written.keep()
                held = Held(written.digest, written.size, found.media_type)
                if not add(session, library, held):
                    # The library has it already, so it is not counted twice.
                    charge(session, library, self._settings, -written.size, -1)
                found.digest, found.length = written.digest, written.size
                session.execute(delete(Piece).where(Piece.upload_id == upload))
                return
        self.cancel(library, upload)
        text = f"the bytes have the SHA-256 {written.digest}, not the one announced; the upload is gone"
        raise Refused("digest_mismatch", text)

    def _state(self, upload: Upload) -> State:
        left = round(upload.created + self._time - time.time())
        return State(upload.id, upload.offset, upload.length, max(0, left), upload.digest)


def _other_offset(current: int, given: int) -> Refused:
    # The names of the members are the draft's.
    return Refused(
        "upload_offset",
        f"the upload goes on at {current}, not at {given}",
        headers={"Upload-Offset": str(current)},
        **{"expected-offset": current, "provided-offset": given},
    )
