"""Waiting for something to come true in a page."""

from __future__ import annotations

import time

from playwright.sync_api import Page

STEP = 25.0
"""Milliseconds between two looks."""


def until(page: Page, expression: str, arg: object = None, seconds: float = 60.0) -> None:
    """Waits until an expression, or a function of `arg`, is true in the page.

    Playwright's own waiting evaluates strings within the page, which the viewer's policy forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"not true within {seconds:g} s: {expression}"
        page.wait_for_timeout(STEP)


def started(page: Page) -> None:
    """Waits until the viewer has its codec: it tells of the module then."""
    until(page, "document.querySelector('#about').textContent !== ''")
