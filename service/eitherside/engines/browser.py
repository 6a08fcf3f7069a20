"""What the browsers have in common: a page that runs jobs, opened by an automation protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack

from ..module import Module
from .common import Engine, Job, Reply
from .server import PageServer


class Driver(ABC):
    """A browser that was started and is driven by its automation protocol.

    Attributes:
        version: product and version.
    """

    version: str

    @abstractmethod
    def open(self, url: str) -> None:
        """Opens a page.

        Raises:
            EngineError: the browser refuses, or has ended.
        """

    @abstractmethod
    def check(self) -> None:
        """Looks after the browser.

        Raises:
            EngineError: it, or the page, has ended.
        """

    @abstractmethod
    def close(self) -> None:
        """Ends the browser and all that was started with it."""


class BrowserEngine(Engine):
    """A browser whose page runs jobs by the client library."""

    def __init__(self, name: str, driver: Driver, module: Module) -> None:
        """Opens the page; the driver is closed with this engine, and where this fails."""
        self.name = name
        self.version = driver.version
        self._driver = driver
        with ExitStack() as stack:
            stack.callback(driver.close)
            self._server = stack.enter_context(PageServer(module))
            driver.open(self._server.url)
            self._stack = stack.pop_all()

    def run(self, job: Job) -> list[Reply]:
        """See `Engine.run`."""
        return self._server.run(job, self._driver.check)

    def close(self) -> None:
        """See `Engine.close`."""
        self._stack.close()
