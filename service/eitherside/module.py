"""The module file: its bytes, its identity, its interface."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from .binary import PAGE, MemoryImport, clear_shared, exports, imports
from .errors import ModuleError
from .interface import Interface

FILE = "codec.wasm"
PROVENANCE = "codec.json"


def shipped_folder() -> Path:
    """Returns the folder of build products: inside an installed package, else the checkout's ``build/``."""
    package = Path(__file__).resolve().parent
    installed = package / "build"
    return installed if installed.is_dir() else package.parents[1] / "build"


class Module:
    """A WebAssembly module that speaks the binary interface of docs/abi.md.

    Attributes:
        path: where it was read from.
        bytes: the file as shipped.
        sha256: its identity, lower-case hexadecimal.
        interface: its own description.
        memory: its memory import.
        is_trusted: whether it is believed that it looks at its stop word (docs/abi.md). One that is not is
            interrupted by the engine, which makes it slower, and has no helpers.
    """

    def __init__(self, path: Path | str, *, is_trusted: bool = True) -> None:
        """Reads the module at `path`; its owner chose it, or else it is not to be trusted.

        Raises:
            ModuleError: there is no such file, or it is not a module of this kind.
        """
        self.path = Path(path)
        self.is_trusted = is_trusted
        try:
            self.bytes = self.path.read_bytes()
        except OSError as error:
            raise ModuleError(f"cannot read the module {self.path}: {error.strerror}") from None
        self.sha256 = hashlib.sha256(self.bytes).hexdigest()
        self.interface = Interface.from_module(self.bytes)
        self.memory = self._memory()

    def _memory(self) -> MemoryImport:
        found = [(item.module, item.name, item.memory) for item in imports(self.bytes) if item.memory]
        if len(found) != 1 or found[0][:2] != ("env", "memory"):
            raise ModuleError("the module does not import exactly one memory, env.memory")
        memory = found[0][2]
        if memory.maximum is None or not memory.minimum <= memory.maximum <= 65536:
            raise ModuleError("the module's memory import has no maximum, or one out of range")
        return memory

    @classmethod
    def shipped(cls, path: Path | str | None = None) -> Module:
        """Returns the module at `path`, or the one that was shipped with this package where that is None."""
        return cls(path if path is not None else shipped_folder() / FILE)

    @property
    def imports(self) -> list[str]:
        """What it imports, as ``module.name``, in order."""
        return [f"{item.module}.{item.name}" for item in imports(self.bytes)]

    @cached_property
    def exports(self) -> frozenset[str]:
        """The names of what it exports.

        Raises:
            ModuleError: the module is malformed.
        """
        return frozenset(exports(self.bytes))

    @property
    def minimum_bytes(self) -> int:
        """Bytes of memory that every call needs."""
        return self.memory.minimum * PAGE

    @property
    def maximum_bytes(self) -> int:
        """Bytes of memory that a call can use at most."""
        return (self.memory.maximum or 0) * PAGE

    def one_thread_bytes(self) -> bytes:
        """Returns the module with its memory import no longer shared, for calls on one thread."""
        return clear_shared(self.bytes, self.memory)

    @cached_property
    def provenance(self) -> dict[str, Any] | None:
        """What the module was built from, as the file beside it tells; None where there is none.

        Raises:
            ModuleError: the file is malformed, or about another module.
        """
        path = self.path.with_name(PROVENANCE)
        try:
            found = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ModuleError(f"cannot read {path}: {error}") from None
        if not isinstance(found, dict):
            raise ModuleError(f"{path} is not a JSON object")
        return found
