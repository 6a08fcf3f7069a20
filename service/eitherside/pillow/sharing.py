"""The codec that every image of the process shares, and a way to give another one."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from ..interface import Interface
from ..module import Module
from ..settings import Settings

if TYPE_CHECKING:
    from ..codec import Codec, Connected

# A thread that wants a picture waits, as it would for any decoder: there are no strangers here to refuse.
WAITING = {"queue_length": 65536, "queue_time": 86400.0}

_lock = threading.Lock()
_given: Codec | Connected | None = None
_own: Codec | None = None


def use(codec: Codec | Connected | None) -> None:
    """Has all images made and saved from now on go through `codec`; None: through the process's own again.

    Args:
        codec: with other limits or another module, or one connected to a service (`eitherside.connect`).
            It stays the caller's, who closes it when no image needs it any more.

    Example:
        >>> use(Codec(settings=Settings.load(memory_per_call="256MiB", time_limit=10)))
        >>> use(None)
    """
    global _given
    _given = codec


def shared() -> Codec | Connected:
    """Returns the codec that was given, else the process's own, which is made when it is first wanted.

    Raises:
        ModuleError, SettingsError: there is no usable module, or a setting of the environment is wrong.
    """
    global _own
    if _given is not None:
        return _given
    with _lock:
        if _own is None:
            # Not before: it loads the engine, which whoever only imports the plugin does not need.
            from ..codec import Codec

            _own = Codec(module(), _settings())
        return _own


def interface() -> Interface:
    """Returns the description of the module that `shared` calls."""
    if _given is None:
        return module().interface
    from ..codec import Codec

    return _given.host.interface if isinstance(_given, Codec) else _given.connection.interface


def most_bytes() -> int:
    """Returns the size of the largest file that is read: the memory of a call, in which it must fit."""
    if _given is not None:
        from ..codec import Codec

        if isinstance(_given, Codec):
            return int(_given.host.settings.memory_per_call)
    return int(Settings.load().memory_per_call)


@lru_cache(maxsize=1)
def module() -> Module:
    """Returns the module that the process's own codec has."""
    return Module.shipped(Settings.load().module)


def _settings() -> Settings:
    found = Settings.load()
    waiting = {name: value for name, value in WAITING.items() if name not in found.model_fields_set}
    return Settings.load(**waiting)


def _after_fork() -> None:
    # Another thread may have held it; the codec itself goes on in a forked process.
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
