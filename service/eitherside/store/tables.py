"""The tables of the database. `migrations` makes them; a test holds the two against each other.

Times are seconds since 1970 by the service's clock, sizes are bytes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

REVISION = "0003"
"""The newest migration."""

ID = 22
"""Characters of an id: 128 bits at random, in base64."""

DIGEST = 64
"""Characters of a SHA-256 in hexadecimal."""


class Base(DeclarativeBase):
    """What all tables share: the names of their constraints, which migrations refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Library(Base):
    """What belongs to whoever has its key.

    Attributes:
        id: in addresses.
        key_digest: SHA-256 of the key, which is kept nowhere.
        created: when.
        address: who made it, for an hour, by which such are counted.
        bytes_used: by blobs, unfinished uploads and documents together.
        blob_count: blobs and unfinished uploads.
        changes: goes up with each change; what changed has its value.
    """

    __tablename__ = "libraries"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(DIGEST), unique=True)
    created: Mapped[float] = mapped_column(Double, index=True)
    address: Mapped[str | None] = mapped_column(String(64))
    bytes_used: Mapped[int] = mapped_column(BigInteger, default=0)
    blob_count: Mapped[int] = mapped_column(BigInteger, default=0)
    changes: Mapped[int] = mapped_column(BigInteger, default=0)


class Blob(Base):
    """Bytes that a library has, by their SHA-256; the bytes themselves may be those of several libraries."""

    __tablename__ = "blobs"

    library_id: Mapped[str] = mapped_column(
        String(ID), ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(DIGEST), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(255))
    created: Mapped[float] = mapped_column(Double)

    __table_args__ = (Index(None, "digest"),)


class Upload(Base):
    """Bytes on their way into a library.

    Attributes:
        length: of all, once the client has said it.
        expected: SHA-256 that the client announced.
        offset: bytes that are here.
        digest: SHA-256 of what came, once it is complete and a blob.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    library_id: Mapped[str] = mapped_column(
        String(ID), ForeignKey("libraries.id", ondelete="CASCADE"), index=True
    )
    created: Mapped[float] = mapped_column(Double, index=True)
    media_type: Mapped[str] = mapped_column(String(255))
    length: Mapped[int | None] = mapped_column(BigInteger)
    expected: Mapped[str | None] = mapped_column(String(DIGEST))
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str | None] = mapped_column(String(DIGEST))


class Piece(Base):
    """A piece of an upload, a file of its own until the upload is complete."""

    __tablename__ = "pieces"

    upload_id: Mapped[str] = mapped_column(
        String(ID), ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(ID))


class Job(Base):
    """A call that the service makes when it can.

    Attributes:
        function, options, inputs: of the call; the last two as JSON.
        state: see `jobs.STATES`.
        due: not before this time.
        lease: until when whoever took it has it.
        owner: who took it.
        attempts: how often it was taken.
        is_cancelled: whether it is to stop.
        outcome: what it gave, or its problem, as JSON.
        changed: the change of the library with which it became as it is.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    library_id: Mapped[str] = mapped_column(String(ID), ForeignKey("libraries.id", ondelete="CASCADE"))
    function: Mapped[str] = mapped_column(String(255))
    options: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    created: Mapped[float] = mapped_column(Double)
    due: Mapped[float] = mapped_column(Double)
    begun: Mapped[float | None] = mapped_column(Double)
    ended: Mapped[float | None] = mapped_column(Double, index=True)
    lease: Mapped[float | None] = mapped_column(Double)
    owner: Mapped[str | None] = mapped_column(String(255))
    attempts: Mapped[int]
    is_cancelled: Mapped[bool]
    outcome: Mapped[str | None] = mapped_column(Text)
    changed: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "state", "created"), Index(None, "library_id", "changed"))


class Answered(Base):
    """What came of a request with an idempotency key.

    Attributes:
        token: of the request that has the key.
        until: how long it has it, while there is no job.
        fingerprint: SHA-256 of the body of the request.
        job_id: the job that it made, with which this row is removed.
    """

    __tablename__ = "answered"

    library_id: Mapped[str] = mapped_column(
        String(ID), ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    token: Mapped[str] = mapped_column(String(ID))
    until: Mapped[float] = mapped_column(Double)
    fingerprint: Mapped[str | None] = mapped_column(String(DIGEST))
    job_id: Mapped[str | None] = mapped_column(
        String(ID), ForeignKey("jobs.id", ondelete="CASCADE"), index=True
    )


class Document(Base):
    """A Yjs document of a library: a snapshot, and the updates since.

    Attributes:
        name: which the library's owner gave it.
        number: of the last update.
        snapshot: the first `joined` updates as one; absent where there is none yet.
        snapshot_size, size: bytes of the snapshot, and of all.
        changed: the change of the library with which it became as it is.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    library_id: Mapped[str] = mapped_column(String(ID), ForeignKey("libraries.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(BigInteger)
    joined: Mapped[int] = mapped_column(BigInteger)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    snapshot_size: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    changed: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (UniqueConstraint("library_id", "name"), Index(None, "library_id", "changed"))


class DocumentUpdate(Base):
    """An update of a document that is in no snapshot yet."""

    __tablename__ = "document_updates"

    document_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("documents.id", ondelete="CASCADE"),
        primary_key=True,
    )
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
