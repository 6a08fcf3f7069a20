"""The library's page: pictures are kept, described, edited, converted, shared; by pointer and by keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench_library import FILL
from eitherside import Codec
from server import Server, running_server
from support.images import picture, saved

from .conftest import watched
from .shelf import TILE, Shelf
from .waiting import until

PNG = saved(picture(60, 40, 3), "PNG")
OTHERS = {f"{index}.png": saved(np.roll(picture(48, 32, 3), index, axis=1), "PNG") for index in range(1, 6)}


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that keeps libraries in a folder of its own, and small ones only."""
    folder = tmp_path_factory.mktemp("libraries")
    with running_server(data_dir=folder, library_bytes=400_000, event_beat=1) as server:
        yield server


@pytest.fixture
def shelf(browser: Browser, keeper: Server) -> Iterator[Shelf]:
    """The library's page in a browser that has never seen it; the test fails on errors of its scripts."""
    with watched(browser, keeper) as page:
        found = Shelf(page)
        found.show()
        yield found


def labels(page: Page) -> list[str]:
    found: list[str] = page.locator(f"{TILE} .tile-label").all_inner_texts()
    return found


def test_pictures_are_kept_and_described(shelf: Shelf) -> None:
    page = shelf.page
    expect(page.locator("#shelf-none")).to_contain_text("Nothing is kept here yet")
    shelf.add(("a.png", PNG), *OTHERS.items())
    shelf.painted("a.png")
    assert shelf.size(f'{TILE}[title="a.png"] img') == (60, 40)
    shelf.select("a.png")
    expect(page.locator("#entry-facts")).to_contain_text("60 \N{MULTIPLICATION SIGN} 40, png")
    shelf.caption("Fjord at dawn")
    page.locator("#entry-stars").get_by_text("3 ★", exact=True).click()
    expect(page.get_by_role("option", name="Fjord at dawn, a.png, 3 of 5 stars")).to_be_visible()
    # The same bytes by another name are there already.
    shelf.viewer.drop(("again.png", PNG))
    expect(page.locator("#library-state")).to_contain_text("was there already")
    assert shelf.count() == 6
    page.get_by_role("button", name="New collection…").click()
    page.get_by_label("Title").fill("Trip")
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_label("Collection", exact=True).locator("option:checked")).to_have_text("Trip (1)")
    page.get_by_label("Collection", exact=True).select_option("")
    shelf.select("2.png", "3.png")
    page.get_by_label("Trip").check()
    page.get_by_label("Collection", exact=True).select_option(label="Trip (3)")
    assert shelf.count() == 3
    page.get_by_label("Find pictures").fill("dawn fjord")
    expect(page.locator(f"{TILE} .tile-label")).to_have_text(["Fjord at dawn"])

    page.reload()
    shelf.ready()
    expect(page.locator("#shelf-count")).to_have_text("6 pictures")
    page.get_by_label("Order of pictures").select_option("By rating")
    assert labels(page)[0] == "Fjord at dawn"
    shelf.select("a.png")
    page.get_by_role("button", name="Open in the viewer").click()
    shelf.viewer.wait("a.png")
    assert shelf.viewer.fact("Size") == "60 \N{MULTIPLICATION SIGN} 40 pixels"


