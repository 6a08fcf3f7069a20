"""A browser with a library in it: an empty page of the service's origin that imports ``/library.js``."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from browser.waiting import until
from eitherside.module import shipped_folder

DRIVER = Path(__file__).with_name("driver.js").read_text()
STATIC = shipped_folder() / "static"


class Device:
    """A browser's context, as another device would have it: its own storage, its own network."""

    def __init__(self, browser: Browser, url: str, headers: dict[str, str], **options: object) -> None:
        """Makes it; `options` are those of ``Library.open``."""
        self.context: BrowserContext = browser.new_context(base_url=url)
        self.options = options
        self.headers = headers
        self.errors: list[str] = []
        # What a service worker would do: page and scripts are there without a network.
        self.context.route("**/", self._serve)
        self.context.route("**/*.js", self._serve)

    def _serve(self, route: Route) -> None:
        name = route.request.url.split("/", 3)[3].split("?")[0]
        headers = {**self.headers, "content-type": "text/javascript" if name else "text/html; charset=utf-8"}
        route.fulfill(body=(STATIC / name).read_bytes() if name else "<!doctype html>", headers=headers)

    def tab(self, **options: object) -> Tab:
        """Opens a tab with the library."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        tab = Tab(page, {**self.options, **options})
        tab.open()
        return tab

    def close(self) -> None:
        """Ends it, with all that it stored."""
        self.context.close()


class Tab:
    """A page with an open library."""

    def __init__(self, page: Page, options: dict[str, object]) -> None:
        self.page = page
        self.options = options

    def open(self) -> None:
        """Loads the page, or loads it again, and opens the library."""
        self.page.goto("/")
        self.page.evaluate(DRIVER, self.options)

    def call(self, name: str, *args: object) -> Any:
        """Calls a method of the library and waits for it."""
        return self.page.evaluate("([name, args]) => device.call(name, args)", [name, args])

    def begin(self, name: str, *args: object) -> None:
        """Calls a method of the library and does not wait."""
        self.page.evaluate("([name, args]) => { device.call(name, args).catch(() => 0) }", [name, args])

    def add(self, *files: tuple[str, bytes], collection: str | None = None) -> dict[str, Any]:
        """Adds files by name and bytes."""
        given = [{"name": name, "base64": encoded(data)} for name, data in files]
        told: dict[str, Any] = self.page.evaluate(
            "([files, collection]) => device.add(files, collection ?? undefined)", [given, collection]
        )
        return told

    def state(self) -> Any:
        """What all clients of the library must agree on."""
        return self.page.evaluate("device.state()")

    def sync(self) -> Any:
        """How it is with the service."""
        return self.page.evaluate("device.sync()")

    def until(self, expression: str, arg: object = None, seconds: float = 30) -> None:
        """Waits until an expression is true in the page."""
        until(self.page, expression, arg, seconds)

    def quiet(self, seconds: float = 60) -> None:
        """Waits until nothing is left to be sent, and the service's events are heard."""
        until(self.page, "device.isQuiet()", seconds=seconds)

    def remote(self) -> dict[str, str]:
        """The library of the service."""
        found: dict[str, str] = self.sync()["remote"]
        return found


def encoded(data: bytes) -> str:
    """Returns bytes as the driver takes them."""
    return base64.b64encode(data).decode()


def words(states: Sequence[Any]) -> set[str]:
    """Every word of the captions of some states."""
    return {
        word for state in states for each in state["pictures"].values() for word in each["caption"].split()
    }
