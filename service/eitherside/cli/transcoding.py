"""Calls that may have to do with the formats that only the service has, beside those of the module."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..interface import Format, Function
from ..request import Buffer
from .context import Context, working

if TYPE_CHECKING:
    from ..answer import Answer
    from ..http.endpoints import Endpoint


class Transcoder:
    """Makes calls as the service makes them: by Pillow at either end where a format is not the module's.

    The service's side of it is imported only where it is needed, as that takes longer than many a call.

    Attributes:
        interface, sha256: of the module.
        settings: those of the command.
    """

    def __init__(self, context: Context, function: Function) -> None:
        self._context = context
        self._function = function
        self.settings = context.settings
        self.sha256 = context.sha256
        self.interface = interface = context.interface
        option = function.format_option
        names = function.properties[option].get("enum", []) if option else []
        self._own = [interface.formats[name] for name in names if name in interface.formats]

    @cached_property
    def _endpoint(self) -> Endpoint:
        from ..foreign import Foreign
        from ..http.endpoints import Endpoint

        return Endpoint(self._function, self._context.interface, Foreign(self._context.settings))

    def start(self) -> None:
        """Brings the module into place, where every call needs it, and says so on a terminal.

        Raises:
            ModuleError, CacheError: it cannot be.
        """
        with working("loading the module"):
            self._context.start()

    def of(self, function: Function) -> Transcoder:
        """Returns what makes calls of another function in the same way."""
        return Transcoder(self._context, function)

    def format_of(self, path: str) -> str:
        """Returns the name of the format that a file name's extension stands for.

        Raises:
            click.UsageError: it has none that the function writes.
        """
        extension = Path(path).suffix.lstrip(".").lower()
        for item in self._own:
            if extension in item.extensions:
                return item.name
        for item in self.written():
            if extension in item.extensions:
                return item.name
        known = ", ".join(f".{name}" for item in self.written() for name in item.extensions)
        what = f"no format has the extension .{extension}" if extension else f"{path} has no extension"
        raise click.UsageError(f"{what}; give one of {known}, or --{self._function.format_option}")

    def written(self) -> list[Format]:
        """Returns the formats that the function writes here."""
        return self._endpoint.formats

    def read(self) -> list[Format]:
        """Returns the formats that the function's first input can be in here."""
        own = [self.interface.formats[name] for name in self._function.inputs[0].formats]
        return [*own, *self._endpoint.foreign_reads]

    def call(
        self,
        options: Mapping[str, Any],
        inputs: Mapping[str, Sequence[Buffer]],
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Makes a call.

        Raises:
            CallError: of the module, the host, or Pillow.
        """
        # Elsewhere the service sees to its own formats.
        if self._context.is_here and self._is_foreign(options, inputs):
            from ..answer import Answer
            from ..http import bridge

            chosen = bridge.plan(self._endpoint, options, inputs)
            if chosen.foreign:
                stop = cancel or threading.Event()
                outcome = bridge.run(self._context.host, self._endpoint, chosen, options, inputs, stop)
                times = outcome.times
                return Answer(outcome.result, outcome.outputs, times.get("queue", 0.0), sum(times.values()))
        return self._context.call(self._function.name, options, inputs, cancel)

    def _is_foreign(self, options: Mapping[str, Any], inputs: Mapping[str, Sequence[Buffer]]) -> bool:
        """Tells whether Pillow may have to do with a call, without asking Pillow, which takes a while."""
        option = self._function.format_option
        if option is None or not self._context.settings.pillow:
            return False
        from ..foreign.formats import HEAD, KNOWN

        heads = [bytes(memoryview(buffer)[:HEAD]) for buffers in inputs.values() for buffer in buffers[:1]]
        known = any(entry.matches(head) for entry in KNOWN for head in heads)
        return known or options.get(option) not in [item.name for item in self._own]
