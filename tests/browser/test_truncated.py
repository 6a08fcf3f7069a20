"""Files that break off or are damaged: as much of them as decodes is seen, and said so."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from eitherside import Codec
from support.images import picture, saved

from .viewer import Viewer, middle

PHOTO = picture(640, 480, 3)


@pytest.fixture(scope="module")
def progressive(codec: Codec) -> bytes:
    return codec.encode(PHOTO, distance=1, progressive=True, effort=3).image


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def error(viewer: Viewer) -> float:
    """How far what is shown is from the photograph, on average."""
    viewer.page.keyboard.press("1")
    shown, expected = middle(viewer.pixels(), PHOTO)
    assert (shown[..., 3] == 255).all()
    return float(np.abs(shown[..., :3].astype(int) - expected).mean())


@pytest.mark.parametrize("place", ["Auto", "Server"])
def test_a_file_that_breaks_off(viewer: Viewer, progressive: bytes, place: str) -> None:
    page = viewer.page
    viewer.run_in(place)
    viewer.open(("half.jxl", progressive[: len(progressive) * 6 // 10]))
    expect(page.locator("#failure")).to_be_hidden()
    notice = page.locator("#notice-text")
    expect(notice).to_contain_text("The end of this file is missing: ")
    viewer.said("half.jxl is shown, 640 by 480 pixels. The end of this file is missing")
    assert viewer.fact("Size").startswith("640 ")
    half = error(viewer)
    viewer.open(("little.jxl", progressive[: len(progressive) // 5]))
    expect(notice).to_contain_text("The end of this file is missing: ")
    little = error(viewer)
    viewer.open(("whole.jxl", progressive))
    expect(page.locator("#notice")).to_be_hidden()
    assert little > half > error(viewer)
    page.keyboard.press("p")
    viewer.wait("little.jxl")
    expect(notice).to_be_visible()
    page.locator("#notice-retry").click()
    viewer.wait("little.jxl")
    expect(notice).to_contain_text("The end of this file is missing: ")
    page.locator("#notice-close").click()
    viewer.wait("whole.jxl")


def test_a_file_that_is_all_but_missing(viewer: Viewer, progressive: bytes) -> None:
    viewer.open(("header.jxl", progressive[:30]))
    failure = viewer.page.locator("#failure")
    expect(failure).to_contain_text("header.jxl cannot be shown")
    expect(failure).to_contain_text("no picture can be made of the rest")


def test_a_damaged_file(viewer: Viewer, progressive: bytes) -> None:
    damaged = bytearray(progressive)
    at = len(damaged) * 6 // 10
    damaged[at : at + 2000] = b"\x55" * 2000
    viewer.run_in("Browser")
    viewer.open(("damaged.jxl", bytes(damaged)))
    expect(viewer.page.locator("#notice-text")).to_contain_text("This file is damaged: ")
    assert error(viewer) < 60


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_what_the_browser_makes_of_the_rest(viewer: Viewer, image_format: str) -> None:
    data = saved(PHOTO, image_format)
    viewer.open(("half.img", data[: len(data) // 2]))
    expect(viewer.page.locator("#notice-text")).to_contain_text("own decoder")
    shown, expected = middle(viewer.pixels(), PHOTO)
    above = np.abs(shown[: len(shown) // 3, :, :3].astype(int) - expected[: len(shown) // 3])
    assert above.mean() < 6
