"""A real server, the system's Chromium, and pages of the one in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from eitherside.module import shipped_folder
from server import Server, running_server
from support.conformance import CONFORMANCE

from .axe import lax_viewer
from .client import Client
from .renewing import mark, renew
from .waiting import started


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if not (shipped_folder() / "static" / "index.html").is_file():
        pytest.skip("the viewer is not built (make static)")
    with running_server() as started:
        yield started


SIZE: ViewportSize = {"width": 1280, "height": 800}
"""Of the pages, in CSS pixels."""


def unhandled(page: Page) -> list[str]:
    """Gives a list that errors come into which the page's scripts do not handle."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda told: errors.append(told.text) if "Content Security Policy" in told.text else None
    )
    return errors


@contextmanager
def watched(browser: Browser, server: Server) -> Iterator[Page]:
    """Gives an empty page; fails on any error that its scripts do not handle."""
    context = browser.new_context(viewport=SIZE, base_url=server.url, service_workers="block")
    opened = context.new_page()
    errors = unhandled(opened)
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


@pytest.fixture(scope="module")
def kept(browser: Browser, server: Server) -> Iterator[tuple[Page, list[str]]]:
    """The page that `shared` renews, and the errors of its scripts."""
    with watched(browser, server) as opened:
        errors = unhandled(opened)
        opened.goto("/")
        started(opened)
        mark(opened)
        yield opened, errors


@pytest.fixture
def shared(kept: tuple[Page, list[str]]) -> Iterator[Page]:
    """The viewer as it is when it was opened, in a page that the tests of a file share.

    The test fails on any error that the page's scripts do not handle.
    """
    page, errors = kept
    renew(page, SIZE, "no-preference")
    yield page
    assert errors == []


@pytest.fixture(scope="module")
def kept_lax(browser: Browser, server: Server) -> Iterator[Page]:
    """The page that `lax` renews."""
    with lax_viewer(browser, server, viewport=SIZE, reduced_motion="reduce") as opened:
        mark(opened)
        yield opened


@pytest.fixture
def lax(kept_lax: Page) -> Page:
    """As `shared`, without content security policy, and with a user who wants no motion."""
    renew(kept_lax, SIZE, "reduce")
    return kept_lax


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