def test_by_keyboard_with_undo(shelf: Shelf) -> None:
    page = shelf.page
    shelf.add(("0.png", PNG), *OTHERS.items())
    page.locator(f"{TILE}[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    expect(shelf.tile("1.png")).to_be_focused()
    page.keyboard.press("4")
    expect(page.get_by_role("option", name="1.png, 4 of 5 stars")).to_be_focused()
    page.keyboard.press("Shift+End")
    expect(page.locator("#entry-title")).to_have_text("5 pictures are selected")
    page.keyboard.press("Delete")
    expect(page.locator("#shelf-count")).to_have_text("1 picture")
    expect(shelf.tile("0.png")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#shelf-count")).to_have_text("6 pictures")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("option", name="1.png", exact=True)).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("option", name="1.png, 4 of 5 stars")).to_be_visible()
    page.keyboard.press("Control+a")
    expect(page.locator("#entry-title")).to_have_text("6 pictures are selected")
    # The viewer's keys are not the library's.
    page.keyboard.press("s")
    expect(page.locator(f"{TILE}[tabindex='0']")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    shelf.viewer.wait("0.png")
    page.keyboard.press("k")
    shelf.viewer.said("0.png: 1 picture was there already")
    page.go_back()
    expect(page.locator("#shelf-count")).to_have_text("6 pictures")


def test_edits_are_applied_by_the_codec(shelf: Shelf, keeper: Server) -> None:
    page = shelf.page
    shelf.viewer.run_in("Browser")
    shelf.add(("a.png", PNG))
    shelf.select("a.png")
    until(page, "document.querySelector('#edit-picture').naturalWidth === 60")
    page.get_by_role("button", name="Crop", exact=True).click()
    box = page.locator("#edit-picture").bounding_box()
    assert box is not None
    scale = box["width"] / 60
    page.mouse.move(box["x"] + 10.2 * scale, box["y"] + 5.2 * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + 39.8 * scale, box["y"] + 24.8 * scale, steps=3)
    page.mouse.up()
    expect(page.locator("#edit-crop")).to_have_value("10 5 30 20")
    page.locator("#crop-box").press("Alt+Shift+ArrowLeft")
    expect(page.locator("#edit-crop")).to_have_value("10 5 29 20")
    page.locator("#crop-box").press("Enter")
    page.locator("#edit-rotate").select_option("90")
    page.locator("#edit-exposure").fill("1")
    until(page, "document.querySelector('#edit-picture').naturalWidth === 20")
    until(page, "document.querySelector('#shelf-list img').naturalWidth === 20")
    expect(page.get_by_role("option", name="a.png, edited")).to_be_visible()
    page.get_by_label("Saved as").select_option("png")
    page.get_by_role("button", name="Convert", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download png").click()
    here = Path(download.value.path()).read_bytes()
    assert Image.open(io.BytesIO(here)).size == (20, 29)
    there = keeper.post("/v1/edit?crop=10,5,29,20&rotate=90&exposure=1&to=png", PNG, Content_Type="image/png")
    assert there.status == 200, there.body
    assert here == there.body
    page.get_by_role("button", name="Undo all edits").click()
    until(page, "document.querySelector('#edit-picture').naturalWidth === 60")
    # Another format is no edit.
    page.get_by_label("Saved as").select_option("png")
    expect(page.get_by_role("option", name="a.png", exact=True)).to_be_visible()


def test_what_cannot_be_done_is_said(shelf: Shelf) -> None:
    page = shelf.page
    shelf.add(("text.png", b"no picture"), ("a.png", PNG))
    expect(page.get_by_role("option", name="text.png, cannot be shown")).to_be_visible()
    shelf.select("text.png")
    expect(page.locator("#edit-note")).to_contain_text("unknown_format")
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.locator("#made li")).to_contain_text("failed")


def test_of_many_pictures_few_are_in_the_page(shelf: Shelf) -> None:
    page = shelf.page
    kept = page.evaluate(FILL, 600)
    assert kept > 0
    expect(page.locator("#shelf-count")).to_have_text("600 pictures")
    for at in (9_000, 3_000, 10**6, 0):
        page.locator("#shelf-scroll").evaluate("(each, at) => { each.scrollTop = at; }", at)
        until(
            page,
            """() => {
              const { top, bottom } = document.querySelector("#shelf-scroll").getBoundingClientRect();
              const seen = [...document.querySelectorAll("#shelf-list li")].filter((each) => {
                const box = each.getBoundingClientRect();
                return box.bottom > top && box.top < bottom;
              });
              return seen.length >= 12 && seen.every((each) => each.querySelector("img")?.complete);
            }""",
        )
        assert page.locator(TILE).count() < 80


def test_two_browsers_share_a_library(browser: Browser, keeper: Server, shelf: Shelf) -> None:
    page = shelf.page
    shelf.add(("a.png", PNG), *OTHERS.items())
    page.locator("#sync > summary").click()
    page.get_by_role("button", name="Keep on the server, too").click()
    shelf.settled()
    expect(page.locator("#sync-summary")).to_have_text("All is on the server")
    page.get_by_role("button", name="Share…").click()
    link = page.get_by_label("Link").input_value()
    page.get_by_role("button", name="Cancel").click()
    with watched(browser, keeper) as other_page:
        other = Shelf(other_page)
        other.show(link)
        # The key is in no address that others see.
        assert other_page.url.endswith("/#library")
        expect(other_page.locator("#shelf-count")).to_have_text("6 pictures")
        other.painted("a.png")
        other.select("a.png")
        other.caption("From over there")
        expect(page.get_by_role("option", name="From over there, a.png")).to_be_visible()
        shelf.select("a.png")
        page.keyboard.press("5")
        expect(other_page.get_by_role("option", name="From over there, a.png, 5 of 5 stars")).to_be_visible()
        # Undo takes back what was done here, not what the other one did last.
        other_page.get_by_role("button", name="Undo", exact=True).click()
        expect(page.get_by_role("option", name="a.png, 5 of 5 stars")).to_be_visible()
        # Cut off, both go on; then they agree.
        other_page.context.set_offline(True)
        other.caption("Written in a tunnel")
        page.keyboard.press("2")
        other_page.context.set_offline(False)
        for each in (page, other_page):
            expect(each.get_by_role("option", name="Written in a tunnel, a.png, 2 of 5 stars")).to_be_visible(
                timeout=40_000
            )


def test_a_conversion_on_the_server(shelf: Shelf, codec: Codec) -> None:
    page = shelf.page
    shelf.viewer.run_in("Server")
    shelf.add(("a.png", PNG))
    shelf.select("a.png")
    page.get_by_role("button", name="Convert", exact=True).click()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name="Download jxl").click(timeout=60_000)
    expect(page.locator("#made li")).to_contain_text("server")
    assert Path(download.value.path()).read_bytes() == bytes(codec.transcode(PNG, to="jxl").image)


def test_what_is_refused_has_a_way_out(shelf: Shelf) -> None:
    page = shelf.page
    rng = np.random.default_rng(1)
    large = saved(rng.integers(0, 256, (400, 400, 3), np.uint8), "PNG")
    shelf.add(("large.png", large))
    page.locator("#sync > summary").click()
    page.get_by_role("button", name="Keep on the server, too").click()
    refused = page.locator("#sync-rows tr", has_text="refused")
    expect(refused).to_contain_text("large.png", timeout=30_000)
    expect(page.locator("#library-badge")).to_have_text("1")
    with page.expect_response(lambda answer: answer.status == 413):
        refused.get_by_role("button", name="Try again: Upload, large.png").click()
    refused.get_by_role("button", name="Give up: Upload, large.png").click()
    page.locator("#ask").get_by_role("button", name="Give up").click()
    expect(page.locator("#library-badge")).to_be_hidden()
    # Here it stays.
    assert shelf.count() == 1
