"""Side: the real service (gunicorn) on the loopback, asked over HTTP on connections that are open."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server import Server, running_server
from support.processes import descendants

from .calls import at_once, timed
from .side import Peak, Side
from .task import Absent, Measured, Output, Task
from .wasmtime import call_of


class Rest(Side):
    """A server that computes each call on one thread and keeps no results."""

    def __init__(self) -> None:
        settings = {"result_store": 0, "time_limit": 3600, "memory_per_call": "3GiB", "threads_per_call": 1}
        with ExitStack() as stack:
            self._server: Server = stack.enter_context(running_server(**settings))
            self._stack = stack.pop_all()
        self._peak = Peak()
        self._address, self._body, self._given = "", b"", b""
        self._task: Task | None = None

    @contextmanager
    def _posting(self) -> Iterator[Callable[[], bytes]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=600)
        connection.connect()
        with closing(connection):
            yield lambda: self._post(connection)

    def describe(self) -> dict[str, Any]:
        """See `Side.describe`."""
        from importlib.metadata import version

        return {"version": f"eitherside serve (gunicorn {version('gunicorn')})", "threads": 1}

    def prepare(self, task: Task) -> None:
        """See `Side.prepare`."""
        function, options, inputs = call_of(task)
        self._task = task
        if "image" not in inputs:
            raise Absent("measured for calls with a file")
        texts = {
            key: str(value).lower() if isinstance(value, bool) else value for key, value in options.items()
        }
        self._address, self._body = f"/v1/{function}?{urlencode(texts)}", inputs["image"]

    def _post(self, connection: http.client.HTTPConnection) -> bytes:
        kinds = {"Accept": "application/octet-stream, image/*", "Content-Type": "application/octet-stream"}
        connection.request("POST", self._address, self._body, kinds)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{self._address}: {answer.status} {data[:500]!r}")
        return data

    def run(self) -> Measured:
        """See `Side.run`."""
        self._given = b""
        root = self._server.process.pid
        processes = [root, *descendants(root)]
        # The service closes connections that have been idle for seconds, as this one is while others run.
        with self._posting() as post:
            self._given, seconds, peak = timed(self._peak, post, processes)
        return Measured(seconds, peak, 0, len(self._given))

    def save(self, path: str) -> Output:
        """See `Side.save`."""
        Path(path).write_bytes(self._given)
        task = self._task
        if task is not None and task.function == "decode":
            return Output(path, task.shape, task.dtype)
        return Output(path)

    def drop(self) -> None:
        """See `Side.drop`."""
        self._address, self._body, self._given = "", b"", b""

    def other(self, request: dict[str, Any]) -> dict[str, Any]:
        """Makes calls at the same time, as `bench.wasmtime.Wasmtime.other` does."""
        if request["do"] != "concurrent":
            return super().other(request)
        return {"seconds": at_once(request["callers"], request["each"], self._posting)}

    def close(self) -> None:
        """See `Side.close`."""
        self._stack.close()
