"""Fixtures: a service on a port that it keeps, and devices."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser

from .device import STATIC, Device
from .stored import Stored

Devices = Callable[..., Device]


def free_port() -> int:
    """Returns a port that nobody listens on, and none that the system gives to connections.

    A service that is started again must find it as free as before.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """A service that has the same address when it is started again: it is the origin of the pages."""
    if not (STATIC / "library.js").is_file():
        pytest.skip("the viewer is not built (make static)")
    folder = tmp_path_factory.mktemp("service") / "data"
    found = Stored(folder, port=free_port(), job_lease=2, libraries_per_address=200)
    yield found
    found.close()


@pytest.fixture
def devices(browser: Browser, service: Stored) -> Iterator[Devices]:
    """Makes devices; a test fails on any error that their pages do not handle."""
    headers = dict(service.server.get("/").headers)
    kept = {name: headers[name] for name in headers if name.startswith(("content-security", "cross-origin"))}
    made: list[Device] = []

    def make(**options: object) -> Device:
        # Nobody wants to wait for long in a test.
        made.append(Device(browser, service.server.url, kept, **{"limits": {"pause": 1000}, **options}))
        return made[-1]

    yield make
    for device in made:
        device.close()
    assert [error for device in made for error in device.errors] == []
