"""wasmtime: the engine of the service, in this process."""

from __future__ import annotations

from importlib.metadata import version

from ..binary import PAGE
from ..errors import CANCELLED, TIME_LIMIT, CallError
from ..host import Answer, Host
from ..module import Module
from ..settings import Settings
from .common import MEMORY_LIMIT, Engine, EngineError, Failure, Job, Reply, pieces, pushed_input

_LONGEST = 3600.0


def open_engine(module: Module) -> Engine:
    """Starts wasmtime with a module.

    Raises:
        ModuleError, CacheError: the module cannot be compiled.
    """
    return _Wasmtime(module)


class _Wasmtime(Engine):
    name = "wasmtime"

    def __init__(self, module: Module) -> None:
        self.version = f"wasmtime {version('wasmtime')}"
        self._module = module
        limit = min(MEMORY_LIMIT, module.maximum_bytes) // PAGE * PAGE
        # Limits of the service have no part in this.
        settings = Settings.load(
            memory_per_call=limit, memory_total=2 * limit, time_limit=_LONGEST, threads=1, option_ceilings={}
        )
        self._host = Host(module, settings)
        self._host.start()
        # Compiles nothing until it is used.
        self._shared = Host(module, settings, shared=True)

    def run(self, job: Job) -> list[Reply]:
        """See `Engine.run`."""
        host = self._shared if job.shared or job.threads > 1 else self._host
        found: list[Reply] = []
        try:
            if job.pieces is not None:
                self._push(host, job, found)
            else:
                answer = host.call(
                    job.function, job.options, job.inputs, time_limit=job.time_limit, threads=job.threads
                )
                found.append(_reply(answer))
        except CallError as error:
            if error.kind in (CANCELLED, TIME_LIMIT):
                raise EngineError(str(error)) from None
            found.append(Reply({}, (), Failure(error.code, error.message, error.option, error.input)))
        return found

    def close(self) -> None:
        """See `Engine.close`."""
        self._host.close()
        self._shared.close()

    def _push(self, host: Host, job: Job, found: list[Reply]) -> None:
        function = self._module.interface.functions[job.function]
        name = pushed_input(function)
        others = {key: buffers for key, buffers in job.inputs.items() if key != name}
        *first, last = pieces(b"".join(job.inputs.get(name, ())), job.pieces or ())
        push = host.open(job.function, job.options, others, time_limit=job.time_limit, threads=job.threads)
        try:
            for piece in first:
                answer = push.push(piece)
                found.append(_reply(answer) if answer is not None else Reply({}))
            found.append(_reply(push.finish(last)))
        finally:
            push.close()


def _reply(answer: Answer) -> Reply:
    return Reply(answer.result, [(part.name, bytes(part.data)) for part in answer.outputs])
