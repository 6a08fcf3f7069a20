"""A call's linear memory, as this process sees it: where it is, and what the system is told about it."""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

log = logging.getLogger(__name__)

RESERVED = 1 << 32
"""Address space that engines reserve for each memory: as a 32-bit one has no more, it never moves."""

_PROT_NONE = 0
_MADV_HUGEPAGE = 14

_C = ctypes.CDLL(None, use_errno=True)
_C.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_C.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


class _SharedMemory(wasmtime.SharedMemory):
    def _as_extern(self) -> Any:
        # wasmtime-py 50.0.1 gives a pointer to the pointer here, which its own library does not take.
        union = ffi.wasmtime_extern_union(sharedmemory=self.ptr())
        return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)


class Linear:
    """A linear memory, shared among threads or not.

    Attributes:
        extern: what instances import.
        base: its address in this process, for as long as it is open.
    """

    def __init__(
        self, engine: wasmtime.Engine, store: wasmtime.Store, limits: wasmtime.Limits, *, shared: bool
    ) -> None:
        """Makes a memory.

        Args:
            engine: of all that will use it; it must reserve `RESERVED` bytes.
            store: that of the only thread which may use it; for a shared memory any of the engine.
            limits: smallest and largest size in pages.
            shared: whether other stores' instances may import it, too.

        Raises:
            wasmtime.WasmtimeError: there is no room for it.
        """
        kind = wasmtime.MemoryType(limits, shared=shared)
        self._shared = _SharedMemory(engine, kind) if shared else None
        self._own = None if shared else wasmtime.Memory(store, kind)
        self._store = store
        data = self._shared.data_ptr() if self._shared else self._own.data_ptr(store)  # type: ignore[union-attr]
        self.extern: Any = self._shared or self._own
        self.base = ctypes.addressof(data.contents)
        self._ask_for_huge_pages()

    @property
    def size(self) -> int:
        """Bytes that it has now; it never shrinks. For an unshared memory to be asked by the store's user."""
        if self._shared is not None:
            return int(self._shared.data_len())
        return int(self._own.data_len(self._store))  # type: ignore[union-attr]

    def word(self, address: int) -> ctypes.c_int32:
        """Returns the aligned word at `address`, which both sides see; not to be used once it is closed."""
        return ctypes.c_int32.from_address(self.base + address)

    def revoke(self) -> None:
        """Takes all rights away: what reads or writes it traps in WebAssembly, and crashes anywhere else."""
        if _C.mprotect(self.base, RESERVED, _PROT_NONE):
            log.error("a memory's rights cannot be taken away: error %d", ctypes.get_errno())

    def close(self) -> None:
        """Gives it back, as soon as no instance has it. That of an unshared one goes with its store."""
        if self._shared is not None:
            self._shared.close()

    def _ask_for_huge_pages(self) -> None:
        # The whole range, as the memory grows into it. Where the system has none, that changes nothing.
        if sys.platform == "linux":
            _C.madvise(self.base, RESERVED, _MADV_HUGEPAGE)
