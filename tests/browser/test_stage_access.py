"""Looking at a picture, for everyone: with a screen reader, in every scheme and width."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from eitherside import Codec
from support.images import animated, picture

from .axe import fits_everywhere, violations
from .test_metadata import PHOTO
from .viewer import Viewer

STATES = ("moving", "pixel", "parts", "metadata")


def high(codec: Codec) -> bytes:
    """An HDR picture with alpha, a spot colour and two layers."""
    samples = np.linspace(0, 1, 60 * 80 * 4, dtype=np.float32).reshape(60, 80, 4)
    ink = picture(80, 60, 1, "f32")[..., 0]
    return bytes(
        codec.encode(
            [samples, samples], extra=[ink, ink], colour="rec2020_pq", distance=1,
            extra_channels=[{"type": "spot", "name": "gold", "spot": [1.0, 0.5, 0.0, 0.75]}],
            layers=[{"save_as": 1, "name": "ground"}, {"blend": "blend", "source": 1}],
        ).image
    )  # fmt: skip


def bring(viewer: Viewer, state: str, codec: Codec) -> None:
    """Brings the viewer into one of its states."""
    page = viewer.page
    if state == "moving":
        viewer.open(("moving.png", animated("PNG")))
    elif state == "pixel":
        viewer.open(("photo.jpg", PHOTO))
        page.keyboard.press("i")
        page.locator("#pixel-values dd").first.wait_for()
        page.locator("#histogram > summary").click()
        page.locator(".bars").first.wait_for()
    elif state == "parts":
        viewer.open(("high.jxl", high(codec)))
        page.locator("#range-text").click()
        page.get_by_label("“gold” alone").check()
        viewer.said("Shown: “gold” alone")
    elif state == "metadata":
        viewer.open(("photo.jpg", PHOTO))
        page.locator("#metadata > summary").click()
        page.locator("[data-part='XMP']").wait_for()
        for summary in page.locator("#metadata-parts > details > summary").all():
            summary.click()
        page.locator("details.long > summary").first.click()


@pytest.mark.parametrize("state", STATES)
def test_no_violations_and_nothing_beside_the_screen(lax: Page, codec: Codec, state: str) -> None:
    bring(Viewer(lax), state, codec)
    assert violations(lax) == []
    fits_everywhere(lax)
