"""A real server, the system's Chromium, and pages of the one in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from eitherside.module import shipped_folder
from server import Server, running_server
from support.conformance import CONFORMANCE

from .client import Client
from .waiting import started


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if not (shipped_folder() / "static" / "index.html").is_file():
        pytest.skip("the viewer is not built (make static)")
    with running_server() as started:
        yield started


@contextmanager
def watched(browser: Browser, server: Server) -> Iterator[Page]:
    """Gives an empty page; fails on any error that its scripts do not handle."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=server.url, service_workers="block"
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console", lambda told: errors.append(told.text) if "Content Security Policy" in told.text else None
    )
    yield opened
    context.close()
    assert errors == []


@contextmanager
def connected(browser: Browser, server: Server) -> Iterator[Page]:
    """Gives the viewer, connected; fails on any error that its scripts do not handle."""
    with watched(browser, server) as opened:
        opened.goto("/")
        started(opened)
        yield opened


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The viewer, connected; the test fails on any error that its scripts do not handle."""
    with connected(browser, server) as opened:
        yield opened


@pytest.fixture
def bare(browser: Browser, server: Server) -> Iterator[Page]:
    """An empty page with the address and the headers of the viewer: for what needs the library alone."""
    headers = server.get("/").headers
    with watched(browser, server) as opened:
        opened.route("**/", lambda route: route.fulfill(body="<!doctype html>", headers={**headers}))
        opened.goto("/")
        opened.unroute("**/")
        yield opened


@pytest.fixture
def client(page: Page) -> Client:
    """The client library, connected in a page of its own origin."""
    return Client(page)


@pytest.fixture(scope="session")
def bike() -> Path:
    """A photograph of the conformance suite."""
    path = CONFORMANCE / "bike" / "input.jxl"
    if not path.is_file():
        pytest.skip(f"the conformance suite is not at {CONFORMANCE}")
    return path
