"""Sides in Chromium: this project's client library, codecs of others, and the browser's own decoder."""

from __future__ import annotations

import json
import mimetypes
import tempfile
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from eitherside import Module, Settings
from eitherside.module import shipped_folder
from support.chromium import chromium, installed
from support.throttle import renderers

from .side import Peak, Side
from .task import Absent, Measured, Output, Task

HERE = Path(__file__).parent
PEERS = HERE / "node_modules"
NAMES = ("chromium", "jsquash", "jxl-oxide", "browser")
_NEEDS_PEERS = {"jsquash": "@jsquash/jxl", "jxl-oxide": "jxl-oxide-wasm"}
_LONGEST = 800_000
_ISOLATED = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
_KEPT = "public, max-age=31536000, immutable"


class _Site(ThreadingHTTPServer):
    """Serves the page, the client library, the module and the peers; takes outputs."""

    daemon_threads = True

    def __init__(self, isolated: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.isolated = isolated
        self.module = Module.shipped(Settings.load().module)
        self.input = b""
        self.output = b""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def found(self, path: str) -> tuple[bytes, str] | None:
        """Returns the body at a path, and its media type."""
        if path == "/v1/interface":
            address = f"/module/{self.module.sha256}.wasm"
            module = {"sha256": self.module.sha256, "bytes": len(self.module.bytes), "url": address}
            document = {"module": module, "interface": self.module.interface.raw, "service": {}}
            return json.dumps(document).encode(), "application/json"
        if path.startswith("/module/"):
            return self.module.bytes, "application/wasm"
        if path == "/input":
            return self.input, "application/octet-stream"
        folders = {"/page/": HERE / "page", "/peers/": PEERS, "/": shipped_folder() / "static"}
        prefix = next(each for each in folders if path.startswith(each))
        file = (folders[prefix] / (path.removeprefix(prefix) or "index.html")).resolve()
        if not file.is_relative_to(folders[prefix].resolve()) or not file.is_file():
            return None
        kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file)[0]
        return file.read_bytes(), kind or "application/octet-stream"


class _Handler(BaseHTTPRequestHandler):
    server: _Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Sends a file."""
        path = urlsplit(self.path).path
        found = self.server.found(path)
        self.send_response(404 if found is None else 200)
        body, kind = found or (b"", "text/plain")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store" if path in ("/input", "/v1/interface") else _KEPT)
        if self.server.isolated:
            for name, value in _ISOLATED.items():
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Takes an output."""
        self.server.output = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Logs nothing."""


class Chromium(Side):
    """One side in a Chromium of its own, with a profile of its own."""

    def __init__(self, name: str, threads: int) -> None:
        """Starts it.

        Raises:
            Absent: there is no Chromium, or the peer is not installed.
        """
        if name not in NAMES:
            raise Absent(f"there is no side {name}")
        if installed() is None:
            raise Absent("no Chromium is on the PATH")
        if name in _NEEDS_PEERS and not (PEERS / _NEEDS_PEERS[name]).is_dir():
            raise Absent(f"{_NEEDS_PEERS[name]} is not installed: npm ci in tests/bench")
        if name == "chromium" and not (shipped_folder() / "static" / "client.js").is_file():
            raise Absent("the client library is not built: make static")
        self._name, self._threads = name, threads
        self._peak = Peak()
        self._task: Task | None = None
        with ExitStack() as stack:
            self._site = _Site(isolated=threads > 1)
            stack.callback(self._site.server_close)
            stack.callback(self._site.shutdown)
            self._profile = stack.enter_context(tempfile.TemporaryDirectory(prefix="eitherside-bench-"))
            self._context = stack.enter_context(chromium(self._profile))
            self._shown: Page | None = None
            self._stack = stack.pop_all()

    @property
    def _page(self) -> Page:
        # Not before it is used: a first visit is to be the first.
        if self._shown is None:
            self._shown = self._opened()
        return self._shown

    def _opened(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(_LONGEST)
        page.goto(f"{self._site.url}/page/index.html?side={self._name}&threads={self._threads}")
        return page

    def _do(self, code: str, argument: Any = None, page: Page | None = None) -> Any:
        try:
            return (page or self._page).evaluate(code, argument)
        except PlaywrightError as error:
            text = str(error)
            if "absent: " in text:
                raise Absent(text.partition("absent: ")[2].splitlines()[0]) from None
            raise

    def describe(self) -> dict[str, Any]:
        """See `Side.describe`."""
        found = self._do("() => window.bench.describe()")
        browser = self._context.browser
        product = browser.version if browser else ""
        if self._threads > 1 and not found["isolated"]:
            raise Absent("the page is not cross-origin isolated, so there are no threads")
        package = PEERS / _NEEDS_PEERS.get(self._name, "-") / "package.json"
        told = f"{_NEEDS_PEERS.get(self._name, self._name)}"
        if package.is_file():
            told += f" {json.loads(package.read_text())['version']}"
        if found.get("build"):
            told += f" ({found['build']})"
        threads = found["cores"] if self._threads > 1 else 1
        agent = found["agent"].partition("Chrome/")[2].partition(" ")[0]
        return {**found, "version": f"{told} in Chromium {product or agent}", "threads": threads}

    def prepare(self, task: Task) -> None:
        """See `Side.prepare`."""
        if task.function == "encode":
            samples = task.samples()
            if task.dtype != "uint8" or len(samples) > 1 or task.colour != "srgb":
                raise Absent("measured for 8-bit sRGB stills alone")
            task = Task.of({**task.raw(), "shape": (*task.shape[:3], 4)})
            self._site.input = rgba(samples).tobytes()
        else:
            self._site.input = Path(task.path).read_bytes()
        self._task = task
        self._do("(task) => window.bench.prepare(task)", {**task.raw(), "url": "/input"})

    def run(self) -> Measured:
        """See `Side.run`."""
        self._peak.begin(renderers(self._profile))
        found = self._do("() => window.bench.run()")
        rss = self._peak.read(renderers(self._profile))
        return Measured(found["seconds"], rss, 0, found["size"])

    def save(self, path: str) -> Output:
        """See `Side.save`."""
        assert self._task is not None
        self._do("(address) => window.bench.save(address)", "/output")
        Path(path).write_bytes(self._site.output)
        self._site.output = b""
        if self._task.function == "encode" or self._name == "jxl-oxide":
            return Output(path)
        _, height, width, _ = self._task.shape
        return Output(path, (1, height, width, 4))

    def drop(self) -> None:
        """See `Side.drop`."""
        self._task, self._site.input = None, b""
        self._do("() => window.bench.drop()")

    def other(self, request: dict[str, Any]) -> dict[str, Any]:
        """Opens a page anew ("visit"): seconds from its navigation to the first answer, for a small task."""
        if request["do"] != "visit":
            return super().other(request)
        task = Task.of(request["task"])
        self._site.input = Path(task.path).read_bytes()
        page = self._opened()
        code = """async (task) => {
          const ready = window.bench.describe().then(() => performance.now());
          await window.bench.prepare(task);
          await window.bench.run();
          return { ready: (await ready) / 1000, seconds: performance.now() / 1000 };
        }"""
        try:
            found: dict[str, Any] = self._do(code, {**task.raw(), "url": "/input"}, page)
        finally:
            page.close()
        return found

    def close(self) -> None:
        """See `Side.close`."""
        self._stack.close()


def rgba(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Returns 8-bit samples of one or three channels as opaque RGBA."""
    found = np.full((*samples.shape[:-1], 4), 255, np.uint8)
    found[..., :3] = samples
    return found
