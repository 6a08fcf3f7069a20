"""The functions of a module as Python methods: here, or where a planner says (types: codec.pyi)."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from .connection import CallSettings, Connection, Explanation
from .host import Host
from .interface import Function, Interface
from .methods import Beginner, Call, Performed, Performer, async_method, calls, method
from .module import Module
from .provenance import Attempt, Provenance, Times
from .push import Push
from .request import Request
from .settings import Settings
from .signatures import async_name
from .stop import Stop


class _Methods:
    """An object that gets two methods for each function of an interface: one blocks, one is for asyncio."""

    def __init__(
        self, interface: Interface, perform: Performer, begin: Beginner, reserved: Collection[str]
    ) -> None:
        self._calls: dict[str, Call] = calls(interface, reserved)
        for name, call in self._calls.items():
            setattr(self, name, method(call, perform, begin))
            setattr(self, async_name(call.function.name), async_method(call, perform))

    def close(self) -> None:
        """Cancels running calls; later ones fail as cancelled."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Codec(_Methods):
    """A module's functions as methods: NumPy arrays in and out, files as bytes or paths.

    A call blocks, and any number of threads may make calls. Ctrl-C stops a call. For asyncio each method has
    a twin with an `a` before its name, which is awaited; cancelling the task stops its call.

    Example:
        >>> codec = Codec()
        >>> sorted(codec.host.interface.functions)  # each is a method; help() on one tells its options
        [...]
    """

    def __init__(self, module: Module | Path | str | None = None, settings: Settings | None = None) -> None:
        """Makes a codec; the module is compiled, or loaded compiled, with the first call.

        Args:
            module: the module or its path; absent, the one in the settings, else the one that was shipped.
            settings: limits and the cache's folder; those of the environment where absent.

        Raises:
            ModuleError, SettingsError: there is no usable module, or a setting is wrong.
        """
        settings = settings if settings is not None else Settings.load()
        if not isinstance(module, Module):
            module = Module.shipped(module or settings.module)
        self.host = Host(module, settings)
        super().__init__(module.interface, self._perform, self._begin, ("close", "host"))

    def close(self) -> None:
        """Cancels running calls; later ones fail as cancelled."""
        self.host.close()

    def _begin(self, function: Function, options: dict[str, Any], inputs: dict[str, Any]) -> Push:
        return self.host.open(function.name, options, inputs, mutable=True)

    def _perform(
        self,
        function: Function,
        options: dict[str, Any],
        inputs: dict[str, Any],
        cancel: threading.Event | None = None,
    ) -> Performed:
        began = time.perf_counter()
        request = Request.make(self.host.interface, function.name, options, inputs)
        answer = self.host.call(function.name, options, inputs, cancel=cancel, mutable=True)
        total = time.perf_counter() - began
        times = Times(
            queue=answer.waited,
            compute=answer.ran,
            transfer=max(0.0, total - answer.waited - answer.ran),
            total=total,
        )
        told = Provenance(
            function=function.name,
            place="local",
            why="There is no other place.",
            module=self.host.module.sha256,
            options=options,
            times=times,
            attempts=(Attempt("local", "ok", "", times),),
            bytes_in=request.bytes_in,
            bytes_out=sum(len(item.data) for item in answer.outputs),
            threads=answer.threads,
        )
        return Performed(answer, told)


class Connected(_Methods):
    """A module's functions as methods, which run here or on a service; `eitherside.connect` makes it.

    Arguments, results and errors are those of `Codec`. A call blocks, and any number of threads may make
    calls. Ctrl-C stops a call, wherever it runs, and so does cancelling the task that awaits one.
    """

    def __init__(self, connection: Connection, settings: CallSettings | None = None) -> None:
        """Makes a codec of a connection; `settings` hold for each of its calls."""
        self.connection = connection
        self._settings = settings if settings is not None else CallSettings()
        perform = partial(_perform, connection, self._settings)
        begin = partial(_begin, connection, self._settings)
        super().__init__(connection.interface, perform, begin, ("close", "connection", "explain", "using"))

    def close(self) -> None:
        """Cancels running calls and keeps what was learned; later calls fail as cancelled."""
        self.connection.close()

    def using(self, **settings: Any) -> Connected:
        """Returns this codec with other settings of its calls: those of `CallSettings`, by name.

        Example:
            >>> codec.using(place="server", time_limit=5).decode(file)  # doctest: +SKIP
        """
        return Connected(self.connection, replace(self._settings, **settings))

    def explain(self, function: str, *args: Any, **kwargs: Any) -> Explanation:
        """Returns what a call would cost in each place, where it would run, and why. Nothing is sent.

        Args:
            function: the method's name.
            args, kwargs: as for the method.

        Raises:
            AttributeError: there is no such function.
            TypeError, CallError: as for the method, before it goes anywhere.
        """
        call = self._calls.get(function)
        if call is None:
            raise AttributeError(f"the module has no function {function}", name=function, obj=self)
        options, inputs = call.bind(args, kwargs)
        return self.connection.explain(call.function.name, options, inputs, self._settings)


def _perform(
    connection: Connection,
    settings: CallSettings,
    function: Function,
    options: dict[str, Any],
    inputs: dict[str, Any],
    cancel: threading.Event | None = None,
) -> Performed:
    if cancel is not None:
        settings = replace(settings, cancel=Stop(cancel, settings.cancel))
    return connection.perform(function.name, options, inputs, settings)


def _begin(
    connection: Connection,
    settings: CallSettings,
    function: Function,
    options: dict[str, Any],
    inputs: dict[str, Any],
) -> Push:
    return connection.open(function.name, options, inputs, settings)
