"""What holds in every state of the viewer: axe finds nothing, and nothing lies beside the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from server import Server

from .waiting import started

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def lax_viewer(browser: Browser, server: Server, **context: Any) -> Iterator[Page]:
    """Gives the viewer without its content security policy, which keeps the checker's script out."""
    opened = browser.new_context(bypass_csp=True, base_url=server.url, service_workers="block", **context)
    page = opened.new_page()
    page.goto("/")
    started(page)
    yield page
    opened.close()


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds in the page as it is, in each scheme: the scheme, the rule and the elements."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci in static/)")
    if page.evaluate("typeof axe") == "undefined":
        page.add_script_tag(path=AXE)
    seen: list[tuple[str, str, list[str]]] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found: list[dict[str, Any]] = page.evaluate(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
        )
        seen += [(scheme, each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    return seen


def fits(page: Page) -> None:
    """Nothing lies beside the screen as it is now."""
    # What watches sizes is told in the frame after they changed.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seen, whole = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert whole <= seen
    outside = page.evaluate(
        """() => {
          const all = [...document.querySelectorAll('button, select, input, h1, h2, dd, summary')];
          const isOutside = ({ left, right, width }) => width > 0 && (left < -1 || right > innerWidth + 1);
          return all
            .filter((each) => !each.closest('.scroll, .files') && isOutside(each.getBoundingClientRect()))
            .map((each) => each.outerHTML);
        }"""
    )
    assert outside == []


def fits_everywhere(page: Page) -> None:
    """Nothing lies beside narrow screens. 640 by 400 is a 1280 by 800 screen at 200 %."""
    for width, height in ((360, 640), (640, 400), (320, 568)):
        page.set_viewport_size({"width": width, "height": height})
        fits(page)
