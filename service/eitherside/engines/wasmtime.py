"""wasmtime: the engine of the service, in this process."""

from __future__ import annotations

import threading
from importlib.metadata import version

from ..binary import PAGE
from ..clock import Clock, Watch
from ..compiled import Compiled
from ..errors import CANCELLED, TIME_LIMIT, CallError
from ..host import Answer, Host
from ..instance import Broken, Exhausted, RawAnswer, Stopped
from ..module import Module
from ..request import options_text
from ..settings import Settings
from .common import MEMORY_LIMIT, Engine, EngineError, Failure, Job, Reply, pieces, pushed_input, rows
from .shared_memory import SharedInstance, compile_shared

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
        self._pages = min(MEMORY_LIMIT, module.maximum_bytes) // PAGE
        limit = self._pages * PAGE
        # Limits of the service have no part in this.
        settings = Settings.load(
            memory_per_call=limit, memory_total=2 * limit, time_limit=_LONGEST, threads=1, option_ceilings={}
        )
        self._cache = None if settings.cache_dir == "off" else settings.cache_dir
        self._host = Host(module, settings)
        self._host.start()
        self._shared: Compiled | None = None

    def run(self, job: Job) -> list[Reply]:
        """See `Engine.run`."""
        found: list[Reply] = []
        try:
            if job.shared:
                # A thread of its own, as native code that leaves the vector state dirty slows wasm code.
                thread = threading.Thread(target=self._run_shared, args=(job, found))
                thread.start()
                thread.join()
            elif job.pieces is not None:
                self._push(job, found)
            else:
                answer = self._host.call(job.function, job.options, job.inputs, time_limit=job.time_limit)
                found.append(_reply(answer))
        except CallError as error:
            if error.kind in (CANCELLED, TIME_LIMIT):
                raise EngineError(str(error)) from None
            found.append(Reply({}, (), Failure(error.code, error.message, error.option, error.input)))
        return found

    def close(self) -> None:
        """See `Engine.close`."""
        self._host.close()

    def _push(self, job: Job, found: list[Reply]) -> None:
        function = self._module.interface.functions[job.function]
        name = pushed_input(function)
        others = {key: buffers for key, buffers in job.inputs.items() if key != name}
        *first, last = pieces(b"".join(job.inputs.get(name, ())), job.pieces or ())
        push = self._host.open(job.function, job.options, others, time_limit=job.time_limit)
        try:
            for piece in first:
                answer = push.push(piece)
                found.append(_reply(answer) if answer is not None else Reply({}))
            found.append(_reply(push.finish(last)))
        finally:
            push.close()

    def _run_shared(self, job: Job, found: list[Reply]) -> None:
        if self._shared is None:
            self._shared = compile_shared(self._module, self._cache)
        function = self._module.interface.functions[job.function]
        watch = Watch(job.time_limit, lambda: False)
        given = [(index, memoryview(data)) for index, data in rows(function, job)]
        text = options_text(job.options)
        try:
            with Clock(self._shared.engine).running():
                instance = SharedInstance(self._shared, (self._module.memory.minimum, self._pages), watch)
                try:
                    if job.pieces is None:
                        found.append(self._raw(job, instance.call(function.id, text, given, mutable=False)))
                        return
                    opened = self._raw(job, instance.open(function.id, text, given))
                    if opened.failure is not None:
                        found.append(opened)
                        return
                    cut = pieces(b"".join(job.inputs[pushed_input(function)]), job.pieces)
                    for number, piece in enumerate(cut, 1):
                        last = number == len(cut)
                        raw = instance.push(memoryview(piece), last=last, mutable=False)
                        found.append(self._raw(job, raw))
                        if found[-1].failure is not None:
                            return
                finally:
                    instance.close()
                    watch.detach()
        except (Broken, Exhausted, Stopped) as error:
            found.append(Reply({}, (), Failure("internal", f"{type(error).__name__}: {error}")))

    def _raw(self, job: Job, raw: RawAnswer) -> Reply:
        function = self._module.interface.functions[job.function]
        if raw.status:
            told = raw.document
            kind = self._module.interface.error(raw.status)
            return Reply(
                {}, (), Failure(kind.code, told.get("message", ""), told.get("option"), told.get("input"))
            )
        outputs = [(function.outputs[index].name, bytes(data)) for index, data in raw.outputs]
        return Reply(raw.document, outputs)


def _reply(answer: Answer) -> Reply:
    return Reply(answer.result, [(part.name, bytes(part.data)) for part in answer.outputs])
