"""axe, the checker of accessibility, in pages of the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from server import Server

from .waiting import until

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@contextmanager
def lax_viewer(browser: Browser, server: Server, **context: Any) -> Iterator[Page]:
    """Gives the viewer without its content security policy, which keeps the checker's script out."""
    opened = browser.new_context(bypass_csp=True, base_url=server.url, **context)
    page = opened.new_page()
    page.goto("/")
    until(page, "document.querySelector('#about').textContent !== ''")
    yield page
    opened.close()


def violations(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds in the page as it is, in each scheme: the scheme, the rule and the elements."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci in static/)")
    page.add_script_tag(path=AXE)
    seen: list[tuple[str, str, list[str]]] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found: list[dict[str, Any]] = page.evaluate(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
        )
        seen += [(scheme, each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    return seen
