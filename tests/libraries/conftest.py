"""Fixtures of the tests of libraries: both databases, an application, a library in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from eitherside.store.tables import Base
from support.images import picture, saved
from support.postgresql import Cluster, programs, running

from .member import Member, application


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL of the system's; skips where there is none, but fails where CI asks for it."""
    where = programs()
    if where is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL is installed, and CI must run its tests")
        pytest.skip("no PostgreSQL is installed: no initdb on the PATH or in /usr/lib/postgresql")
    with running(where) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest) -> str | None:
    """The setting of that name, for an empty database of each kind; None: SQLite in the data folder."""
    return fresh(kind, request)


def fresh(kind: str, request: pytest.FixtureRequest) -> str | None:
    """Returns the URL of an empty database; None: SQLite in the data folder."""
    if kind == "sqlite":
        return None
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the applications of this file's tests."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def app(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application on each kind of database."""
    with application(fresh(kind, request), folder / kind) as found:
        yield found


@pytest.fixture(scope="module")
def sqlite_app(folder: Path) -> Iterator[Flask]:
    """An application on SQLite."""
    with application(None, folder / "alone") as found:
        yield found


@pytest.fixture(scope="module")
def idle_app(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application on each kind of database that does no jobs, and has room for few."""
    few = {"job_threads": 0, "job_queue": 3, "job_attempts": 2}
    with application(fresh(kind, request), folder / f"idle-{kind}", **few) as found:
        yield found


@pytest.fixture
def idle(idle_app: Flask) -> Member:
    """A library in an application whose database has nothing else, and whose jobs only a test takes."""
    with idle_app.extensions["eitherside"].store.database.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    return Member(idle_app)


@pytest.fixture
def member(app: Flask) -> Member:
    """A new library in an application on each kind of database."""
    return Member(app)


@pytest.fixture
def alone(sqlite_app: Flask) -> Member:
    """A new library in an application on SQLite alone."""
    return Member(sqlite_app)


@pytest.fixture(scope="session")
def png() -> bytes:
    """A small RGB picture."""
    return saved(picture(40, 30, 3), "PNG")
