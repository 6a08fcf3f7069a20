"""Eitherside: one WebAssembly image codec that runs on either side of the wire; here, the service's side."""

from __future__ import annotations

from .codec import Codec
from .errors import CacheError, CallError, EithersideError, ErrorKind, ModuleError, SettingsError
from .host import Answer, Host, Output
from .interface import Interface
from .module import Module
from .settings import Settings

__all__ = [
    "Answer",
    "CacheError",
    "CallError",
    "Codec",
    "EithersideError",
    "ErrorKind",
    "Host",
    "Interface",
    "Module",
    "ModuleError",
    "Output",
    "Settings",
    "SettingsError",
]
