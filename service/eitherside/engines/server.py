"""The page that a browser opens to run jobs, and the server on loopback that it gets them from."""

from __future__ import annotations

import json
import secrets
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.security import safe_join
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from ..http.description import WASM
from ..module import Module, shipped_folder
from .common import MEMORY_LIMIT, EngineError, Failure, Job, Reply, pieces, pushed_input, rows

_HERE = Path(__file__).parent
_SILENCE = 30.0
_LONG_POLL = 5.0
_TYPES = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".css": "text/css"}
_SCRIPTS = ("page.js", "shared.js", "helper.js")
_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    # Cross-origin isolation: memory is shared with workers in no other page.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class PageServer:
    """Serves the page, the client library, the module, and one job at a time; takes the replies."""

    def __init__(self, module: Module) -> None:
        """Starts the server on a free port of the loopback interface.

        Raises:
            EngineError: the client library is not built.
        """
        self._module = module
        self._static = shipped_folder() / "static"
        if not (self._static / "client.js").is_file():
            raise EngineError("the client library is not built: run make static")
        # Whoever else is on this machine does not know the path, so has no part in this.
        base = f"/{secrets.token_urlsafe(16)}"
        self._routes = Map(
            [
                Rule(f"{base}/", endpoint="page", methods=["GET"]),
                Rule(f"{base}/v1/interface", endpoint="interface", methods=["GET"]),
                Rule(f"{base}/module.wasm", endpoint="module", methods=["GET"]),
                Rule(f"{base}/next/<int:done>", endpoint="next", methods=["GET"]),
                Rule(f"{base}/alive", endpoint="alive", methods=["GET"]),
                Rule(f"{base}/failed", endpoint="failed", methods=["POST"]),
                Rule(f"{base}/inputs/<int:number>/<int:row>", endpoint="input", methods=["GET"]),
                Rule(f"{base}/replies/<int:number>", endpoint="replies", methods=["POST"]),
                Rule(f"{base}/<path:path>", endpoint="file", methods=["GET"]),
            ]
        )
        self._changed = threading.Condition()
        self._number = 0
        self._job: dict[str, Any] | None = None
        self._buffers: list[bytes] = []
        self._replies: list[Reply] | None = None
        self._failed: str | None = None
        self._heard = time.monotonic()
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}{base}/"
        self._thread = threading.Thread(target=self._server.serve_forever, name="engine page", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops the server."""
        with self._changed:
            self._failed = "the engine was closed"
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def run(self, job: Job, check: Callable[[], None]) -> list[Reply]:
        """Gives a job to the page and waits for its replies.

        Args:
            job: the job.
            check: is called often while it runs, and raises where the engine has ended.

        Raises:
            EngineError: the page fell silent, or took longer than the job's limit.
        """
        document, buffers = self._described(job)
        with self._changed:
            self._number += 1
            self._job, self._buffers, self._replies = {**document, "number": self._number}, buffers, None
            self._heard = time.monotonic()
            self._changed.notify_all()
        end = time.monotonic() + job.time_limit
        try:
            return self._wait(end, check)
        finally:
            with self._changed:
                self._job, self._buffers = None, []

    def _wait(self, end: float, check: Callable[[], None]) -> list[Reply]:
        while True:
            with self._changed:
                if self._replies is None and self._failed is None:
                    self._changed.wait(0.2)
                if self._replies is not None:
                    return self._replies
                failed, heard = self._failed, self._heard
            if failed is not None:
                raise EngineError(f"the page failed: {failed}")
            check()
            now = time.monotonic()
            if now > end:
                raise EngineError("the job took longer than its limit")
            if now - heard > _SILENCE:
                raise EngineError(f"the page was silent for {_SILENCE:g} s: it may have crashed")

    def _described(self, job: Job) -> tuple[dict[str, Any], list[bytes]]:
        function = self._module.interface.functions[job.function]
        given = rows(function, job)
        buffers = [data for _, data in given]
        document: dict[str, Any] = {
            "function": function.name,
            "id": function.id,
            "options": dict(job.options),
            "inputs": [{"name": function.inputs[index].name, "index": index} for index, _ in given],
            "outputs": [output.name for output in function.outputs],
            "shared": job.shared,
            "threads": job.threads,
        }
        if job.pieces is not None:
            name = pushed_input(function)
            cut = pieces(b"".join(job.inputs.get(name, ())), job.pieces)
            document["pushed"] = {"name": name, "pieces": len(cut)}
            buffers += cut
        return document, buffers

    def _serve(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        try:
            endpoint, arguments = self._routes.bind_to_environ(environ).match()
            response: Response = getattr(self, f"_on_{endpoint}")(request, **arguments)
        except HTTPException as error:
            return error(environ, start_response)
        response.headers.extend(Headers(_HEADERS))
        return response(environ, start_response)

    def _on_page(self, request: Request) -> Response:
        return Response((_HERE / "page.html").read_bytes(), content_type=_TYPES[".html"])

    def _on_interface(self, request: Request) -> Response:
        module = {"sha256": self._module.sha256, "bytes": len(self._module.bytes), "url": "../module.wasm"}
        document = {"module": module, "interface": self._module.interface.raw, "service": {}}
        return Response(json.dumps(document), content_type="application/json")

    def _on_module(self, request: Request) -> Response:
        return Response(self._module.bytes, content_type=WASM)

    def _on_file(self, request: Request, path: str) -> Response:
        if path in _SCRIPTS:
            found = _HERE / path
        else:
            joined = safe_join(str(self._static), path)
            found = Path(joined) if joined is not None else self._static
        if not found.is_file():
            raise NotFound
        return Response(found.read_bytes(), content_type=_TYPES.get(found.suffix, "application/octet-stream"))

    def _on_alive(self, request: Request) -> Response:
        self._heard = time.monotonic()
        return Response(status=204)

    def _on_failed(self, request: Request) -> Response:
        with self._changed:
            self._failed = request.get_data(as_text=True)[:2000]
            self._changed.notify_all()
        return Response(status=204)

    def _on_next(self, request: Request, done: int) -> Response:
        with self._changed:
            self._heard = time.monotonic()
            self._changed.wait_for(lambda: self._failed or (self._job and self._number > done), _LONG_POLL)
            if self._job is None or self._number <= done:
                return Response(status=204)
            settings = {
                "memoryLimit": MEMORY_LIMIT,
                "pages": [self._module.memory.minimum, self._module.memory.maximum],
            }
            return Response(json.dumps({**self._job, **settings}), content_type="application/json")

    def _on_input(self, request: Request, number: int, row: int) -> Response:
        with self._changed:
            if number != self._number or row >= len(self._buffers):
                raise NotFound
            return Response(self._buffers[row], content_type="application/octet-stream")

    def _on_replies(self, request: Request, number: int) -> Response:
        replies = parse(request.get_data(cache=False))
        with self._changed:
            # A job that took too long is over; its replies come too late.
            if number == self._number:
                self._replies = replies
                self._changed.notify_all()
        return Response(status=204)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def parse(body: bytes) -> list[Reply]:
    """Reads replies as the page writes them: the length of a JSON document, the document, all buffers."""
    (length,) = struct.unpack_from("<I", body)
    at = 4 + length
    replies = []
    for each in json.loads(body[4:at]):
        outputs = []
        for name, size in each.get("outputs", []):
            outputs.append((str(name), body[at : at + size]))
            at += size
        failure = Failure(**each["failure"]) if each.get("failure") else None
        replies.append(Reply(each.get("result") or {}, outputs, failure))
    return replies


class _Quiet(WSGIRequestHandler):
    """Logs nothing: the terminal belongs to whoever runs the jobs."""

    def log(self, *arguments: Any, **facts: Any) -> None:
        """Does nothing."""
