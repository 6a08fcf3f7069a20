"""Compiles a module, for calls on one thread or on several; `codecache` keeps the compiled code on disk."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import wasmtime

from .codecache import CodeCache
from .errors import ModuleError
from .linear import RESERVED
from .module import Module

log = logging.getLogger(__name__)

# Part of the key: raise it with any change of what `new_engine` configures.
_CONFIGURATION = "2: threads, SIMD, no relaxed SIMD, speed, 4 GiB reserved, memories stay"
# Compiling less than this takes less than starting a process; no compilation should last longer than that.
_LARGE = 1 << 18
_LONGEST = 600.0

STOP = "eitherside_stop"
"""Export of modules that look at a stop word: they are compiled without interruption by epochs."""

HELPERS = (STOP, "eitherside_helper", "eitherside_help", "eitherside_release")
"""Exports of modules whose calls may have helpers; without a stop word helpers could not be stopped."""

# The module's WASI imports touch nothing: EBADF for the three on files, a trap for proc_exit. Not Python,
# as wasmtime-py keeps an exception raised in a callback in one variable for all threads.
STUBS = """(module
  (func (export "fd_close") (param i32) (result i32) i32.const 8)
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32) i32.const 8)
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) i32.const 8)
  (func (export "proc_exit") (param i32) unreachable))"""


@dataclass(frozen=True)
class Compiled:
    """A module compiled, the stubs it imports, and the engine of both.

    Attributes:
        shared: whether its memory is shared, so that calls may have helpers; else calls run on one thread.
        epochs: whether epochs interrupt it; else it looks at a stop word.
    """

    engine: wasmtime.Engine
    module: wasmtime.Module
    stubs: wasmtime.Module
    shared: bool
    epochs: bool


def has_stop_word(module: Module) -> bool:
    """Returns whether a module looks at a stop word by itself, as far as it can be believed."""
    return module.is_trusted and STOP in module.exports


def has_helpers(module: Module) -> bool:
    """Returns whether helpers may take part in a module's calls."""
    return module.is_trusted and module.memory.shared and module.exports.issuperset(HELPERS)


def new_engine(*, epochs: bool, parallel: bool = False) -> wasmtime.Engine:
    """Makes an engine; what one compiled, another of the same `epochs` can load.

    Args:
        epochs: whether epochs interrupt what it compiles.
        parallel: whether it compiles on all cores. That pool of threads does not survive a fork; the child
            would wait for it for ever.
    """
    config = wasmtime.Config()
    config.epoch_interruption = epochs
    config.wasm_threads = True
    config.shared_memory = True
    config.wasm_simd = True
    config.wasm_relaxed_simd = False
    config.cranelift_opt_level = "speed"
    # So that a watch can write into a memory whose owner makes it grow.
    config.memory_reservation = RESERVED
    config.memory_may_move = False
    config.parallel_compilation = parallel
    return wasmtime.Engine(config)


def compile_module(
    module: Module,
    cache: Path | None,
    *,
    shared: bool = False,
    engine: wasmtime.Engine | None = None,
    background: bool = False,
) -> Compiled:
    """Returns `module` compiled, out of the folder `cache` where it is there.

    Call it after a fork, not before: an engine belongs to its process.

    Args:
        module: the module.
        cache: where compiled modules are kept; None: nowhere.
        shared: compile it as shipped, for calls with helpers, and not for those on one thread.
        engine: one of `new_engine` that fits the module; a new one where absent.
        background: let calls that run meanwhile go first.

    Raises:
        ModuleError: the module is not valid WebAssembly, or imports what no host gives.
        CacheError: someone other than the user could have written the cache.
    """
    epochs = not has_stop_word(module)
    engine = engine if engine is not None else new_engine(epochs=epochs)
    stubs = wasmtime.Module(engine, STUBS)
    _check_imports(module, stubs)
    key = cache_key(module, shared=shared)
    try:
        with CodeCache(cache) as kept:
            found = kept.load(engine, key)
            if found is None:
                wasm = module.bytes if shared else module.one_thread_bytes()
                found = _compile(engine, wasm, epochs=epochs, background=background)
                kept.store(key, found)
    except wasmtime.WasmtimeError as error:
        raise ModuleError(f"the module {module.path} cannot be compiled: {error}") from None
    return Compiled(engine, found, stubs, shared, epochs)


def is_cached(module: Module, cache: Path | None, *, shared: bool = False) -> bool:
    """Returns whether `compile_module` would probably find the module compiled already."""
    return cache is not None and (cache / cache_key(module, shared=shared)).is_file()


def _compile(engine: wasmtime.Engine, wasm: bytes, *, epochs: bool, background: bool) -> wasmtime.Module:
    """Compiles a module, a large one in a process of its own, which may use all cores."""
    if len(wasm) > _LARGE:
        log.info("compiling the module, which takes a few seconds once")
        command = [sys.executable, "-m", f"{__package__}.compiler"]
        command += ["--epochs"] * epochs + ["--background"] * background
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


def cache_key(module: Module, *, shared: bool = False) -> str:
    """Returns the file name for a module compiled: a hash of all that its code depends on."""
    parts = (
        module.sha256,
        "shared memory" if shared else "one thread",
        "stop word" if has_stop_word(module) else "epochs",
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
