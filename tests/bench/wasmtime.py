"""Side: this project's module in wasmtime, by `Host.call`, as the service and the Python API call it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eitherside import Host, Module, Settings
from eitherside.host import Answer

from .calls import at_once, timed
from .side import Peak, Side
from .task import THUMBNAIL, Absent, Measured, Output, Task

TYPES = {"uint8": "u8", "uint16": "u16", "float32": "f32"}
_DECODED = ("decode",)


class Wasmtime(Side):
    """A host with a number of threads inside each call."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._peak = Peak()
        module = Module.shipped(Settings.load().module)
        limit = min(3 << 30, module.maximum_bytes)
        settings = Settings.load(
            memory_per_call=limit, memory_total=4 * limit, time_limit=3600, option_ceilings={}
        )
        self._host = Host(module, settings)
        functions = module.interface.functions.values()
        if threads > 1 and not any(each.threads for each in functions):
            raise Absent("the module has no threads inside a call")
        self._host.start()
        self._call: Callable[[], Answer] | None = None
        self._task: Task | None = None
        self._given: Answer | None = None

    def describe(self) -> dict[str, Any]:
        """See `Side.describe`."""
        told = f"eitherside {version('eitherside')} in wasmtime {version('wasmtime')}"
        return {"version": told, "module": self._host.module.sha256, "threads": self._threads}

    def prepare(self, task: Task) -> None:
        """See `Side.prepare`."""
        function, options, inputs = call_of(task)
        self._task = task
        self._call = lambda: self._host.call(function, options, inputs, threads=self._threads)

    def run(self) -> Measured:
        """See `Side.run`."""
        assert self._call is not None
        self._given = None
        given, seconds, peak = timed(self._peak, self._call)
        self._given = given
        size = sum(len(output.data) for output in given.outputs)
        return Measured(seconds, peak, given.memory, size)

    def save(self, path: str) -> Output:
        """See `Side.save`."""
        assert self._given is not None
        assert self._task is not None
        outputs = [part for part in self._given.outputs if part.name in ("samples", "image")]
        Path(path).write_bytes(b"".join(part.data for part in outputs))
        if self._task.function not in _DECODED:
            return Output(path)
        told = self._given.result
        shape = (len(outputs), int(told["height"]), int(told["width"]), int(told["channels"]))
        names = {value: key for key, value in TYPES.items()}
        return Output(path, shape, names[told["type"]])

    def drop(self) -> None:
        """See `Side.drop`."""
        self._call, self._task, self._given = None, None, None

    def other(self, request: dict[str, Any]) -> dict[str, Any]:
        """Makes calls at the same time ("concurrent": `callers` threads, `each` calls): all their seconds."""
        if request["do"] != "concurrent":
            return super().other(request)
        call = self._call
        assert call is not None
        return {"seconds": at_once(request["callers"], request["each"], lambda: nullcontext(call))}

    def close(self) -> None:
        """See `Side.close`."""
        self._host.close()


def call_of(task: Task) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Returns the function, options and inputs of a task."""
    coding: dict[str, Any] = {"effort": task.effort}
    coding |= {"lossless": True} if task.distance is None else {"distance": task.distance}
    if task.function == "encode":
        frames, height, width, channels = task.shape
        options = {"width": width, "height": height, "channels": channels, "type": TYPES[task.dtype]}
        options |= {"colour": task.colour, **coding}
        if frames > 1:
            options["durations"] = [0.1] * frames
        return "encode", options, {"samples": [frame.tobytes() for frame in task.samples()]}
    inputs = {"image": Path(task.path).read_bytes()}
    match task.function:
        case "decode":
            return "decode", {"type": TYPES[task.dtype]}, inputs
        case "recompress":
            return "transcode", {"to": "jxl", "jpeg": "exact", "effort": task.effort}, inputs
        case "reconstruct":
            return "transcode", {"to": "jpeg", "jpeg": "exact"}, inputs
        case "transcode":
            return "transcode", {"to": "jxl", **coding}, inputs
        case "thumbnail":
            options = {"width": THUMBNAIL, "height": THUMBNAIL, "to": "jpeg", "quality": 90}
            return "thumbnail", options, inputs
    raise Absent(f"no {task.function} here")
