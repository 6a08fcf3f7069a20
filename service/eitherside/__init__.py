"""Eitherside: one WebAssembly image codec that runs on either side of the wire; here, the service's side."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codec import Codec, Connected
    from .connecting import connect
    from .connection import CallSettings, Connection, Explanation
    from .errors import CacheError, CallError, EithersideError, ErrorKind, ModuleError, SettingsError
    from .host import Answer, Host, Output
    from .interface import Interface
    from .module import Module
    from .provenance import Attempt, Provenance, Times
    from .push import Push
    from .settings import Settings
    from .stream import Stream

__all__ = [
    "Answer",
    "Attempt",
    "CacheError",
    "CallError",
    "CallSettings",
    "Codec",
    "Connected",
    "Connection",
    "EithersideError",
    "ErrorKind",
    "Explanation",
    "Host",
    "Interface",
    "Module",
    "ModuleError",
    "Output",
    "Provenance",
    "Push",
    "Settings",
    "SettingsError",
    "Stream",
    "Times",
    "connect",
]

# Where each name is; loaded when it is first asked for, as all together take longer than a short command.
_HOMES = {
    "Answer": "host",
    "Attempt": "provenance",
    "CacheError": "errors",
    "CallError": "errors",
    "CallSettings": "connection",
    "Codec": "codec",
    "Connected": "codec",
    "Connection": "connection",
    "EithersideError": "errors",
    "ErrorKind": "errors",
    "Explanation": "connection",
    "Host": "host",
    "Interface": "interface",
    "Module": "module",
    "ModuleError": "errors",
    "Output": "host",
    "Provenance": "provenance",
    "Push": "push",
    "Settings": "settings",
    "SettingsError": "errors",
    "Stream": "stream",
    "Times": "provenance",
    "connect": "connecting",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{home}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
