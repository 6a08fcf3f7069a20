"""The viewer with its service worker, in a Chromium that keeps a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from browser.waiting import started, until
from eitherside.module import shipped_folder
from server import Server, running_server
from support.chromium import FLAGS, sandbox

KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys()) {
    const requests = await (await caches.open(name)).keys();
    kept[name] = requests.map(({ url }) => url.slice(location.origin.length)).sort();
  }
  return kept;
}"""

Launch = Callable[[Path], AbstractContextManager[BrowserContext]]


@pytest.fixture(scope="module")
def built() -> None:
    """Skips where there is no service worker."""
    if not (shipped_folder() / "static" / "sw.js").is_file():
        pytest.skip("the viewer is not built (make static)")


@pytest.fixture
def launch(playwright: Playwright, chromium: str, built: None) -> Launch:
    """Runs Chromium on a profile; the test fails on any error that a page's scripts do not handle."""

    @contextmanager
    def launched(profile: Path) -> Iterator[BrowserContext]:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=chromium, args=[*FLAGS, *sandbox(), "--js-flags=--liftoff-only"]
        )
        with watched(context):
            yield context

    return launched


@pytest.fixture
def fresh(browser: Browser, built: None) -> Iterator[BrowserContext]:
    """A profile of its own in the browser that runs already: for what need not be installed or come back."""
    with watched(browser.new_context()) as context:
        yield context


@pytest.fixture(scope="module")
def server(built: None) -> Iterator[Server]:
    """A service for the tests that let it live."""
    with running_server() as running:
        yield running


@contextmanager
def watched(context: BrowserContext) -> Iterator[BrowserContext]:
    """Closes a profile at the end; fails on any error that a page's scripts did not handle."""
    errors: list[str] = []
    context.on("weberror", lambda told: errors.append(str(told.error)))
    try:
        yield context
    finally:
        context.close()
    assert errors == []


def visit(context: BrowserContext, url: str) -> Page:
    """Opens the viewer in a new page and waits until it is connected."""
    page = context.new_page()
    page.goto(url)
    started(page)
    return page


def ready(page: Page) -> None:
    """Waits until the page has said that it can do without a network."""
    until(page, "!document.querySelector('#offline-ready').hidden")


def kept(page: Page) -> dict[str, list[str]]:
    """What is kept: the names of caches, and the paths in each."""
    found: dict[str, list[str]] = page.evaluate(KEPT)
    return found
