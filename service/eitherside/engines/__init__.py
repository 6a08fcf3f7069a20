"""Engines that run WebAssembly: calls of a module's functions on the shipped bytes, in each of them."""

from __future__ import annotations

from importlib import import_module

from ..module import Module
from .common import Engine, EngineError, Failure, Job, Reply

ENGINES = ("wasmtime", "chromium", "firefox", "webkit")
"""Names of the engines, as `start` takes them."""

__all__ = ["ENGINES", "Engine", "EngineError", "Failure", "Job", "Reply", "start"]


def start(name: str, module: Module) -> Engine:
    """Starts an engine with a module; use it as a context manager, so that it is stopped however that ends.

    Args:
        name: one of `ENGINES`.
        module: the module whose functions it is to run.

    Raises:
        EngineError: it is not installed here, or does not start; the message names the Debian package.
    """
    if name not in ENGINES:
        raise EngineError(f"there is no engine {name}; there are {', '.join(ENGINES)}")
    # Each has needs of its own, which those who do not use it need not have installed.
    engine: Engine = import_module(f".{name}", __name__).open_engine(module)
    return engine
