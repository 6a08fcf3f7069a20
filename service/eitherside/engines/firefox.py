"""Firefox (SpiderMonkey), driven by WebDriver BiDi (W3C), which it speaks itself."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from typing import Any

from ..module import Module
from .browser import BrowserEngine, Driver
from .channel import Channel
from .common import EngineError
from .process import Program, Waiting, installed

_NAMES = ("firefox-esr", "firefox")
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_PREFERENCES = {
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    # Pages that nobody looks at keep their timers.
    "dom.timeout.background_throttling_max_budget": -1,
    "dom.ipc.processPrelaunch.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}


def open_engine(module: Module) -> BrowserEngine:
    """Starts Firefox with a module.

    Raises:
        EngineError: see `eitherside.engines.start`.
    """
    return BrowserEngine("firefox", _Firefox(), module)


class _Firefox(Driver):
    def __init__(self) -> None:
        path = installed(_NAMES, "firefox-esr")
        command = [path, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", "{folder}"]
        self._closed: str | None = None
        with ExitStack() as stack:
            self._program = stack.enter_context(_Profiled(command))
            waiting = Waiting(self._program, "listen")
            while not (found := _LISTENING.search(self._program.messages)):
                waiting.step()
            self._channel = Channel(f"{found[1]}/session", self._heard)
            stack.callback(self._channel.close)
            session = self._channel.command("session.new", capabilities={})
            facts = session["capabilities"]
            self.version = f"{str(facts['browserName']).capitalize()} {facts['browserVersion']}"
            self._stack = stack.pop_all()

    def _heard(self, event: dict[str, Any]) -> None:
        if event.get("method") == "browsingContext.contextDestroyed":
            self._closed = "the page crashed or was closed in Firefox"

    def open(self, url: str) -> None:
        """See `Driver.open`."""
        context = self._channel.command("browsingContext.create", type="tab")["context"]
        # To be told of it where the page's process crashes.
        self._channel.command("session.subscribe", events=["browsingContext.contextDestroyed"])
        self._channel.command("browsingContext.navigate", context=context, url=url, wait="interactive")

    def check(self) -> None:
        """See `Driver.check`."""
        self._program.check()
        self._channel.poll()
        if self._closed is not None:
            raise EngineError(self._closed)

    def close(self) -> None:
        """See `Driver.close`."""
        self._stack.close()


class _Profiled(Program):
    """Firefox with its preferences in a new profile."""

    def prepare(self) -> None:
        """Writes the preferences."""
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()
        ]
        (self.folder / "user.js").write_text("\n".join(lines) + "\n")
