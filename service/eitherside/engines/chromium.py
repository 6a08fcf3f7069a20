"""Chromium (V8), driven by its DevTools protocol."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from typing import Any

from ..module import Module
from .browser import BrowserEngine, Driver
from .channel import Channel
from .common import EngineError
from .process import Program, Waiting, installed

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--user-data-dir={folder}/profile",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    # A page that nobody looks at must not be slowed down.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-dev-shm-usage",
    "--password-store=basic",
)
_LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


def open_engine(module: Module) -> BrowserEngine:
    """Starts Chromium with a module.

    Raises:
        EngineError: see `eitherside.engines.start`.
    """
    return BrowserEngine("chromium", _Chromium(), module)


class _Chromium(Driver):
    def __init__(self) -> None:
        path = installed(_NAMES, "chromium")
        # Chromium refuses to run its sandbox as root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        self._crashed = False
        with ExitStack() as stack:
            self._program = stack.enter_context(Program([path, *_FLAGS, *sandbox, "about:blank"]))
            waiting = Waiting(self._program, "listen")
            while not (found := _LISTENING.search(self._program.messages)):
                waiting.step()
            self._channel = Channel(found[1], self._heard)
            stack.callback(self._channel.close)
            self.version = str(self._channel.command("Browser.getVersion")["product"]).replace("/", " ")
            self._stack = stack.pop_all()

    def _heard(self, event: dict[str, Any]) -> None:
        self._crashed = self._crashed or event.get("method") == "Target.targetCrashed"

    def open(self, url: str) -> None:
        """See `Driver.open`."""
        self._channel.command("Target.setDiscoverTargets", discover=True)
        self._channel.command("Target.createTarget", url=url)

    def check(self) -> None:
        """See `Driver.check`."""
        self._program.check()
        self._channel.poll()
        if self._crashed:
            raise EngineError("the page crashed in Chromium")

    def close(self) -> None:
        """See `Driver.close`."""
        self._stack.close()
