"""An engine whose replies somebody has changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from eitherside.engines import Engine, EngineError, Job, Reply

Change = Callable[[Job, Reply], Reply]


class Tampered(Engine):
    """Gives what another engine gives, changed."""

    def __init__(self, engine: Engine, change: Change) -> None:
        self.name = engine.name
        self.version = engine.version
        self._engine = engine
        self._change = change

    def run(self, job: Job) -> list[Reply]:
        """See `Engine.run`."""
        return [self._change(job, reply) for reply in self._engine.run(job)]

    def close(self) -> None:
        """Leaves the other engine as it is."""


def of_output(name: str, change: Callable[[bytes], bytes]) -> Change:
    """Changes the buffers of one output."""

    def changed(job: Job, reply: Reply) -> Reply:
        outputs = [(found, change(data) if found == name else data) for found, data in reply.outputs]
        return replace(reply, outputs=outputs)

    return changed


def of_result(**members: object) -> Change:
    """Changes members of results that have them."""

    def changed(job: Job, reply: Reply) -> Reply:
        known = {key: value for key, value in members.items() if key in reply.result}
        return replace(reply, result={**reply.result, **known})

    return changed


def crash(job: Job, reply: Reply) -> Reply:
    """Ends the engine."""
    raise EngineError("the page crashed")
