"""Trying options leaves the page free: all of it runs in workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from server import Server
from support.images import picture, saved

from .conftest import connected
from .converting import Converting
from .dropping import drop_paths
from .tasks import CATEGORIES, LONG, computed


@pytest.fixture
def page(optimising_browser: Browser, server: Server) -> Iterator[Page]:
    """What is to be responsive is what people use."""
    with connected(optimising_browser, server) as opened:
        yield opened


@pytest.mark.alone
def test_no_long_task_while_a_slider_moves(page: Page, optimising_browser: Browser, tmp_path: Path) -> None:
    viewer = Converting(page)
    viewer.run_in("Browser")
    tile = picture(500, 500, 3)
    large = tmp_path / "large.png"
    large.write_bytes(saved(np.tile(tile, (3, 4, 1)), "PNG", compress_level=1))
    # A file as text, as other tests hand theirs over, is what the page would then have to sweep away.
    drop_paths(page, [large])
    viewer.wait(large.name)
    viewer.choose("JPEG XL")
    page.locator("#option-effort").fill("3")
    viewer.aim("Distance")
    viewer.settle()
    slider = page.get_by_role("slider", name="Distance")
    optimising_browser.start_tracing(page=page, categories=CATEGORIES)
    for _ in range(2):
        for _ in range(5):
            slider.press("ArrowRight")
        viewer.settle()
    found = computed(optimising_browser.stop_tracing())
    assert viewer.told()["Distance"] == "2"
    assert max(found) < LONG
