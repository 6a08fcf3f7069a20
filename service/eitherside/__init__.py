"""Eitherside: one WebAssembly image codec that runs on either side of the wire; here, the service's side."""

from __future__ import annotations

from .codec import Codec, Connected
from .connect import connect
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
