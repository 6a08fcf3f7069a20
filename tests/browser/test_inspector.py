"""The pixel inspector and the histogram: the file's own values."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from eitherside import Codec
from server import Server
from support.images import picture

from .viewer import Viewer
from .waiting import started

DEEP = (picture(60, 40, 3, "u16") >> 6).astype(np.uint16)
"""10 bits."""


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


@pytest.fixture(scope="module")
def deep(codec: Codec) -> bytes:
    return bytes(codec.encode(DEEP, bits_per_sample=10, lossless=True).image)


PATIENCE = 60_000
"""Milliseconds that a busy machine may take."""
SCALE = 4
"""Pixels of the screen for one of the picture."""


def enlarge(viewer: Viewer) -> None:
    """Shows a picture four times as large."""
    for _ in range(4):
        viewer.page.get_by_role("button", name="Zoom in").click()
    expect(viewer.page.locator("#zoom")).to_have_text("400 %")


def at(viewer: Viewer, x: int, y: int) -> tuple[float, float]:
    """Where a pixel of `DEEP` is on the page that shows it enlarged."""
    box = viewer.canvas.bounding_box()
    assert box is not None
    left, top = box["x"] + (box["width"] - 60 * SCALE) / 2, box["y"] + (box["height"] - 40 * SCALE) / 2
    return left + (x + 0.5) * SCALE, top + (y + 0.5) * SCALE


def reads(viewer: Viewer, x: int, y: int, *values: str) -> None:
    """Waits until the inspector tells a pixel's values."""
    expect(viewer.page.locator("#pixel-place")).to_have_text(f"x {x}, y {y}", timeout=PATIENCE)
    expect(viewer.page.locator("#pixel-values dd")).to_have_text(list(values), timeout=PATIENCE)


def of1023(x: int, y: int) -> list[str]:
    return [f"{value} of 1023" for value in DEEP[y, x]]


def test_the_pixel_under_the_pointer_and_the_cross_hair(viewer: Viewer, deep: bytes, codec: Codec) -> None:
    # The browser's own decoder has its own ideas of what is shown.
    viewer.run_in("Browser")
    viewer.open(("deep.jxl", deep))
    page = viewer.page
    enlarge(viewer)
    page.get_by_role("button", name="Inspect pixels").click()
    reads(viewer, 30, 20, *of1023(30, 20))
    viewer.said("Column 30, row 20; red ")
    page.mouse.move(*at(viewer, 3, 5))
    reads(viewer, 3, 5, *of1023(3, 5))
    eight = np.array(codec.decode(deep, type="u8", colour="srgb").samples[0])[5, 3]
    expect(page.locator("#pixel-shown")).to_have_text("#{:02x}{:02x}{:02x} sRGB".format(*eight))
    expect(page.locator("#pixel-profile")).to_have_text("sRGB")
    middle = page.evaluate(
        """() => {
          const canvas = document.querySelector('#magnifier');
          return [...canvas.getContext('2d').getImageData(54, 54, 1, 1).data];
        }"""
    )
    assert middle == [*eight, 255]
    viewer.canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    reads(viewer, 4, 15, *of1023(4, 15))
    # Turned, the arrows still go where they point.
    page.keyboard.press("r")
    page.keyboard.press("ArrowRight")
    reads(viewer, 4, 14, *of1023(4, 14))
    # All that was read with one call.
    assert [row[1] for row in viewer.calls()].count("values of deep.jxl") == 1
    page.keyboard.press("i")
    expect(page.locator("#pixel")).to_be_hidden()


def test_a_tap_inspects(browser: Browser, server: Server, deep: bytes) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, base_url=server.url, service_workers="block"
    )
    page = context.new_page()
    page.goto("/")
    started(page)
    viewer = Viewer(page)
    viewer.open(("deep.jxl", deep))
    enlarge(viewer)
    page.get_by_role("button", name="Inspect pixels").tap()
    page.touchscreen.tap(*at(viewer, 10, 30))
    reads(viewer, 10, 30, *of1023(10, 30))
    context.close()


def test_floats_and_other_channels(viewer: Viewer, codec: Codec) -> None:
    samples = np.full((8, 8, 1), -0.25, np.float32)
    depth = np.full((8, 8), 1.5, np.float32)
    file = codec.encode(samples, extra=[depth], extra_channels=[{"type": "depth"}], lossless=True).image
    viewer.open(("floats.jxl", bytes(file)))
    viewer.page.keyboard.press("i")
    reads(viewer, 4, 4, "-0.25", "1.5")
    assert viewer.page.locator("#pixel-values dt").all_inner_texts() == ["grey", "depth"]


def test_a_large_picture_is_read_in_parts(viewer: Viewer, codec: Codec) -> None:
    y, x = np.mgrid[0:2900, 0:2900].astype(np.uint16)
    large = np.stack([x, y, x // 256 + y // 256, np.full_like(x, 65535)], axis=-1)
    file = bytes(codec.encode(large, lossless=True, effort=1).image)
    viewer.run_in("Browser")
    viewer.open(("large.jxl", file))
    viewer.page.keyboard.press("i")
    reads(viewer, 1450, 1450, *(f"{value} of 65535" for value in large[1450, 1450]))
    before = viewer.calls()[0]
    viewer.canvas.focus()
    viewer.page.keyboard.press("ArrowLeft")
    reads(viewer, 1449, 1450, *(f"{value} of 65535" for value in large[1450, 1449]))
    assert viewer.calls()[0] == before
    out = viewer.page.locator("#calls tr").first.locator("td").nth(9).inner_text()
    assert out == "525 kB"


def test_the_histogram(viewer: Viewer, deep: bytes) -> None:
    viewer.open(("deep.jxl", deep))
    page = viewer.page
    page.locator("#histogram > summary").click()
    viewer.said("Histogram of deep.jxl")
    plots = page.locator("#histogram-plots").get_by_role("img")
    names = [plots.nth(index).get_attribute("aria-label") or "" for index in range(plots.count())]
    for channel, (colour, name) in enumerate(zip(("red", "green", "blue"), names, strict=True)):
        own = DEEP[..., channel]
        mean = float(f"{own.mean():.6g}")
        assert name == f"{colour}: {own.min()} to {own.max()}, mean {mean:g}; linear"
    linear = page.locator(".bars.red").get_attribute("d")
    page.get_by_label("Logarithmic").check()
    assert page.locator(".bars.red").get_attribute("d") != linear
