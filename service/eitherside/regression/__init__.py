"""Regression tests of codecs, as a plugin of pytest (docs/regression.md)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import GoldenError
    from .golden import Golden

__all__ = ["Golden", "GoldenError"]

# Every run of pytest imports this package, also where no test needs a codec.
_HOMES = {"Golden": "golden", "GoldenError": "errors"}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
