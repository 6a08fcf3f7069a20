"""The viewer with its service worker, in a Chromium that keeps a profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from browser.waiting import started, until
from eitherside.module import shipped_folder
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


@pytest.fixture
def launch(playwright: Playwright, chromium: str) -> Launch:
    """Runs Chromium on a profile; the test fails on any error that a page's scripts do not handle."""
    if not (shipped_folder() / "static" / "sw.js").is_file():
        pytest.skip("the viewer is not built (make static)")

    @contextmanager
    def launched(profile: Path) -> Iterator[BrowserContext]:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=chromium, args=[*FLAGS, *sandbox(), "--js-flags=--liftoff-only"]
        )
        errors: list[str] = []
        context.on("weberror", lambda told: errors.append(str(told.error)))
        try:
            yield context
        finally:
            context.close()
        assert errors == []

    return launched


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
