"""The strip of opened files: many of them, by pointer and by keyboard, and never in the page's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from eitherside import Codec
from server import Server
from support.images import picture, saved

from .conftest import connected
from .dropping import drop_paths
from .tasks import CATEGORIES, LONG, computed
from .test_main_thread import WATCH
from .viewer import Viewer
from .waiting import until

PNG = saved(picture(60, 40, 3), "PNG")
JPEG = saved(picture(50, 70, 3), "JPEG")
MANY = 1000
PERSIAN = "تصویر.png"


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def names(page: Page) -> list[str]:
    """The names in the strip, as far as it has elements, from left to right."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('#files-list li')]
          .sort((a, b) => parseFloat(a.style.insetInlineStart) - parseFloat(b.style.insetInlineStart))
          .map((each) => each.querySelector('.file-label').textContent)"""
    )
    return found


def item(page: Page, name: str) -> Locator:
    return page.locator("#files-list li", has=page.locator(".file", has_text=name))


def painted(page: Page, count: int) -> None:
    """Waits until so many thumbnails are drawn."""
    until(
        page,
        """(count) => [...document.querySelectorAll('#files-list img')]
          .filter((each) => each.complete && each.naturalWidth > 0).length >= count""",
        arg=count,
    )


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.querySelector('.file-label')?.textContent ?? ''")
    return found


def test_thumbnails_states_and_names(viewer: Viewer, codec: Codec) -> None:
    page = viewer.page
    jxl = codec.encode(picture(600, 400, 3), distance=1, effort=3, progressive=True).image
    viewer.run_in("Browser")
    # A dark picture, so that it is known by its thumbnail.
    black = saved(picture(400, 20, 3) // 16, "PNG")
    files = {
        "a.png": PNG,
        "black.png": black,
        "photo.jxl": jxl,
        "half.jxl": jxl[: len(jxl) // 2],
        "text.txt": b"no picture",
        PERSIAN: JPEG,
    }
    viewer.open(*files.items())
    painted(page, 5)
    assert names(page) == list(files)
    sizes = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('#files-list li')].map((each) => {
          const { naturalWidth = 0, naturalHeight = 0 } = each.querySelector('img') ?? {};
          return [each.querySelector('.file-label').textContent, [naturalWidth, naturalHeight]];
        }))"""
    )
    assert sizes["a.png"] == [60, 40]
    assert sizes["black.png"] == [104, 5]
    assert sizes["photo.jxl"] == [104, 69]
    assert sizes[PERSIAN] == [50, 70]
    dark = page.evaluate(
        """() => {
          const image = [...document.querySelectorAll('#files-list li')]
            .find((each) => each.textContent.includes('black')).querySelector('img');
          const context = new OffscreenCanvas(104, 5).getContext('2d');
          context.drawImage(image, 0, 0);
          return Math.max(...context.getImageData(0, 0, 104, 5).data.filter((_, at) => at % 4 < 3));
        }"""
    )
    assert dark <= 16
    # What was not opened yet says so, too.
    expect(page.get_by_role("button", name="half.jxl, incomplete", exact=True)).to_be_attached()
    expect(page.get_by_role("button", name="text.txt, cannot be shown", exact=True)).to_be_attached()
    label = item(page, PERSIAN).locator(".file-label")
    assert label.evaluate("(each) => getComputedStyle(each).direction") == "rtl"
    # Thumbnails are no calls that a person made: they are in nobody's way.
    assert {row[0] for row in viewer.calls()} == {"inspect", "decode"}
    item(page, "half.jxl").locator(".file").click()
    viewer.wait("half.jxl")
    expect(page.locator("#notice-text")).to_contain_text("The end of this file is missing")


def test_by_keyboard(viewer: Viewer) -> None:
    page = viewer.page
    all_names = [f"{index:03}.png" for index in range(60)]
    viewer.open(*((name, PNG) for name in all_names))
    item(page, "000.png").locator(".file").focus()
    steps = {"End": "059.png", "ArrowLeft": "058.png", "Home": "000.png", "ArrowRight": "001.png"}
    for key, name in steps.items():
        page.keyboard.press(key)
        assert focused(page) == name
        expect(item(page, name).locator(".file")).to_be_in_viewport()
    page.keyboard.press("PageDown")
    assert int(focused(page)[:3]) > 3
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    viewer.wait("001.png")
    # One stop of the Tab key, wherever the row is scrolled to.
    page.locator("#files-scroll").evaluate("(each) => { each.scrollLeft = 3000; }")
    until(page, "document.querySelectorAll('#files-list [tabindex=\"0\"]').length === 1")
    until(
        page,
        "[...document.querySelectorAll('#files-list li')].some((each) => each.textContent.includes('030'))",
    )
    assert focused(page) == "001.png"
    page.keyboard.press("Delete")
    viewer.wait("002.png")
    assert focused(page) == "002.png"
    expect(page.locator("#files-count")).to_have_text("59 files")
    page.keyboard.press("n")
    viewer.wait("003.png")


