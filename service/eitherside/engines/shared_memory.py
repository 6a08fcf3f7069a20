"""The module as shipped, with shared memory, in wasmtime: one thread, but the form that threads need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

from ..compiled import STUBS, Compiled, engine_configuration, load_or_compile
from ..instance import Instance
from ..module import Module


def compile_shared(module: Module, cache: Path | None) -> Compiled:
    """Returns the module's bytes compiled as they are, out of the folder `cache` where they are there.

    Raises:
        wasmtime.WasmtimeError: they are not valid.
        CacheError: someone other than the user could have written the cache.
    """
    config = engine_configuration()
    config.shared_memory = True
    engine = wasmtime.Engine(config)
    return Compiled(engine, load_or_compile(engine, module.bytes, cache), wasmtime.Module(engine, STUBS))


class _Memory(wasmtime.SharedMemory):
    """A shared memory with the methods of an ordinary one."""

    def _as_extern(self) -> Any:
        # wasmtime-py 50.0.1 gives a pointer to the pointer here, which its own library does not take.
        union = ffi.wasmtime_extern_union(sharedmemory=self.ptr())
        return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)

    def data_ptr(self, store: object = None) -> Any:
        """Returns where the memory is in this process."""
        return super().data_ptr()

    def data_len(self, store: object = None) -> int:
        """Returns its size in bytes."""
        return int(super().data_len())


class SharedInstance(Instance):
    """An instance with shared memory, for one call."""

    def _make_memory(self, compiled: Compiled, limits: wasmtime.Limits) -> Any:
        return _Memory(compiled.engine, wasmtime.MemoryType(limits, shared=True))

    def close(self) -> None:
        """Gives the memory back."""
        super().close()
        self.__dict__.pop("_memory", None)
