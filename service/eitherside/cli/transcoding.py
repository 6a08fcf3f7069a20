"""Calls that may have to do with the formats that only the service has, beside those of the module."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from ..foreign import Foreign
from ..foreign.formats import KNOWN
from ..host import Answer, Buffer
from ..http import bridge
from ..http.endpoints import Endpoint
from ..interface import Format, Function
from .context import Context


class Transcoder:
    """Makes calls as the service makes them: by Pillow at either end where a format is not the module's."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._endpoints: dict[str, Endpoint] = {}

    @cached_property
    def foreign(self) -> Foreign:
        """The formats that Pillow adds, as the settings allow."""
        return Foreign(self._context.settings)

    def endpoint(self, function: Function) -> Endpoint:
        """Returns what the service offers for a function."""
        found = self._endpoints.get(function.name)
        if found is None:
            found = self._endpoints[function.name] = Endpoint(
                function, self._context.module.interface, self.foreign
            )
        return found

    def format_of(self, function: Function, path: str) -> str:
        """Returns the name of the format that a file name's extension stands for.

        Raises:
            click.UsageError: it has none that the function writes.
        """
        extension = Path(path).suffix.lstrip(".").lower()
        flag = f"--{function.format_option}"
        formats = self.written(function)
        for item in formats:
            if extension in item.extensions:
                return item.name
        known = ", ".join(f".{name}" for item in formats for name in item.extensions)
        what = f"no format has the extension .{extension}" if extension else f"{path} has no extension"
        raise click.UsageError(f"{what}; give one of {known}, or {flag}")

    def written(self, function: Function) -> list[Format]:
        """Returns the formats that a function writes here."""
        return self.endpoint(function).formats

    def read(self, function: Function) -> list[Format]:
        """Returns the formats that a function's first input can be in here."""
        interface = self._context.module.interface
        own = [interface.formats[name] for name in function.inputs[0].formats]
        return [*own, *self.endpoint(function).foreign_reads]

    def call(
        self,
        function: Function,
        options: Mapping[str, Any],
        inputs: Mapping[str, Sequence[Buffer]],
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Makes a call.

        Raises:
            CallError: of the module, the host, or Pillow.
        """
        host = self._context.host
        if self._is_foreign(function, options, inputs):
            endpoint = self.endpoint(function)
            chosen = bridge.plan(endpoint, options, inputs)
            if chosen.foreign:
                outcome = bridge.run(host, endpoint, chosen, options, inputs, cancel or threading.Event())
                times = outcome.times
                return Answer(outcome.result, outcome.outputs, times.get("queue", 0.0), sum(times.values()))
        return host.call(function.name, options, inputs, cancel=cancel)

    def _is_foreign(
        self, function: Function, options: Mapping[str, Any], inputs: Mapping[str, Sequence[Buffer]]
    ) -> bool:
        """Tells whether Pillow may have to do with a call, without asking Pillow, which takes a while."""
        if function.format_option is None:
            return False
        own = function.properties[function.format_option].get("enum", [])
        heads = [bytes(memoryview(buffer)[:64]) for buffers in inputs.values() for buffer in buffers[:1]]
        known = any(entry.matches(head) for entry in KNOWN for head in heads)
        return known or options.get(function.format_option, own[0] if own else None) not in own
