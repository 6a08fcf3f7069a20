"""The viewer, as people use it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import FileChooser, Page, Route, expect

from server import Server
from support.images import animated, picture, saved

from .viewer import Viewer, middle

PHOTO = picture(300, 200, 3)
PNG = saved(PHOTO, "PNG")
JPEG = saved(PHOTO, "JPEG", quality=85)


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def samples(
    server: Server, data: bytes, width: int, height: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """What the service decodes for looking at."""
    reply = server.post(
        "/v1/decode?type=u8&channels=4&colour=srgb&frames=first", data, accept="application/octet-stream"
    )
    assert reply.status == 200, reply.body
    return np.frombuffer(reply.body, np.uint8).reshape(height, width, 4)


def hold(route: Route) -> None:
    """Leaves a request without an answer."""


def test_a_dropped_photograph_is_seen(viewer: Viewer, server: Server, bike: Path) -> None:
    data = bike.read_bytes()
    viewer.run_in("Browser")
    viewer.open(("bike.jxl", data))
    found = server.post("/v1/inspect", data).json
    viewer.page.keyboard.press("1")
    shown, expected = middle(viewer.pixels(), samples(server, data, found["width"], found["height"]))
    np.testing.assert_array_equal(shown, expected)
    assert expected.std() > 10
    assert viewer.fact("Format") == "JPEG XL"
    assert "lossy" in viewer.fact("Compression")
    assert [row[0] for row in viewer.calls()] == ["decode", "inspect"]
    assert {row[2] for row in viewer.calls()} == {"browser"}


def test_a_photograph_is_seen_wherever_it_is_decoded(viewer: Viewer, server: Server, bike: Path) -> None:
    """The browser's own decoder has its own ideas of colour: Chromium shows this one's shadows darker."""
    data = bike.read_bytes()
    viewer.open(("bike.jxl", data))
    found = server.post("/v1/inspect", data).json
    viewer.page.keyboard.press("1")
    shown, expected = middle(viewer.pixels(), samples(server, data, found["width"], found["height"]))
    assert np.abs(shown.astype(int) - expected).mean() < 8


@pytest.mark.parametrize("name", ["photo.png", "photo.ppm"])
def test_every_pixel_is_the_files(viewer: Viewer, name: str) -> None:
    viewer.open((name, PNG if name.endswith("png") else saved(PHOTO, "PPM")))
    shown, expected = middle(viewer.pixels(), PHOTO)
    np.testing.assert_array_equal(shown[..., :3], expected)


def test_a_large_picture_has_no_seams(viewer: Viewer) -> None:
    # No two pixels are alike, and it still makes a small file.
    y, x = np.mgrid[0:2300, 0:5000]
    large = np.stack([x % 256, y % 256, x // 256 + y // 256 * 20], axis=-1).astype(np.uint8)
    viewer.open(("large.png", saved(large, "PNG")))
    viewer.page.keyboard.press("1")
    shown, expected = middle(viewer.pixels(), large)
    np.testing.assert_array_equal(shown[..., :3], expected)


def test_a_checkerboard_is_behind_alpha(viewer: Viewer) -> None:
    clear = np.zeros((40, 40, 4), np.uint8)
    viewer.open(("clear.png", saved(clear, "PNG")))
    shown, _ = middle(viewer.pixels(), clear)
    colours = np.unique(shown.reshape(-1, 4), axis=0)
    assert len(colours) == 2
    assert (colours[:, 3] == 255).all()


def test_several_files(viewer: Viewer) -> None:
    viewer.open(("a.png", PNG), ("b.jpg", JPEG))
    files = viewer.page.get_by_role("navigation", name="Opened files")
    expect(files.get_by_role("button", name="a.png", exact=True)).to_have_attribute("aria-current", "true")
    files.get_by_role("button", name="b.jpg", exact=True).click()
    viewer.wait("b.jpg")
    assert viewer.fact("Format") == "JPEG"
    files.get_by_role("button", name="Close b.jpg").click()
    viewer.wait("a.png")
    expect(files).to_be_hidden()


def test_files_by_dialogue_and_by_paste(viewer: Viewer) -> None:
    def pick(chooser: FileChooser) -> None:
        chooser.set_files({"name": "picked.png", "mimeType": "image/png", "buffer": PNG})

    # Playwright needs a moment until it catches dialogues, and does not wait for that itself.
    viewer.page.on("filechooser", pick)
    viewer.open(("dropped.png", PNG))
    viewer.page.keyboard.press("o")
    viewer.wait("picked.png")
    viewer.page.remove_listener("filechooser", pick)
    viewer.page.evaluate(
        """async () => {
          const blob = await (await fetch('./assets/missing')).blob();
          const transfer = new DataTransfer();
          transfer.items.add(new File([blob], 'pasted.png'));
          dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer }));
        }"""
    )
    viewer.wait("pasted.png")
    expect(viewer.page.locator("#failure")).to_be_visible()


def test_zoom_and_pan(viewer: Viewer) -> None:
    viewer.open(("photo.png", PNG))
    zoom = viewer.page.locator("#zoom")
    expect(zoom).to_have_text("100 %")
    viewer.canvas.hover()
    viewer.page.mouse.wheel(0, -600)
    expect(zoom).not_to_have_text("100 %")
    before = viewer.pixels()
    viewer.page.get_by_role("button", name="Zoom in").click(click_count=3)
    viewer.page.mouse.move(400, 300)
    viewer.page.mouse.down()
    viewer.page.mouse.move(460, 340, steps=4)
    viewer.page.mouse.up()
    assert (viewer.pixels() != before).any()
    viewer.page.get_by_role("button", name="1:1").click()
    expect(zoom).to_have_text("100 %")
    np.testing.assert_array_equal(
        middle(viewer.pixels(), PHOTO)[0][..., :3], middle(viewer.pixels(), PHOTO)[1]
    )


def test_two_fingers_zoom_where_they_are(viewer: Viewer) -> None:
    viewer.open(("photo.png", PNG))
    box = viewer.canvas.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = viewer.page.context.new_cdp_session(viewer.page)
    for kind, apart in (("touchStart", 40), ("touchMove", 60), ("touchMove", 80), ("touchEnd", None)):
        points = (
            [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()
    expect(viewer.page.locator("#zoom")).to_have_text("200 %")
    # What was between the fingers is there still.
    seen, doubled = middle(viewer.pixels(), np.repeat(np.repeat(PHOTO, 2, 0), 2, 1))
    np.testing.assert_array_equal(seen[..., :3], doubled)


def test_an_animation_plays_and_pauses(viewer: Viewer) -> None:
    viewer.open(("moving.png", animated("PNG", 4)))
    assert viewer.fact("Frames").startswith("4")
    frame = viewer.page.locator("#frame")
    expect(frame).not_to_have_text("1 / 4")
    viewer.page.get_by_role("button", name="Pause").click()
    paused = frame.inner_text()
    viewer.page.keyboard.press(".")
    expect(frame).not_to_have_text(paused)
    viewer.page.get_by_role("button", name="Play", exact=True).click()
    expect(viewer.page.get_by_role("button", name="Pause")).to_be_visible()


@pytest.mark.parametrize(
    ("choice", "options"), [("JPEG XL", "to=jxl"), ("PNG", "to=png"), ("JPEG", "to=jpeg")]
)
@pytest.mark.parametrize("place", ["Browser", "Server"])
def test_save(viewer: Viewer, server: Server, choice: str, options: str, place: str) -> None:
    viewer.run_in(place)
    viewer.open(("photo.png", PNG))
    viewer.page.get_by_label("Format").select_option(label=choice)
    with viewer.page.expect_download() as download:
        viewer.page.get_by_role("button", name="Save", exact=True).click()
    expected = server.post(f"/v1/transcode?{options}", PNG).body
    assert download.value.path().read_bytes() == expected
    assert download.value.suggested_filename.startswith("photo.")
    viewer.said("Saved photo.")
    assert viewer.calls()[0][:4] == ["transcode", "photo.png as " + choice, place.lower(), "done"]


def test_the_service_adds_formats_of_its_own(viewer: Viewer, server: Server) -> None:
    added = [each for each in server.get("/v1/interface").json["service"]["formats"] if each["write"]]
    viewer.open(("photo.png", PNG))
    choices = viewer.page.get_by_label("Format").locator("option")
    everything = choices.all_inner_texts()
    viewer.run_in("Browser")
    assert everything == choices.all_inner_texts() + [each["title"] for each in added]
    viewer.run_in("Server")
    assert choices.all_inner_texts() == everything
    viewer.page.get_by_label("Format").select_option(label=added[0]["title"])
    fields = viewer.page.locator("#save-common label")
    titles = [each["title"] for each in added[0]["options"].values()]
    assert [text.split(" (")[0] for text in fields.all_inner_texts()] == titles
    with viewer.page.expect_download() as download:
        viewer.page.get_by_role("button", name="Save", exact=True).click()
    assert download.value.suggested_filename == f"photo.{added[0]['extensions'][0]}"
    assert download.value.path().read_bytes() == server.post(f"/v1/transcode?to={added[0]['name']}", PNG).body


def test_an_exact_jpeg_is_offered(viewer: Viewer, server: Server) -> None:
    recompressed = server.post("/v1/transcode?to=jxl", JPEG).body
    viewer.open(("photo.jxl", recompressed))
    assert "restored exactly" in viewer.fact("Compression")
    with viewer.page.expect_download() as download:
        viewer.page.get_by_role("button", name="Restore the JPEG").click()
    assert hashlib.sha256(download.value.path().read_bytes()).digest() == hashlib.sha256(JPEG).digest()


@pytest.mark.parametrize("subject", ["Decode", "Save with the options above"])
def test_both_sides_give_the_same_bytes(viewer: Viewer, subject: str) -> None:
    viewer.open(("photo.png", PNG))
    viewer.page.get_by_label("Call", exact=True).select_option(label=subject)
    viewer.page.get_by_role("button", name="Compare").click()
    expect(viewer.page.locator(".verdict")).to_have_text("✓ Same bytes")
    hashes = viewer.page.locator(".hash").all_inner_texts()
    assert len(hashes) >= 2
    assert re.fullmatch("[0-9a-f]{64}", hashes[0])
    viewer.said("Both sides gave the same bytes")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not an image at all", "unknown_format"),
        (b"", None),
        (PNG[:20], None),
        (b"\xff\x0a" + bytes(50), None),
    ],
    ids=["text", "empty", "truncated", "jxl"],
)
def test_a_bad_file_says_what_is_wrong(viewer: Viewer, data: bytes, code: str | None) -> None:
    viewer.open(("broken.bin", data), ("good.png", PNG))
    failure = viewer.page.locator("#failure")
    expect(failure).to_contain_text("broken.bin cannot be shown")
    # There is nothing to count.
    expect(viewer.page.locator("#histogram")).to_be_hidden()
    if code:
        expect(failure).to_contain_text(code)
    viewer.said("broken.bin: ")
    viewer.page.keyboard.press("n")
    viewer.wait("good.png")
    expect(failure).to_be_hidden()


def test_cancel_and_try_again(viewer: Viewer) -> None:
    viewer.page.context.route("**/v1/inspect", hold)
    viewer.run_in("Server")
    viewer.drop(("photo.png", PNG))
    expect(viewer.page.locator("#busy")).to_contain_text("Inspecting photo.png on the server")
    viewer.page.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(viewer.page.locator("#failure")).to_contain_text("photo.png was not opened")
    expect(viewer.page.locator("#busy")).to_be_hidden()
    assert viewer.calls()[0][3] == "cancelled"
    viewer.page.context.unroute("**/v1/inspect")
    viewer.page.get_by_role("button", name="Try again").click()
    viewer.wait("photo.png")
    expect(viewer.page.locator("#failure")).to_be_hidden()


def test_a_service_that_is_away_at_first(page: Page) -> None:
    page.context.route("**/v1/interface", lambda route: route.abort())
    page.reload()
    expect(page.locator("#banner")).to_contain_text("Eitherside cannot start")
    viewer = Viewer(page)
    viewer.drop(("photo.png", PNG))
    page.context.unroute("**/v1/interface")
    page.get_by_role("button", name="Try again").first.click()
    viewer.wait("photo.png")
    expect(page.locator("#banner")).to_be_hidden()


def test_the_list_of_keys_begins_at_its_beginning(viewer: Viewer) -> None:
    viewer.page.set_viewport_size({"width": 360, "height": 640})
    viewer.page.keyboard.press("?")
    title = viewer.page.get_by_role("heading", name="Keys")
    expect(title).to_be_in_viewport()
    viewer.page.keyboard.press("Escape")
    expect(title).to_be_hidden()
