"""Blobs: whole or not there, in a folder or in another of fsspec's file systems."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from eitherside import SettingsError
from eitherside.store.blobs import Blobs
from eitherside.store.errors import Unavailable


def files(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_bytes_come_back_by_their_digest(kind: str, tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path) if kind == "folder" else "memory://test-blobs")
    digest, size = blobs.put([b"abc", bytearray(b"def"), memoryview(b"")])
    assert (digest, size) == (hashlib.sha256(b"abcdef").hexdigest(), 6)
    assert blobs.read(digest) == b"abcdef"
    with blobs.open(digest) as file:
        file.seek(2)
        assert file.read(3) == b"cde"
    assert blobs.put([b"abcdef"]) == (digest, 6)
    blobs.remove(digest)
    blobs.remove(digest)
    with pytest.raises(FileNotFoundError):
        blobs.read(digest)


def test_what_is_not_kept_is_gone(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))

    def broken() -> object:
        yield b"some"
        raise OSError("the rest did not come")

    with pytest.raises(OSError, match="the rest"):
        blobs.put(broken())  # type: ignore[arg-type]
    assert files(tmp_path) == []


def test_nothing_half_written_has_a_name(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    with blobs.writing() as written:
        written.write(b"abc")
        with pytest.raises(FileNotFoundError):
            blobs.read(hashlib.sha256(b"abc").hexdigest())
        written.keep()
        assert blobs.read(written.digest) == b"abc"


def test_pieces_are_joined(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path))
    blobs.put_piece("upload", "one", b"12")
    blobs.put_piece("upload", "two", b"3")
    assert b"".join(blobs.pieces("upload", ["one", "two"])) == b"123"
    blobs.remove_piece("upload", "two")
    with pytest.raises(Unavailable):
        b"".join(blobs.pieces("upload", ["one", "two"]))
    blobs.remove_pieces("upload")
    assert files(tmp_path) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be written"):
        Blobs(str(tmp_path / "file")).put([b"abc"])


def test_an_unknown_file_system_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="EITHERSIDE_BLOBS"):
        Blobs("nonsense://somewhere")
