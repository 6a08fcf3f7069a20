"""Compiles a module, and keeps the compiled code on disk.

Loading compiled code runs it, so only the cache's owner may be able to write it; that is checked each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
import secrets
import stat
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import wasmtime

from .errors import CacheError, ModuleError
from .module import Module

log = logging.getLogger(__name__)

# Part of the key: raise it with any change of what `_engine` configures.
_CONFIGURATION = "1: epoch interruption, threads, SIMD, no relaxed SIMD, speed"
_DIGEST = hashlib.sha256().digest_size
_KEPT = 8
# Compiling less than this takes less than starting a process; no compilation should last longer than that.
_LARGE = 1 << 18
_LONGEST = 600.0

# The module's WASI imports touch nothing: EBADF for the three on files, a trap for proc_exit. Not Python,
# as wasmtime-py keeps an exception raised in a callback in one variable for all threads.
STUBS = """(module
  (func (export "fd_close") (param i32) (result i32) i32.const 8)
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32) i32.const 8)
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) i32.const 8)
  (func (export "proc_exit") (param i32) unreachable))"""


@dataclass(frozen=True)
class Compiled:
    """A module compiled for calls on one thread, the stubs it imports, and the engine of both."""

    engine: wasmtime.Engine
    module: wasmtime.Module
    stubs: wasmtime.Module


def new_engine(*, parallel: bool = False) -> wasmtime.Engine:
    """Makes an engine; all are of one configuration, so that one can load what another compiled."""
    config = engine_configuration()
    # The pool of compiling threads does not survive a fork; the child would wait for it for ever.
    config.parallel_compilation = parallel
    return wasmtime.Engine(config)


def engine_configuration() -> wasmtime.Config:
    """Returns what all engines have in common."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.wasm_threads = True
    config.wasm_simd = True
    config.wasm_relaxed_simd = False
    config.cranelift_opt_level = "speed"
    return config


def compile_module(module: Module, cache: Path | None) -> Compiled:
    """Returns `module` compiled, out of the folder `cache` where it is there.

    Call it after a fork, not before: an engine belongs to its process.

    Raises:
        ModuleError: the module is not valid WebAssembly, or imports what no host gives.
        CacheError: someone other than the user could have written the cache.
    """
    engine = new_engine()
    wasm = module.one_thread_bytes()
    stubs = wasmtime.Module(engine, STUBS)
    _check_imports(module, stubs)
    try:
        found = load_or_compile(engine, wasm, cache)
    except wasmtime.WasmtimeError as error:
        raise ModuleError(f"the module {module.path} cannot be compiled: {error}") from None
    return Compiled(engine, found, stubs)


def load_or_compile(engine: wasmtime.Engine, wasm: bytes, cache: Path | None) -> wasmtime.Module:
    """Returns `wasm` compiled, out of the folder `cache` where it is there.

    Raises:
        wasmtime.WasmtimeError: it is not valid WebAssembly.
        CacheError: someone other than the user could have written the cache.
    """
    found = None
    folder = _open_folder(cache) if cache else None
    try:
        if folder is not None:
            found = _load(engine, folder, cache_key(wasm))
        if found is None:
            found = _compile(engine, wasm)
            if folder is not None:
                _store(folder, cache_key(wasm), bytes(found.serialize()))
    finally:
        if folder is not None:
            os.close(folder)
    return found


def _compile(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    """Compiles a module, a large one in a process of its own, which may use all cores."""
    if len(wasm) > _LARGE:
        log.info("compiling the module, which takes a few seconds once")
        command = [sys.executable, "-m", f"{__package__}.compiler"]
        try:
            done = subprocess.run(command, input=wasm, capture_output=True, check=True, timeout=_LONGEST)
            return wasmtime.Module.deserialize(engine, done.stdout)
        except (OSError, subprocess.SubprocessError, wasmtime.WasmtimeError) as error:
            log.warning("compiling in this process, as another one failed: %s", error)
    return wasmtime.Module(engine, wasm)


def _check_imports(module: Module, stubs: wasmtime.Module) -> None:
    given = {f"wasi_snapshot_preview1.{item.name}" for item in stubs.exports} | {"env.memory"}
    if unknown := set(module.imports) - given:
        raise ModuleError(f"the module {module.path} imports {min(unknown)}, which no host gives")


def cache_key(wasm: bytes) -> str:
    """Returns the file name for `wasm`: a hash of its bytes, the compiler, its settings and the processor."""
    parts = (
        hashlib.sha256(wasm).hexdigest(),
        version("wasmtime"),
        _CONFIGURATION,
        platform.system(),
        processor(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def processor() -> str:
    """Returns what the processor can do, as the system tells it; compiled code fits only the like of it."""
    features = ""
    if platform.system() == "Darwin":
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            features = subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=10
            ).stdout.strip()
    else:
        with contextlib.suppress(OSError):
            lines = Path("/proc/cpuinfo").read_text().splitlines()
            features = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()} {features}"


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


def _check_owner(status: os.stat_result, what: str) -> None:
    if status.st_uid != os.geteuid():
        raise CacheError(
            f"{what} belongs to user {status.st_uid}, not to user {os.geteuid()}: not loading code from it"
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        mode = stat.S_IMODE(status.st_mode)
        raise CacheError(
            f"{what} can be written by others (mode {mode:o}): not loading code from it; chmod go-w mends it"
        )


def _load(engine: wasmtime.Engine, folder: int, name: str) -> wasmtime.Module | None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(f"the cached module {name} cannot be opened: {error.strerror}") from None
    with open(file, "rb") as stream:
        status = os.fstat(file)
        _check_owner(status, f"the cached module {name}")
        if not stat.S_ISREG(status.st_mode):
            raise CacheError(f"the cached module {name} is not a file")
        digest, code = stream.read(_DIGEST), stream.read()
    # wasmtime checks its header only; a damaged body would run as it is.
    if hashlib.sha256(code).digest() != digest:
        log.warning("the cached module %s is damaged: compiling again", name)
        return None
    try:
        return wasmtime.Module.deserialize(engine, code)
    except wasmtime.WasmtimeError as error:
        log.warning("the cached module %s does not fit this machine: compiling again (%s)", name, error)
        return None


def _store(folder: int, name: str, code: bytes) -> None:
    temporary = f".{name}.{secrets.token_hex(8)}"
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
        try:
            with open(file, "wb") as stream:
                stream.write(hashlib.sha256(code).digest())
                stream.write(code)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        _prune(folder, name)
    except OSError as error:
        log.warning("the compiled module was not cached: %s", error.strerror)


def _prune(folder: int, kept: str) -> None:
    entries = []
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if name != kept and len(name) == len(kept):
                entries.append((os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns, name))
    for _, name in sorted(entries, reverse=True)[_KEPT - 1 :]:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
