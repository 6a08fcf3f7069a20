"""Keeps compiled modules on disk, in a folder, and maps them into memory from there.

Loading compiled code runs it, so only the folder's owner may be able to write it; that is checked each time.
The engine itself checks no more than a header: that the rest is undamaged is told by a hash. As hashing takes
longer than all else about loading, a *seal* beside each file tells which file it was that was hashed: for as
long as the machine runs on and nothing about the file has changed, it is that one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import wasmtime

from .errors import CacheError

log = logging.getLogger(__name__)

_KEPT = 8
_SEAL = ".seal"
_LONGEST_SEAL = 4096
# A file that was changed so short before it was sealed could change again and look the same.
_SETTLED = 1_000_000_000
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DESCRIPTORS = Path("/proc/self/fd")


class CodeCache:
    """A folder of compiled modules, open for the length of a with block."""

    def __init__(self, path: Path | None) -> None:
        """Opens the folder `path`, made where absent. Without one nothing is kept.

        Raises:
            CacheError: someone other than the user could have written it.
        """
        self._folder = _open_folder(path) if path is not None else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None

    def load(self, engine: wasmtime.Engine, name: str) -> wasmtime.Module | None:
        """Returns the module kept as `name`; None where there is none, or it is damaged or does not fit.

        Raises:
            CacheError: someone other than the user could have written it.
        """
        if self._folder is None:
            return None
        file = _open(self._folder, name)
        if file is None:
            return None
        try:
            if not self._is_whole(file, name):
                log.warning("the cached module %s is damaged: compiling again", name)
                return None
            return _mapped(engine, file)
        except wasmtime.WasmtimeError as error:
            log.warning("the cached module %s does not fit this machine: compiling again (%s)", name, error)
            return None
        finally:
            os.close(file)

    def store(self, name: str, module: wasmtime.Module) -> None:
        """Keeps a module as `name`. That this fails costs only time."""
        if self._folder is None:
            return
        code = module.serialize()
        try:
            self._write(name, code)
            self._seal(name, hashlib.sha256(code).hexdigest(), os.stat(name, dir_fd=self._folder))
            _prune(self._folder, name)
        except OSError as error:
            log.warning("the compiled module was not cached: %s", error.strerror)

    def _is_whole(self, file: int, name: str) -> bool:
        """Returns whether a file is as it was stored: by its seal, or else by hashing it."""
        status = os.fstat(file)
        seal, identity = self._read_seal(name), _identity(status)
        is_settled = seal.get("sealed", 0) - status.st_ctime_ns > _SETTLED
        if is_settled and identity is not None and identity == seal.get("file"):
            return True
        with open(file, "rb", closefd=False) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != seal.get("sha256"):
            return False
        with contextlib.suppress(OSError):
            self._seal(name, digest, status)
        return True

    def _read_seal(self, name: str) -> dict[str, Any]:
        file = _open(self._folder, f"{name}{_SEAL}")
        if file is None:
            return {}
        with open(file, "rb") as stream:
            try:
                found = json.loads(stream.read(_LONGEST_SEAL))
            except (ValueError, RecursionError):
                return {}
        return found if isinstance(found, dict) and isinstance(found.get("sealed"), int) else {}

    def _seal(self, name: str, digest: str, status: os.stat_result) -> None:
        seal = {"sha256": digest, "file": _identity(status), "sealed": time.time_ns()}
        self._write(f"{name}{_SEAL}", json.dumps(seal).encode())

    def _write(self, name: str, data: bytes | bytearray) -> None:
        """Writes a file that is there as a whole or not at all."""
        temporary = f".{name}.{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        file = os.open(temporary, flags, 0o600, dir_fd=self._folder)
        try:
            with open(file, "wb") as stream:
                stream.write(data)
            os.rename(temporary, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=self._folder)
            raise


def _identity(status: os.stat_result) -> list[str | int] | None:
    """Returns what tells a file, as it is now, from all others; None where that cannot be told.

    What was written but never reached the disk is lost with the next start of the machine, hence its name.
    """
    try:
        boot = _BOOT.read_text().strip()
    except OSError:
        return None
    return [boot, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _mapped(engine: wasmtime.Engine, file: int) -> wasmtime.Module:
    """Returns the module in an open file, mapped where the system lets an open file be named."""
    path = _DESCRIPTORS / str(file)
    if path.exists():
        return wasmtime.Module.deserialize_file(engine, str(path))
    with open(file, "rb", closefd=False) as stream:
        stream.seek(0)
        return wasmtime.Module.deserialize(engine, stream.read())


def _open_folder(path: Path) -> int | None:
    """Opens the cache's folder, made where absent; None where that fails, which costs only time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except NotADirectoryError:
        raise CacheError(f"the cache {path} is not a folder of its own (a file or a link)") from None
    except OSError as error:
        if path.is_symlink():
            raise CacheError(f"the cache {path} is a link, not a folder of its own") from None
        log.warning("no cache of compiled modules: %s: %s", path, error.strerror)
        return None
    try:
        _check_owner(os.fstat(folder), f"the cache folder {path}")
    except CacheError:
        os.close(folder)
        raise
    return folder


def _open(folder: int | None, name: str) -> int | None:
    """Opens a file that only its owner may write; None where there is none."""
    try:
        file = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(f"the cached module {name} cannot be opened: {error.strerror}") from None
    try:
        _check_owner(os.fstat(file), f"the cached module {name}", is_file=True)
    except CacheError:
        os.close(file)
        raise
    return file


def _check_owner(status: os.stat_result, what: str, *, is_file: bool = False) -> None:
    if status.st_uid != os.geteuid():
        raise CacheError(
            f"{what} belongs to user {status.st_uid}, not to user {os.geteuid()}: not loading code from it"
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        mode = stat.S_IMODE(status.st_mode)
        raise CacheError(
            f"{what} can be written by others (mode {mode:o}): not loading code from it; chmod go-w mends it"
        )
    if is_file and not stat.S_ISREG(status.st_mode):
        raise CacheError(f"{what} is not a file")


def _prune(folder: int, kept: str) -> None:
    """Removes all but the newest, and seals of what is not there."""
    entries = []
    for name in _modules(os.listdir(folder), len(kept)):
        with contextlib.suppress(OSError):
            if name != kept:
                entries.append((os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns, name))
    for _, name in sorted(entries, reverse=True)[_KEPT - 1 :]:
        for part in (name, f"{name}{_SEAL}"):
            with contextlib.suppress(OSError):
                os.unlink(part, dir_fd=folder)


def _modules(names: Iterable[str], length: int) -> list[str]:
    return [name for name in names if len(name) == length and not name.endswith(_SEAL)]
