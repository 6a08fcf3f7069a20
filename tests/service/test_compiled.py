"""The cache of compiled modules: used where it can be trusted, refused where others could have written it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
import wasmtime

from eitherside import CacheError, Module, codecache, compiled
from eitherside.compiled import cache_key, compile_module
from support import wat


@pytest.fixture
def small(tmp_path: Path) -> Module:
    return Module(wat.write(tmp_path, wat.build(wat.OK)))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache"


def entry(cache: Path, module: Module) -> Path:
    return cache / cache_key(module)


def seal(cache: Path, module: Module) -> Path:
    return entry(cache, module).with_suffix(".seal")


def compiles(monkeypatch: pytest.MonkeyPatch, module: Module, cache: Path | None) -> bool:
    """Whether getting the module compiled takes a compilation."""
    made = []
    real = wasmtime.Module

    class Counting(real):  # type: ignore[misc, valid-type]
        def __init__(self, engine: wasmtime.Engine, wasm: str | bytes) -> None:
            made.append(wasm)
            super().__init__(engine, wasm)

    monkeypatch.setattr(wasmtime, "Module", Counting)
    try:
        compile_module(module, cache)
    finally:
        monkeypatch.setattr(wasmtime, "Module", real)
    return module.one_thread_bytes() in made


def test_the_second_time_nothing_is_compiled(
    monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path
) -> None:
    assert compiles(monkeypatch, small, cache)
    assert not compiles(monkeypatch, small, cache)
    assert compiles(monkeypatch, small, None)


def test_only_the_owner_can_get_at_it(small: Module, cache: Path) -> None:
    compile_module(small, cache)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(cache, small).stat().st_mode) == 0o600
    assert {path.name for path in cache.iterdir()} == {entry(cache, small).name, seal(cache, small).name}


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_folder_that_others_can_write_is_refused(small: Module, cache: Path, mode: int) -> None:
    compile_module(small, cache)
    cache.chmod(mode)
    with pytest.raises(CacheError, match=f"can be written by others \\(mode {mode:o}\\)"):
        compile_module(small, cache)


def test_a_file_that_others_can_write_is_refused(small: Module, cache: Path) -> None:
    compile_module(small, cache)
    entry(cache, small).chmod(0o622)
    with pytest.raises(CacheError, match="can be written by others"):
        compile_module(small, cache)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to someone else")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_belongs_to_others_is_refused(small: Module, cache: Path, what: str) -> None:
    compile_module(small, cache)
    os.chown(cache if what == "folder" else entry(cache, small), 12345, -1)
    with pytest.raises(CacheError, match="belongs to user 12345, not to user 0"):
        compile_module(small, cache)


def test_links_are_refused(small: Module, cache: Path, tmp_path: Path) -> None:
    compile_module(small, cache)
    link = tmp_path / "link"
    link.symlink_to(cache)
    with pytest.raises(CacheError, match="not a folder of its own"):
        compile_module(small, link)
    moved = entry(cache, small).rename(tmp_path / "elsewhere")
    entry(cache, small).symlink_to(moved)
    with pytest.raises(CacheError, match="cannot be opened"):
        compile_module(small, cache)


def test_a_pipe_in_its_place_is_refused(small: Module, cache: Path) -> None:
    cache.mkdir(parents=True, mode=0o700)
    os.mkfifo(entry(cache, small), 0o600)
    with pytest.raises(CacheError, match="is not a file"):
        compile_module(small, cache)


def test_a_seal_saves_the_hashing(monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path) -> None:
    monkeypatch.setattr(codecache, "_SETTLED", -1)
    compile_module(small, cache)
    hashed: list[object] = []
    real = hashlib.file_digest

    def counting(file: BinaryIO, name: str) -> object:
        hashed.append(file)
        return real(file, name)  # type: ignore[arg-type]

    monkeypatch.setattr(hashlib, "file_digest", counting)
    assert not compiles(monkeypatch, small, cache)
    assert hashed == []
    # Anything about the file has changed: it is hashed, found whole, and sealed again.
    os.utime(entry(cache, small), (1, 1))
    for _ in range(2):
        assert not compiles(monkeypatch, small, cache)
        assert len(hashed) == 1


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"sealed": "long ago"}', "x" * 10000])
def test_a_damaged_seal_seals_nothing(
    monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path, told: str
) -> None:
    compile_module(small, cache)
    seal(cache, small).write_text(told)
    assert compiles(monkeypatch, small, cache)
    assert not compiles(monkeypatch, small, cache)


def test_where_files_cannot_be_told_apart_they_are_hashed(
    monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(codecache, "_SETTLED", -1)
    monkeypatch.setattr(codecache, "_BOOT", tmp_path / "none")
    monkeypatch.setattr(codecache, "_DESCRIPTORS", tmp_path / "none")
    compile_module(small, cache)
    assert not compiles(monkeypatch, small, cache)
    entry(cache, small).write_bytes(entry(cache, small).read_bytes()[:-1] + b"x")
    assert compiles(monkeypatch, small, cache)


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_file_is_compiled_anew(
    monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path, at: int
) -> None:
    compile_module(small, cache)
    contents = bytearray(entry(cache, small).read_bytes())
    contents[at] ^= 1
    entry(cache, small).write_bytes(contents)
    assert compiles(monkeypatch, small, cache)
    assert not compiles(monkeypatch, small, cache)


def test_an_empty_file_is_compiled_anew(monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path) -> None:
    compile_module(small, cache)
    entry(cache, small).write_bytes(b"")
    assert compiles(monkeypatch, small, cache)


def test_code_for_an_engine_of_other_settings_is_compiled_anew(
    monkeypatch: pytest.MonkeyPatch, small: Module, cache: Path
) -> None:
    compile_module(small, cache)
    code = bytes(wasmtime.Module(wasmtime.Engine(), small.one_thread_bytes()).serialize())
    entry(cache, small).write_bytes(code)
    told = json.loads(seal(cache, small).read_text())
    seal(cache, small).write_text(json.dumps({**told, "sha256": hashlib.sha256(code).hexdigest()}))
    assert compiles(monkeypatch, small, cache)
    assert not compiles(monkeypatch, small, cache)


def test_the_key_is_of_module_compiler_and_processor(
    monkeypatch: pytest.MonkeyPatch, small: Module, tmp_path: Path
) -> None:
    other = Module(wat.write(tmp_path, wat.build(wat.FAIL)))
    stopping = Module(wat.write(tmp_path, wat.build(wat.OK, more=wat.STOP)))
    keys = {cache_key(each) for each in (small, other, stopping)} | {cache_key(small, shared=True)}
    for name, value in (
        ("version", lambda _: "1"),
        ("processor", lambda: "another"),
        ("_CONFIGURATION", "2"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(compiled, name, value)
            keys.add(cache_key(small))
    assert len(keys) == 7


def test_old_entries_go(small: Module, cache: Path) -> None:
    cache.mkdir(parents=True, mode=0o700)
    for number in range(20):
        (cache / f"{number:064x}").write_bytes(b"old")
        os.utime(cache / f"{number:064x}", (number, number))
    compile_module(small, cache)
    left = [path.name for path in cache.iterdir() if path.suffix != ".seal"]
    assert len(left) == 8
    assert entry(cache, small).name in left


def test_a_cache_that_cannot_be_made_costs_only_time(small: Module, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = compile_module(small, tmp_path / "file" / "cache")
    assert found.module.exports


def test_the_real_module_is_loaded_not_compiled(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Path(os.environ["EITHERSIDE_CACHE_DIR"])
    compile_module(module, cache)
    assert not compiles(monkeypatch, module, cache)


def test_compiling_after_a_fork(small: Module) -> None:
    """A pool of compiling threads would be gone in the child, which would wait for it for ever."""
    code = (
        "import os, sys; from eitherside import Module; from eitherside.compiled import compile_module\n"
        "module = Module(sys.argv[1]); compile_module(module, None); child = os.fork()\n"
        "if child == 0: compile_module(module, None); os._exit(7)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(small.path)], timeout=60, check=False)
    assert done.returncode == 7
