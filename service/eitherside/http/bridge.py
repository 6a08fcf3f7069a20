"""A call whose input or output is in one of Pillow's formats: by PNG into the module, by PNG out of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..host import Buffer, Host, Output
from ..interface import Format
from .endpoints import Endpoint

BY = "pillow"


@dataclass
class Outcome:
    """A call's result and outputs, where its time went (seconds by the name of the stage), and its memory."""

    result: dict[str, Any]
    outputs: list[Output]
    times: dict[str, float] = field(default_factory=dict)
    memory: int = 0


@dataclass(frozen=True)
class Plan:
    """Which ends of a call are Pillow's: the format read, the format written."""

    source: Format | None
    target: Format | None

    @property
    def foreign(self) -> bool:
        """Whether Pillow takes part."""
        return self.source is not None or self.target is not None


def plan(endpoint: Endpoint, options: Mapping[str, object], inputs: Mapping[str, Sequence[Buffer]]) -> Plan:
    """Tells what Pillow has to do for a call."""
    taken = endpoint.foreign_input
    buffers = inputs.get(taken.name, ()) if taken is not None else ()
    source = endpoint.foreign.sniff(buffers[0]) if buffers else None
    wanted = options.get(endpoint.format_option) if endpoint.format_option else None
    target = next((item for item in endpoint.foreign_writes if item.name == wanted), None)
    return Plan(source, target)


def run(
    host: Host,
    endpoint: Endpoint,
    chosen: Plan,
    options: Mapping[str, object],
    inputs: Mapping[str, Sequence[Buffer]],
    cancel: threading.Event,
) -> Outcome:
    """Makes the call.

    Raises:
        CallError: of the module, the host, or Pillow.
    """
    times: dict[str, float] = {}
    own, theirs = dict(options), {}
    foreign = endpoint.foreign
    given = dict(inputs)
    if chosen.target is not None and endpoint.format_option is not None:
        known = foreign.options(chosen.target.name)
        # An option that both know is meant for what is written, so the module does not see it.
        theirs = {name: own.pop(name) for name in list(own) if name in known}
        foreign.check(chosen.target.name, theirs)
        bridge = endpoint.bridge(foreign.animates(chosen.target.name))
        own[endpoint.format_option] = bridge.name if bridge is not None else None
    if chosen.source is not None and endpoint.foreign_input is not None:
        name = endpoint.foreign_input.name
        with _timed(times, BY):
            given[name] = [
                foreign.to_png(buffer, chosen.source.name, cancel=cancel) for buffer in inputs[name]
            ]
    answer = host.call(endpoint.name, own, given, cancel=cancel)
    times["queue"], times["compute"] = answer.waited, answer.ran
    outputs = list(answer.outputs)
    if chosen.target is not None:
        with _timed(times, BY):
            outputs = [_converted(endpoint, chosen.target, theirs, item, cancel) for item in outputs]
    return Outcome(_told(endpoint, chosen, answer.result), outputs, times, answer.memory)


def _converted(
    endpoint: Endpoint, target: Format, options: Mapping[str, object], item: Output, cancel: threading.Event
) -> Output:
    described = next((output for output in endpoint.function.outputs if output.name == item.name), None)
    if described is None or described.format_from is None:
        return item
    return Output(
        item.name,
        target.media_type,
        endpoint.foreign.from_png(item.data, target.name, options, cancel=cancel),
    )


def _told(endpoint: Endpoint, chosen: Plan, result: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the result with the formats that went in and came out, instead of those of the bridge."""
    told = dict(result)
    if not chosen.foreign:
        return told
    if chosen.target is not None:
        for output in endpoint.function.outputs:
            if output.format_from is not None:
                told[output.format_from] = chosen.target.name
    if chosen.source is not None and endpoint.foreign_input is not None:
        for name, schema in endpoint.function.result.get("properties", {}).items():
            if schema.get("format_of") == endpoint.foreign_input.name:
                told[name] = chosen.source.name
    told["service"] = {
        "by": BY,
        "read": chosen.source.name if chosen.source else None,
        "written": chosen.target.name if chosen.target else None,
    }
    return told


@contextmanager
def _timed(times: MutableMapping[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        times[stage] = times.get(stage, 0.0) + time.perf_counter() - began
