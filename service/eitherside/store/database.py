"""The database: SQLite in a file of the data folder, or PostgreSQL where a setting names one."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from ..errors import SettingsError
from .errors import Unavailable
from .migrate import upgrade
from .tables import REVISION

FILE = "eitherside.sqlite3"
"""Name of SQLite's file in the data folder."""

_WRITES = "eitherside_writes"
_PATIENCE = 10.0
"""Seconds that a transaction waits for others."""

_CONNECTIONS = 8


class Database:
    """Transactions on the database; it is made, or brought up to date, when it is first used in a process.

    Safe to use from many threads, and from processes that were forked later.

    Attributes:
        committed: is called after each transaction that may have changed something.
    """

    def __init__(self, url: str | None, folder: Path) -> None:
        """Opens nothing yet.

        Args:
            url: as SQLAlchemy has it; None: SQLite's file in `folder`.
            folder: the data folder, made where it is needed.

        Raises:
            SettingsError: the URL is none, or of another kind of database.
        """
        self._file = None if url is not None else folder / FILE
        self._url = _parsed(url) if url is not None else URL.create("sqlite", database=str(folder / FILE))
        self._reset()
        self.committed: Callable[[], None] = lambda: None
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def is_there(self) -> bool:
        """Whether something may be stored already: a server, or a file that exists."""
        return self._file is None or self._file.exists()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yields a session for a transaction that changes nothing.

        Raises:
            Unavailable: the database cannot be used.
        """
        with self._session(self._open()) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yields a session for a transaction, which is kept at the end of the block unless that raises.

        With SQLite no two of them run at the same time.

        Raises:
            Unavailable: the database cannot be used; nothing was changed.
        """
        with self._session(self._open().execution_options(**{_WRITES: True})) as session:
            yield session
        self.committed()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            raise Unavailable(f"the database failed: {type(error.orig).__name__}") from error

    def _open(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._made()
            return self._engine

    def _made(self) -> Engine:
        if self._file is not None:
            _make_private(self._file)
        is_sqlite = self._url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"connect_args": {"timeout": _PATIENCE}} if is_sqlite else {}
        engine = create_engine(
            self._url, pool_size=_CONNECTIONS, max_overflow=-1, pool_pre_ping=not is_sqlite, **options
        )
        if is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        try:
            with engine.execution_options(**{_WRITES: True}).begin() as connection:
                _bring_up_to_date(connection)
        except SQLAlchemyError as error:
            engine.dispose()
            cause = getattr(error, "orig", None) or error
            raise Unavailable(f"the database cannot be opened: {type(cause).__name__}") from error
        except BaseException:
            engine.dispose()
            raise
        return engine


def lock(session: Session, name: str) -> None:
    """Has transactions that lock the same name wait for each other; SQLite's writing ones do so anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _parsed(url: str) -> URL:
    try:
        found = make_url(url)
        if found.drivername in ("postgres", "postgresql"):
            found = found.set(drivername="postgresql+psycopg")
        name = found.get_dialect().name
    except (ArgumentError, NoSuchModuleError):
        # Without the URL, which may hold a password.
        raise SettingsError(
            "bad setting: database (EITHERSIDE_DATABASE): it is no URL of a database"
        ) from None
    if name not in ("sqlite", "postgresql") or (name == "sqlite" and not found.database):
        raise SettingsError(
            "bad setting: database (EITHERSIDE_DATABASE): use postgresql://, or sqlite:/// and a file"
        )
    return found


def _make_private(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable(f"the data folder cannot be written: {error.strerror}") from error


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # The driver would begin transactions by rules of its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: what was acknowledged survives a loss of power, not only the end of the process.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # One that began by reading could not write any more, once another one had.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Several processes start at once.
        connection.execute(text("SELECT pg_advisory_xact_lock(4981374212)"))
    if inspect(connection).has_table("alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found == REVISION:
            return
    upgrade(connection)
