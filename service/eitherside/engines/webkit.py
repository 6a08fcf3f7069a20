"""WebKitGTK (JavaScriptCore), driven by WebDriver (W3C) over HTTP, on an X server of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import urllib3

from ..module import Module
from .browser import BrowserEngine, Driver
from .common import EngineError
from .process import START_LIMIT, Program, Waiting, installed

_BROWSERS = "*/webkit2gtk-4*/MiniBrowser"
_LIBRARIES = (Path("/usr/lib"), Path("/usr/libexec"), Path("/usr/lib64"))
_CHECK_EVERY = 2.0


def open_engine(module: Module) -> BrowserEngine:
    """Starts WebKitGTK's MiniBrowser with a module.

    Raises:
        EngineError: see `eitherside.engines.start`.
    """
    return BrowserEngine("webkit", _WebKit(), module)


class _WebKit(Driver):
    def __init__(self) -> None:
        driver = installed(("WebKitWebDriver",), "webkit2gtk-driver")
        display = installed(("Xvfb",), "xvfb")
        browser = _mini_browser()
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(START_LIMIT))
        self._checked = time.monotonic()
        with ExitStack() as stack:
            self._screen, number = _screen(stack, display)
            port = _free_port()
            # No bus, no settings of the user's; the picture is nobody's business, so no acceleration either.
            environment = {
                "DISPLAY": f":{number}",
                "GDK_BACKEND": "x11",
                "GSETTINGS_BACKEND": "memory",
                "NO_AT_BRIDGE": "1",
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
                "DBUS_SESSION_BUS_ADDRESS": "disabled:",
                # WebKitGTK sends no shared memory to workers otherwise, not even in isolated pages.
                "JSC_useSharedArrayBuffer": "1",
            }
            command = [driver, "--host=127.0.0.1", f"--port={port}"]
            self._program = stack.enter_context(Program(command, environment=environment))
            self._base = f"http://127.0.0.1:{port}"
            self._await()
            options = {"binary": str(browser), "args": ["--automation"]}
            wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
            found = self._request("POST", "/session", {"capabilities": wanted})
            self._session = f"/session/{found['sessionId']}"
            stack.callback(self._end)
            facts = found["capabilities"]
            self.version = f"WebKitGTK {facts['browserVersion']}"
            self._stack = stack.pop_all()

    def _await(self) -> None:
        waiting = Waiting(self._program, "listen")
        while True:
            try:
                self._request("GET", "/status")
                return
            except EngineError:
                waiting.step()

    def _request(self, method: str, path: str, document: dict[str, Any] | None = None) -> Any:
        try:
            response = self._http.request(method, self._base + path, json=document)
            found = response.json()
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise EngineError(f"WebKitWebDriver does not answer: {error}") from None
        value = found.get("value") if isinstance(found, dict) else None
        if response.status != 200:
            told = value.get("message") or value.get("error") if isinstance(value, dict) else response.status
            raise EngineError(f"WebKitWebDriver refuses: {told}")
        return value

    def _end(self) -> None:
        with contextlib.suppress(EngineError):
            self._request("DELETE", self._session)

    def open(self, url: str) -> None:
        """See `Driver.open`."""
        self._request("POST", f"{self._session}/url", {"url": url})

    def check(self) -> None:
        """See `Driver.check`."""
        self._screen.check()
        self._program.check()
        if time.monotonic() - self._checked > _CHECK_EVERY:
            self._request("GET", f"{self._session}/window")
            self._checked = time.monotonic()

    def close(self) -> None:
        """See `Driver.close`."""
        self._stack.close()
        self._http.clear()


def _mini_browser() -> Path:
    for folder in _LIBRARIES:
        found = sorted([*folder.glob(_BROWSERS), *folder.glob(_BROWSERS.removeprefix("*/"))])
        if found:
            return found[-1]
    raise EngineError(
        "WebKitGTK's MiniBrowser is not installed; Debian has it in the package webkit2gtk-driver"
    )


def _screen(stack: ExitStack, path: str) -> tuple[Program, int]:
    """Starts an X server; it finds a free number itself and tells it through a pipe."""
    reading, writing = os.pipe()
    try:
        command = [path, "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
        program = stack.enter_context(Program(command, keep=[writing]))
    finally:
        os.close(writing)
    os.set_blocking(reading, False)
    waiting = Waiting(program, "start")
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                if text := os.read(reading, 64).strip():
                    return program, int(text)
            waiting.step()
    finally:
        os.close(reading)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
