"""Getting files in: folders, links to files of the page's server, formats that the module does not read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, FileChooser, Page, Route, expect

from eitherside import Codec
from server import Server
from support.dripping import Drip, dripping
from support.images import animated, picture, saved

from .conftest import watched
from .dropping import drop_paths
from .viewer import Viewer, middle
from .waiting import until

PHOTO = picture(300, 200, 3)
PNG = saved(PHOTO, "PNG")


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


@pytest.fixture(scope="module")
def progressive(codec: Codec) -> bytes:
    return codec.encode(picture(640, 480, 3), distance=1, progressive=True, effort=3).image


@pytest.fixture
def drip(progressive: bytes, server: Server) -> Iterator[Drip]:
    """A server of the viewer and of a file: eight pieces, and its last byte."""
    step = len(progressive) // 8 + 1
    end = len(progressive) - 1
    pieces = [progressive[at : min(at + step, end)] for at in range(0, end, step)]
    with dripping([*pieces, progressive[-1:]], server) as made:
        yield made


def linked(page: Page, drip: Drip) -> Viewer:
    """The viewer, opened by a link to the file that comes in pieces; calls run in the browser."""
    page.add_init_script("localStorage.setItem('eitherside:viewer:place', 'local')")
    page.goto(f"{drip.origin}/?src=/file")
    return Viewer(page)


def error(viewer: Viewer, whole: NDArray[Any]) -> float:
    """How far what is shown is from a picture, on average."""
    shown, expected = middle(viewer.pixels(), whole)
    return float(np.abs(shown[..., :3].astype(int) - expected).mean())


def test_a_link_paints_while_the_file_arrives(
    browser: Browser, server: Server, drip: Drip, progressive: bytes, codec: Codec
) -> None:
    whole = codec.decode(progressive, type="u8", channels=3, colour="srgb").samples[0]
    with watched(browser, server) as page:
        viewer = linked(page, drip)
        drip.release(len(drip.pieces) // 2)
        label = "document.querySelector('#canvas').getAttribute('aria-label')"
        until(page, f"{label}.startsWith('file, 640 by 480')")
        coarse = error(viewer, whole)
        expect(page.locator("#busy")).to_contain_text("Decoding file in this browser and 1 more")
        expect(page.locator("#arriving-text")).to_contain_text("of")
        facts = page.locator("#facts")
        expect(facts).to_contain_text("640 ")
        expect(facts).not_to_contain_text("0 B")
        drip.release(len(drip.pieces) - 1 - len(drip.pieces) // 2)
        # The last byte is still held back.
        end = time.monotonic() + 60
        while error(viewer, whole) > coarse / 2:
            assert time.monotonic() < end, "the picture became no better"
            page.wait_for_timeout(25)
        assert page.locator("#canvas").get_attribute("aria-busy") == "true"
        drip.release()
        viewer.wait("file")
        shown, expected = middle(viewer.pixels(), whole)
        np.testing.assert_array_equal(shown[..., :3], expected)
        assert viewer.fact("Format") == "JPEG XL"
        expect(page.locator("#notice")).to_be_hidden()
        expect(page.locator("#arriving")).to_be_hidden()


def test_a_download_can_be_stopped_and_gone_on_with(browser: Browser, server: Server, drip: Drip) -> None:
    with watched(browser, server) as page:
        viewer = linked(page, drip)
        drip.release(5)
        until(page, "document.querySelector('#canvas').getAttribute('aria-label').startsWith('file, 640')")
        page.keyboard.press("Escape")
        viewer.wait("file")
        assert drip.gone.wait(20)
        expect(page.locator("#notice-text")).to_contain_text("You stopped it: ")
        assert viewer.pixels()[..., 3].max() == 255
        drip.release(20)
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#notice")).to_be_hidden()
        viewer.wait("file")
        assert viewer.fact("Size").startswith("640")


def test_links(page: Page, server: Server) -> None:
    page.context.route("**/pictures/*", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    page.context.route("**/gone.png", lambda route: route.fulfill(status=404))
    elsewhere = "https://pictures.example/a.png"
    page.goto(f"/?src=pictures/%D8%AA.png&src=/gone.png&src={quote(elsewhere, safe='')}")
    viewer = Viewer(page)
    viewer.wait("ت.png")
    shown, expected = middle(viewer.pixels(), PHOTO)
    np.testing.assert_array_equal(shown[..., :3], expected)
    page.keyboard.press("n")
    viewer.wait("gone.png")
    failure = page.locator("#failure")
    expect(failure).to_contain_text("there is no such file at /gone.png")
    page.context.unroute("**/gone.png")
    page.context.route("**/gone.png", lambda route: route.fulfill(body=PNG))
    page.get_by_role("button", name="Try again").and_(page.locator("#failure-retry")).click()
    viewer.wait("gone.png")
    expect(failure).to_be_hidden()
    page.keyboard.press("n")
    viewer.wait(elsewhere)
    expect(failure).to_contain_text(
        f"it lies at https://pictures.example, and a link opens only files of {server.url}"
    )
    expect(page.locator("#failure-retry")).to_be_hidden()
    page.get_by_role("button", name="Close this file").and_(page.locator("#failure-close")).click()
    expect(page.locator("#files-count")).to_have_text("2 files")


def make_tree(root: Path) -> None:
    (root / "inner" / "deep").mkdir(parents=True)
    for name in ("a.png", "b.txt", ".hidden.png", "inner/c.PNG", "inner/deep/d.png"):
        (root / name).write_bytes(PNG)


@pytest.mark.parametrize("how", ["drop", "pick"])
def test_a_folder(viewer: Viewer, tmp_path: Path, how: str) -> None:
    make_tree(tmp_path / "pictures")
    page = viewer.page
    if how == "drop":
        drop_paths(page, [tmp_path / "pictures"])
    else:
        page.once("filechooser", lambda chooser: pick(chooser, tmp_path / "pictures"))
        page.get_by_role("button", name="Choose a folder…").click()
    expect(page.locator("#files-count")).to_have_text("3 files")
    viewer.wait(page.locator("#file-name").inner_text())
    names = page.locator(".file-label").all_inner_texts()
    assert sorted(names) == ["a.png", "c.PNG", "d.png"]
    expect(page.locator("#taken-text")).to_have_text("2 files in the folder are no picture.")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#taken")).to_be_hidden()


def pick(chooser: FileChooser, folder: Path) -> None:
    chooser.set_files(str(folder))


@pytest.mark.parametrize("place", ["Auto", "Server"])
def test_webp_and_avif(viewer: Viewer, place: str) -> None:
    viewer.run_in(place)
    webp = saved(PHOTO, "WEBP", lossless=True)
    viewer.open(("photo.webp", webp), ("photo.avif", saved(PHOTO, "AVIF", quality=95)))
    shown, expected = middle(viewer.pixels(), PHOTO)
    np.testing.assert_array_equal(shown[..., :3], expected)
    assert viewer.fact("Format") == "WebP"
    assert viewer.fact("Size").startswith("300 ")
    viewer.page.keyboard.press("n")
    viewer.wait("photo.avif")
    expect(viewer.page.locator("#failure")).to_be_hidden()
    shown, expected = middle(viewer.pixels(), PHOTO)
    assert np.abs(shown[..., :3].astype(int) - expected).mean() < 6
    places = {row[2] for row in viewer.calls() if row[3] == "done"}
    assert places == ({"server"} if place == "Server" else {"own decoder"})


def test_a_moving_webp(viewer: Viewer) -> None:
    webp = animated("WEBP", 3)
    viewer.open(("moving.webp", webp))
    assert viewer.fact("Frames") == "3"
    expect(viewer.page.locator("#frame")).to_contain_text("/ 3")
    viewer.run_in("Browser")
    viewer.open(("again.webp", webp))
    expect(viewer.page.locator("#notice-text")).to_contain_text("the first frame of an animation alone")


def test_tiff_is_the_servers(viewer: Viewer) -> None:
    page = viewer.page
    viewer.run_in("Browser")
    sent: list[str] = []

    def watch(route: Route) -> None:
        sent.append(route.request.url)
        route.continue_()

    page.context.route("**/v1/*", watch)
    viewer.open(("scan.tif", saved(PHOTO, "TIFF")))
    failure = page.locator("#failure")
    expect(failure).to_contain_text("scan.tif cannot be shown")
    expect(failure).to_contain_text("TIFF")
    assert not any("transcode" in url for url in sent)
    page.get_by_role("button", name="Try on the server").click()
    viewer.wait("scan.tif")
    expect(failure).to_be_hidden()
    shown, expected = middle(viewer.pixels(), PHOTO)
    np.testing.assert_array_equal(shown[..., :3], expected)
    assert any("transcode" in url for url in sent)
    # For this file alone.
    expect(page.locator("input[name=place]:checked")).to_have_value("local")
