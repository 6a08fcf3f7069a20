"""The page stays responsive: what is heavy runs in workers."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from eitherside import Codec
from support.images import picture

from .client import Client

MEGAPIXELS_12 = (4000, 3000)
LONG = 50
"""Milliseconds: what the Long Tasks API calls long."""


@pytest.fixture(scope="module")
def browser(optimising_browser: Browser) -> Browser:
    """What is to be responsive is what people use."""
    return optimising_browser


@pytest.fixture(scope="module")
def large(codec: Codec) -> bytes:
    tile = picture(500, 500, 3)
    width, height = MEGAPIXELS_12
    return codec.encode(np.tile(tile, (height // 500, width // 500, 1)), distance=2, effort=3).image


WATCH = """() => {
  window.long = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.long.push([startTime, duration]);
  }).observe({ type: "longtask" });
}"""

DECODE = """async ([text, count, options, settings]) => {
  const file = new Blob([driver.bytes(text)]);
  // What went before, this text among it, is not what is measured.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = performance.now();
  const shown = await Promise.all(Array.from({ length: count }, async () => {
    const { width, height, provenance, picture } = await driver.codec.decode(file, options, settings);
    picture?.close();
    return [width, height, provenance.place];
  }));
  const ended = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { shown, long: window.long.filter(([start]) => start >= began && start < ended) };
}"""


@pytest.mark.alone
@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({"type": "u8"}, {"place": "local"}),
        ({}, {"place": "auto", "as": "picture"}),
    ],
    ids=["samples", "picture"],
)
def test_no_long_task_while_ten_large_pictures_decode(
    client: Client, large: bytes, options: dict[str, object], how: dict[str, object]
) -> None:
    client.page.evaluate(WATCH)
    arguments = [base64.b64encode(large).decode(), 10, options, how]
    found = client.page.evaluate(DECODE, arguments)
    assert [tuple(each[:2]) for each in found["shown"]] == [MEGAPIXELS_12] * 10
    assert found["long"] == []


def test_the_observer_sees_long_tasks(page: Page) -> None:
    page.evaluate(WATCH)
    # What the test asks to evaluate is no task of the page's; a timer is.
    page.evaluate(
        "() => setTimeout(() => { const end = performance.now() + 120; while (performance.now() < end); })"
    )
    page.wait_for_timeout(300)
    assert any(duration >= LONG for _, duration in page.evaluate("window.long"))


def test_pictures_are_what_pillow_sees(client: Client) -> None:
    samples = picture(64, 48, 4)
    png = io.BytesIO()
    Image.fromarray(samples).save(png, "PNG")
    drawn = client.page.evaluate(
        """async (text) => {
          const all = {};
          for (const place of ["native", "local", "server"]) {
            const { picture } = await driver.codec.decode(driver.bytes(text), {}, { place, as: "picture" });
            const canvas = new OffscreenCanvas(picture.width, picture.height);
            const context = canvas.getContext("2d");
            context.drawImage(picture, 0, 0);
            all[place] = Array.from(context.getImageData(0, 0, picture.width, picture.height).data);
          }
          return all;
        }""",
        base64.b64encode(png.getvalue()).decode(),
    )
    opaque = samples[..., 3] == 255
    for place in ("native", "local", "server"):
        seen = np.array(drawn[place], np.uint8).reshape(48, 64, 4)
        assert (seen[..., 3] == samples[..., 3]).all(), place
        assert (seen[opaque] == samples[opaque]).all(), place
    assert drawn["local"] == drawn["server"]
