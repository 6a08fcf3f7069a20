"""Looking at a picture: turned, enlarged, played, its layers and channels, and in high dynamic range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from eitherside import Codec
from support.images import animated, picture, saved

from .viewer import Viewer, middle

PHOTO = picture(300, 200, 3)
PNG = saved(PHOTO, "PNG")
SMALL = picture(12, 10, 3)


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def shown(viewer: Viewer, expected: NDArray[Any]) -> None:
    """The canvas shows a picture one to one, centred."""
    seen, wanted = middle(viewer.pixels(), expected)
    np.testing.assert_array_equal(seen[..., :3], wanted[..., :3])


def over(viewer: Viewer) -> int:
    """How many pixels the layer over the picture has drawn on."""
    viewer.pixels()
    count: int = viewer.page.evaluate(
        """() => {
          const canvas = document.querySelector('#overlay');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
    return count


def layered(codec: Codec) -> tuple[bytes, NDArray[Any], NDArray[Any]]:
    """A file of an opaque ground and a soft figure over it, and the two."""
    ground = np.dstack([picture(60, 40, 3), np.full((40, 60), 255, np.uint8)])
    figure = picture(20, 10, 4, seed=3)
    layers = [
        {"name": "ground", "save_as": 1},
        {"name": "figure", "width": 20, "height": 10, "x": 7, "y": 9, "blend": "blend", "source": 1},
    ]
    file = codec.encode(
        [ground.tobytes(), figure.tobytes()], width=60, height=40, channels=4, type="u8",
        layers=layers, lossless=True,
    )  # fmt: skip
    return bytes(file.image), ground, figure


def test_turned_and_mirrored(viewer: Viewer) -> None:
    viewer.open(("photo.png", PNG))
    page = viewer.page
    page.keyboard.press("1")
    page.keyboard.press("r")
    shown(viewer, np.rot90(PHOTO, -1))
    expect(viewer.canvas).to_have_accessible_name("photo.png, 300 by 200 pixels, at 100 %, turned by 90°")
    page.get_by_role("button", name="Mirror").click()
    shown(viewer, np.rot90(PHOTO, -1)[:, ::-1])
    viewer.said("mirrored and turned by 270°")
    page.get_by_role("button", name="Rotate").click()
    shown(viewer, np.rot90(np.rot90(PHOTO, -1)[:, ::-1], -1))
    for key in ("Shift+R", "m", "Shift+R"):
        page.keyboard.press(key)
    shown(viewer, PHOTO)
    viewer.said("Shown upright")


def test_what_is_in_the_middle_stays_there_when_turned(viewer: Viewer) -> None:
    viewer.open(("photo.png", PNG))
    viewer.canvas.focus()
    for key in (*["+"] * 10, "ArrowRight", "ArrowDown"):
        viewer.page.keyboard.press(key)
    before = viewer.pixels()
    y, x = before.shape[0] // 2, before.shape[1] // 2
    viewer.page.keyboard.press("r")
    after = viewer.pixels()
    assert (after != before).any()
    # A pixel of the picture is 32 of the screen: the middle may lie on the edge of two.
    near = after[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 4)
    assert (near == before[y + 1, x + 1]).all(axis=1).any()


def test_enlarged_pixels_are_squares(viewer: Viewer) -> None:
    viewer.open(("small.png", saved(SMALL, "PNG")))
    page = viewer.page
    page.keyboard.press("+")
    expect(page.locator("#zoom")).to_have_text("141 %")
    seen = viewer.pixels()
    colours = {tuple(each) for each in SMALL.reshape(-1, 3)}
    inside, _ = middle(seen, np.zeros((12, 14, 3), np.uint8))
    assert {tuple(each) for each in inside[..., :3].reshape(-1, 3)} <= colours
    page.keyboard.press("+")
    shown(viewer, SMALL.repeat(2, axis=0).repeat(2, axis=1))
    assert over(viewer) == 0
    for _ in range(6):
        page.keyboard.press("+")
    expect(page.locator("#zoom")).to_have_text("1600 %")
    assert over(viewer) > 1000
    page.keyboard.press("g")
    assert over(viewer) == 0
    page.keyboard.press("g")
    assert over(viewer) > 1000


def test_an_animation_is_scrubbed_and_sped_up(viewer: Viewer) -> None:
    page = viewer.page
    page.emulate_media(reduced_motion="reduce")
    viewer.open(("moving.png", animated("PNG", 4)))
    frame, play = page.locator("#frame"), page.get_by_role("button", name="Play", exact=True)
    expect(frame).to_have_text("1 / 4")
    expect(play).to_be_visible()
    scrub = page.get_by_role("slider", name="Frame")
    scrub.fill("2")
    expect(frame).to_have_text("3 / 4")
    expect(scrub).to_have_attribute("aria-valuetext", "frame 3 of 4")
    page.keyboard.press("1")
    viewer.canvas.focus()
    page.keyboard.press("1")
    shown(viewer, picture(48, 32, 3, seed=2))
    page.keyboard.press("End")
    expect(frame).to_have_text("4 / 4")
    page.keyboard.press("Home")
    expect(frame).to_have_text("1 / 4")
    page.keyboard.press(">")
    page.keyboard.press(">")
    expect(page.get_by_label("Speed")).to_have_value("4")
    page.get_by_role("combobox", name="Play").select_option("Once")
    play.click()
    expect(frame).to_have_text("4 / 4")
    expect(play).to_be_visible()


def test_layers_are_switched_off_and_on(viewer: Viewer, codec: Codec) -> None:
    file, ground, figure = layered(codec)
    viewer.run_in("Browser")
    viewer.open(("layers.jxl", file))
    viewer.page.keyboard.press("1")
    layers = viewer.page.get_by_role("group", name="Layers")
    layers.get_by_label("figure").uncheck()
    viewer.said("Shown: without figure")
    shown(viewer, ground)
    layers.get_by_label("figure").check()
    viewer.said("Shown: everything")
    shown(viewer, np.array(codec.decode(file).samples[0]))
    layers.get_by_label("ground").uncheck()
    viewer.said("Shown: without ground")
    viewer.page.get_by_label("Colours without alpha").check()
    viewer.said("Shown: without alpha, ground")
    alone = np.zeros((40, 60, 3), np.uint8)
    alone[9:19, 7:27] = figure[..., :3] * (figure[..., 3:] > 0)
    shown(viewer, alone)


def test_extra_channels_are_shown_alone(viewer: Viewer, codec: Codec) -> None:
    alpha = picture(60, 40, 4)
    depth, gold = picture(60, 40, 1, seed=7)[..., 0], picture(60, 40, 1, seed=8)[..., 0]
    described: list[dict[str, Any]] = [
        {"type": "depth", "name": "range"},
        {"type": "spot", "name": "gold", "spot": [1.0, 0.5, 0.0, 0.75]},
    ]
    file = bytes(codec.encode(alpha, extra=[depth, gold], extra_channels=described, lossless=True).image)
    viewer.open(("channels.jxl", file))
    page = viewer.page
    page.keyboard.press("1")
    channels = page.get_by_role("group", name="Channels")
    assert "8 bits" in channels.inner_text()
    for label, expected in (("“range” alone", depth), ("“gold” alone", gold), ("alpha alone", alpha[..., 3])):
        channels.get_by_label(label).check()
        viewer.said(f"Shown: {label}")
        shown(viewer, np.dstack([expected] * 3))
    channels.get_by_label("All").check()
    channels.get_by_label("Paint spot colours").uncheck()
    viewer.said("Shown: without spot colours")
    viewer.canvas.focus()
    page.keyboard.press("a")
    viewer.said("Shown: without alpha, spot colours")
    shown(viewer, alpha)


def test_a_badge_tells_where_it_was_decoded(viewer: Viewer) -> None:
    page = viewer.page
    for place in ("Browser", "Server"):
        viewer.run_in(place)
        viewer.open((f"{place}.png", PNG))
        badge = page.locator("#ran")
        expect(badge).to_contain_text(place.lower())
        assert badge.inner_text().endswith("ms")
    badge.click()
    expect(page.locator("#where")).to_have_attribute("open", "")
    page.locator("#where-call-facts").wait_for()


def test_hdr_is_tone_mapped_and_said_to_be(viewer: Viewer, codec: Codec) -> None:
    ramp = np.linspace(0, 1, 64 * 64 * 3, dtype=np.float32).reshape(64, 64, 3)
    hdr = bytes(codec.encode(ramp, colour="rec2020_pq", intensity_target=4000, distance=0.5).image)
    viewer.run_in("Browser")
    viewer.open(("hdr.jxl", hdr))
    label = viewer.page.locator("#range-text")
    expect(label).to_have_text("Tone-mapped, 4000 → 255 cd/m²")
    label.click()
    expect(viewer.page.locator("#range-more")).to_contain_text("This screen shows no HDR")
    viewer.page.keyboard.press("1")
    shown(viewer, np.array(codec.decode(hdr, type="u8", colour="srgb").samples[0]))
    viewer.open(("photo.png", PNG))
    expect(label).to_be_hidden()
