"""The database: made and brought up to date at first use, as the tables say, on both kinds."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from eitherside import SettingsError
from eitherside.store.database import FILE, Database
from eitherside.store.errors import Unavailable
from eitherside.store.migrate import FOLDER
from eitherside.store.tables import REVISION, Base


def test_the_migrations_make_what_the_tables_say(database: str | None, tmp_path: Path) -> None:
    with Database(database, tmp_path).reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_newest_migration_is_the_one_that_is_named() -> None:
    assert ScriptDirectory(str(FOLDER)).get_heads() == [REVISION]


def test_several_that_begin_at_once_make_it_once(database: str | None, tmp_path: Path) -> None:
    def begin() -> None:
        made = Database(database, tmp_path)
        with made.reading() as session:
            found.append(session.execute(text("SELECT count(*) FROM libraries")).scalar())
        made.close()

    found: list[object] = []
    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4


def test_one_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    made = Database(None, tmp_path)
    with made.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made.close()
    with pytest.raises(Unavailable, match="later version"), made.reading():
        pass


def test_a_transaction_that_fails_leaves_nothing(database: str | None, tmp_path: Path) -> None:
    made = Database(database, tmp_path)
    change = text("UPDATE alembic_version SET version_num = 'x'")

    def fail() -> None:
        with made.writing() as session:
            session.execute(change)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with made.reading() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION
    made.close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    with Database(None, tmp_path / "new" / "data").reading():
        pass
    assert stat.S_IMODE((tmp_path / "new" / "data" / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700


def test_it_works_in_a_process_that_was_forked_later(database: str | None, tmp_path: Path) -> None:
    made = Database(database, tmp_path)
    with made.reading():
        pass
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with made.writing() as session:
                session.execute(text("UPDATE libraries SET changes = changes"))
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    with made.reading() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    made.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://root:secret@localhost/x", "sqlite://"])
def test_a_url_of_another_kind_is_refused_without_telling_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"database \(EITHERSIDE_DATABASE\)") as told:
        Database(url, tmp_path)
    assert "secret" not in str(told.value)


def test_one_that_is_not_there_is_told() -> None:
    made = Database("postgresql://nobody:secret@127.0.0.1:1/x", Path("/nowhere"))
    with pytest.raises(Unavailable, match="cannot be opened") as told, made.reading():
        pass
    assert "secret" not in str(told.value)
