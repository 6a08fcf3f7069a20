"""Files that are never seen half written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eitherside.files import write_atomically


def broken() -> Iterator[bytes]:
    yield b"half"
    raise OSError("no more")


@pytest.mark.parametrize("replace", [True, False])
def test_whole_or_not_at_all(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "a"
    with pytest.raises(OSError, match="no more"):
        write_atomically(path, broken(), replace=replace)
    assert list(tmp_path.iterdir()) == []
    write_atomically(path, [b"one", b"two"], replace=replace)
    assert path.read_bytes() == b"onetwo"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_what_is_there_stays_where_it_is_not_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_atomically(path, [b"other"], replace=False)
    assert path.read_bytes() == b"mine"
    write_atomically(path, [b"other"])
    assert path.read_bytes() == b"other"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_file_systems_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "a"
    write_atomically(path, [b"one"], replace=False)
    with pytest.raises(FileExistsError):
        write_atomically(path, [b"two"], replace=False)
    assert path.read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