def test_filter_sort_and_close(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(*((name, PNG) for name in ["b10.png", "b9.png", "a.png", "é.png", "x.png", "y.png"]))
    page.get_by_label("Order", exact=True).select_option("By name")
    first = "document.querySelector('#files-list .file-label').textContent === 'a.png'"
    until(page, first)
    assert names(page) == ["a.png", "b9.png", "b10.png", "é.png", "x.png", "y.png"]
    page.keyboard.press("n")
    viewer.wait("é.png")
    page.get_by_label("Filter by name").fill("B")
    until(page, "document.querySelectorAll('#files-list li').length === 2")
    assert names(page) == ["b9.png", "b10.png"]
    expect(page.locator("#files-count")).to_have_text("2 of 6 files")
    page.get_by_label("Filter by name").fill("nothing")
    expect(page.locator("#files-none")).to_have_text("No name contains “nothing”.")
    page.get_by_label("Filter by name").fill("")
    until(page, "document.querySelectorAll('#files-list li').length === 6")
    item(page, "x.png").hover()
    page.get_by_role("button", name="Close x.png").click()
    expect(page.locator("#files-count")).to_have_text("5 files")
    page.get_by_role("button", name="Close all").click()
    expect(page.get_by_role("button", name="Choose files…")).to_be_focused()
    viewer.open(("a.png", PNG))
    expect(page.locator("#files")).to_be_hidden()


def small_files(folder: Path, codec: Codec) -> list[Path]:
    """Files of a few hundred bytes, of each kind some."""
    kinds = {
        "jxl": codec.encode(picture(48, 32, 3), distance=2, effort=1).image,
        "png": saved(picture(24, 16, 3), "PNG"),
        "jpg": saved(picture(48, 32, 3), "JPEG"),
        "gif": saved(picture(24, 16, 1), "GIF"),
    }
    endings = list(kinds)
    paths = [folder / f"{index:04}.{endings[index % len(endings)]}" for index in range(MANY)]
    for path in paths:
        path.write_bytes(kinds[path.suffix[1:]])
    return paths


IN_SIGHT = """() => {
  const { scrollLeft } = document.querySelector("#files-scroll");
  const isSeen = (each) => parseFloat(each.style.insetInlineStart) >= scrollLeft;
  const isThere = (each) => each.querySelector("img")?.complete && isSeen(each);
  return [...document.querySelectorAll("#files-list li")].filter(isThere).length >= 8;
}"""
"""Whether there are thumbnails where the strip is scrolled to."""

MARK = """() => {
  const marks = window.handling = [];
  addEventListener("drop", () => { performance.mark("dropped"); marks.push(performance.now()); }, true);
  addEventListener("drop", () => marks.push(performance.now()));
}"""
"""Notes when the page begins and ends to handle a drop."""

STANDSTILL = 20 * LONG
"""Milliseconds that no task may take, however busy the machine: that long a page waits for something."""


@pytest.mark.alone
def test_a_thousand_dropped_files_keep_the_page_smooth(
    optimising_browser: Browser, server: Server, codec: Codec, tmp_path: Path
) -> None:
    paths = small_files(tmp_path, codec)
    with connected(optimising_browser, server) as page:
        # The script with which Playwright looks at pages takes a long task, once in each of its two worlds.
        expect(page.locator("#empty")).to_be_visible()
        page.locator("#files-scroll").evaluate("() => {}")
        page.evaluate(WATCH)
        page.evaluate(MARK)
        optimising_browser.start_tracing(page=page, categories=CATEGORIES)
        go_through(page, paths)
        trace = optimising_browser.stop_tracing()
        began, ended = page.evaluate("window.handling")
        # Before the page hears of the drop, in the same task, the browser itself makes the files ready.
        long = [duration for start, duration in page.evaluate("window.long") if start > began]
    assert max([*long, ended - began]) < STANDSTILL
    # A task may be long because the machine is busy; what the page computes in one tells.
    assert max(computed(trace, "dropped")) < LONG


def go_through(page: Page, paths: list[Path]) -> None:
    """Drops files, goes through the strip, filters and sorts it, and closes all."""
    drop_paths(page, paths)
    expect(page.locator("#files-count")).to_have_text(f"{MANY} files")
    painted(page, 8)
    elements: list[int] = []
    for at in (2_000, 110_000, 60_000):
        page.locator("#files-scroll").evaluate("(each, at) => { each.scrollLeft = at; }", at)
        until(page, IN_SIGHT)
        elements.append(page.locator("#files-list li").count())
    page.get_by_label("Filter by name").press_sequentially("09")
    expect(page.locator("#files-count")).to_have_text(f"119 of {MANY} files")
    page.get_by_label("Order", exact=True).select_option("By name")
    painted(page, 8)
    page.get_by_role("button", name="Close all").click()
    expect(page.locator("#empty")).to_be_visible()
    # Bounded, however many files there are.
    assert max(elements) < 40
