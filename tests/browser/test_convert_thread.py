"""Trying options leaves the page free: all of it runs in workers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from server import Server
from support.images import picture, saved

from .conftest import connected
from .converting import Converting


@pytest.fixture
def page(optimising_browser: Browser, server: Server) -> Iterator[Page]:
    """What is to be responsive is what people use."""
    with connected(optimising_browser, server) as opened:
        yield opened


LONG = 50.0
"""Milliseconds: what the Long Tasks API calls long, here as time of the processor."""


def tasks(trace: bytes) -> list[float]:
    """What each task of the page's main thread took of the processor, in milliseconds."""
    events = json.loads(trace)["traceEvents"]
    named = [each for each in events if each.get("name") == "thread_name"]
    mains = {(each["pid"], each["tid"]) for each in named if each["args"]["name"] == "CrRendererMain"}
    return [
        each["tdur"] / 1000
        for each in events
        if each.get("ph") == "X" and (each["pid"], each["tid"]) in mains and "tdur" in each
    ]


@pytest.mark.alone
def test_no_long_task_while_a_slider_moves(page: Page, optimising_browser: Browser) -> None:
    viewer = Converting(page)
    viewer.run_in("Browser")
    tile = picture(500, 500, 3)
    viewer.open(("large.png", saved(np.tile(tile, (3, 4, 1)), "PNG", compress_level=1)))
    viewer.choose("JPEG XL")
    page.locator("#option-effort").fill("3")
    viewer.aim("Distance")
    viewer.settle()
    slider = page.get_by_role("slider", name="Distance")
    optimising_browser.start_tracing(page=page, categories=["toplevel"])
    for _ in range(3):
        for _ in range(5):
            slider.press("ArrowRight")
        viewer.settle()
    found = tasks(optimising_browser.stop_tracing())
    assert viewer.told()["Distance"] == "2.5"
    assert len(found) > 100
    assert max(found) < LONG
