"""Before and after, and the difference, over the viewer's picture."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from server import Server
from support.images import picture, saved

from .conftest import connected
from .converting import Converting
from .test_convert import multipart
from .viewer import middle

PHOTO = picture(300, 200, 3)
PNG = saved(PHOTO, "PNG")


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """One page for all: starting the viewer takes longer than most of these tests."""
    with connected(browser, server) as opened:
        yield opened


@pytest.fixture
def viewer(page: Page) -> Converting:
    viewer = Converting(page)
    viewer.fresh()
    viewer.run_in("Browser")
    viewer.open(("photo.png", PNG))
    viewer.choose("JPEG XL")
    viewer.aim("Distance", "6")
    viewer.settle()
    page.locator("#split").dblclick()
    return viewer


def decoded(server: Server, data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    reply = server.post("/v1/transcode?to=png", data)
    return np.asarray(Image.open(io.BytesIO(reply.body)).convert("RGB"))


def test_the_split_shows_both_and_moves(viewer: Converting, server: Server) -> None:
    page = viewer.page
    file = server.post("/v1/transcode?to=jxl&distance=6", PNG).body
    after = decoded(server, file)
    assert (after != PHOTO).any()
    handle = page.get_by_role("slider", name="Split between original and converted")
    expect(handle).to_have_attribute("aria-valuenow", "50")

    def check(position: float) -> None:
        over = viewer.over()
        column = round(over.shape[1] * position)
        shown, before = middle(over, PHOTO)
        _, converted = middle(over, after)
        left = round((over.shape[1] - PHOTO.shape[1]) / 2)
        at = min(max(column - left, 0), shown.shape[1])
        # The outline is drawn over the edge.
        np.testing.assert_array_equal(shown[4:-4, 4 : max(at, 4), :3], before[4:-4, 4 : max(at, 4)])
        np.testing.assert_array_equal(shown[4:-4, max(at, 4) : -4, :3], converted[4:-4, max(at, 4) : -4])

    check(0.5)
    badge, label = page.locator("#ran").bounding_box(), page.locator("#over-before").bounding_box()
    assert badge and label and badge["y"] + badge["height"] <= label["y"]
    # What tells where it ran lies over the split; that lets the pointer through, but for this.
    x, y = badge["x"] + badge["width"] / 2, badge["y"] + badge["height"] / 2
    on_top = page.locator("#over-canvas").evaluate(
        """(canvas, [x, y]) => {
          const layers = [canvas, canvas.parentElement];
          for (const each of layers) each.style.pointerEvents = 'auto';
          const found = document.elementFromPoint(x, y);
          for (const each of layers) each.style.pointerEvents = '';
          return found.closest('#ran') !== null;
        }""",
        [x, y],
    )
    assert on_top
    handle.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "41")
    check(0.41)
    page.keyboard.press("Home")
    expect(handle).to_have_attribute("aria-valuetext", "original up to 0 %, JPEG XL from there")
    check(0)
    page.keyboard.press("End")
    expect(handle).to_have_attribute("aria-valuenow", "100")
    check(1)
    handle.dblclick()
    expect(handle).to_have_attribute("aria-valuenow", "50")
    expect(page.locator("#over-after")).to_contain_text("JPEG XL, ")


def test_the_handle_follows_mouse_and_finger(viewer: Converting) -> None:
    page = viewer.page
    handle = page.locator("#split")
    stage = viewer.canvas.bounding_box()
    box = handle.bounding_box()
    assert stage and box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    zoom = page.locator("#zoom").inner_text()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 0.2 * stage["width"], y, steps=4)
    page.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "30")
    viewer.swipe(x - 0.2 * stage["width"], y, 0.4 * stage["width"])
    expect(handle).to_have_attribute("aria-valuenow", "70")
    # Far out of the picture, and let go.
    viewer.swipe(x + 0.2 * stage["width"], y, 600)
    expect(handle).to_have_attribute("aria-valuenow", "100")
    page.mouse.move(x, y)
    expect(handle).to_have_attribute("aria-valuenow", "100")
    # Beside the handle, the picture is still moved and zoomed.
    page.mouse.move(stage["x"] + 20, stage["y"] + 200)
    page.mouse.wheel(0, -400)
    expect(page.locator("#zoom")).not_to_have_text(zoom)


def test_the_difference_is_compares_picture(viewer: Converting, server: Server) -> None:
    page = viewer.page
    viewer.canvas.focus()
    page.keyboard.press("b")
    viewer.said("Shown: difference")
    expect(page.get_by_role("radio", name="Difference")).to_be_checked()
    viewer.settle()
    file = server.post("/v1/transcode?to=jxl&distance=6", PNG).body
    body, kind = multipart(a=PNG, b=file)
    reply = server.post("/v1/compare?difference=png", body, Content_Type=kind, Accept="image/png")
    expected = np.asarray(Image.open(io.BytesIO(reply.body)).convert("RGB"))
    shown, heat = middle(viewer.over(), expected)
    np.testing.assert_array_equal(shown[4:-4, 4:-4, :3], heat[4:-4, 4:-4])
    scores = server.post("/v1/compare", body, Content_Type=kind, Accept="application/json").json
    label = f"Difference, SSIMULACRA 2 {scores['ssimulacra2']:.1f}, Butteraugli {scores['butteraugli']:.2f}"
    expect(page.locator("#over-after")).to_have_text(label)
    expect(page.locator("#split")).to_be_hidden()
    expect(page.locator("#preview-note")).to_contain_text("Black: no difference")
    page.keyboard.press("b")
    expect(page.locator("#over")).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator("#split")).to_be_visible()


def test_the_preview_keeps_to_its_picture_and_its_place(viewer: Converting) -> None:
    """What lies over the picture is where the stage draws it, zoomed and moved, and goes with its file."""
    page = viewer.page
    viewer.aim("Lossless")
    page.locator("#split").focus()
    page.keyboard.press("Home")
    viewer.settle()
    assert "no sample differs" in viewer.told()["Identical"]
    viewer.canvas.focus()
    for key in ("+", "+", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    viewer.settle()
    under, over = viewer.pixels(), viewer.over()
    seen = over[..., 3] == 255
    assert seen.sum() > 200_000
    apart = np.abs(under.astype(int) - over)[seen].max(axis=-1)
    # All but the outline.
    assert (apart > 2).mean() < 0.02
    viewer.open(("other.png", saved(picture(60, 40, 3), "PNG")))
    viewer.settle()
    assert "60 \u00d7 40" in viewer.told()["This part"]
