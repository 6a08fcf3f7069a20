"""The viewer for everyone: by keyboard, with a screen reader, in every scheme and width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from server import Server
from support.images import animated, picture, saved

from .axe import fits_everywhere, lax_viewer, violations
from .viewer import Viewer
from .waiting import until

PNG = saved(picture(300, 200, 4), "PNG")
STATES = ("open", "several", "partial", "failed", "help", "where")


def bring(viewer: Viewer, state: str) -> None:
    """Brings the viewer into one of its states."""
    if state == "open":
        viewer.open(("moving.png", animated("PNG")))
        viewer.page.get_by_text("More options", exact=True).click()
        viewer.page.get_by_role("button", name="Compare").click()
        viewer.page.wait_for_selector(".verdict")
    elif state == "several":
        broken = ("broken.jxl", b"\xff\x0a")
        viewer.open(broken, ("تصویر.png", PNG), *((f"{index}.png", PNG) for index in range(8)))
        viewer.page.keyboard.press("n")
        viewer.wait("تصویر.png")
        until(viewer.page, "document.querySelectorAll('#files-list img').length >= 5")
    elif state == "partial":
        viewer.run_in("Browser")
        viewer.open(("half.png", PNG[: len(PNG) // 2]))
        viewer.page.wait_for_selector("#notice-text")
    elif state == "failed":
        viewer.run_in("Browser")
        viewer.open(("scan.tif", saved(picture(30, 20, 3), "TIFF")))
    elif state == "help":
        viewer.page.get_by_role("button", name="Help and keys").click()
    elif state == "where":
        viewer.open(("a.png", PNG))
        viewer.open_panel()
        viewer.attempt("Browser")
        viewer.attempt("Server")


@pytest.mark.parametrize("state", STATES)
def test_no_violations_and_nothing_beside_the_screen(lax: Page, state: str) -> None:
    bring(Viewer(lax), state)
    assert violations(lax) == []
    fits_everywhere(lax)


def test_no_violations_before_anything_is_opened(browser: Browser, server: Server) -> None:
    with lax_viewer(browser, server, reduced_motion="reduce") as page:
        assert violations(page) == []
        fits_everywhere(page)


def test_everything_is_reached_by_keyboard(page: Page) -> None:
    viewer = Viewer(page)
    viewer.open(("a.png", animated("PNG")), ("b.png", PNG))
    until(page, "document.querySelectorAll('#files-list img').length === 2")
    viewer.open_panel()
    viewer.attempt("Server")
    wanted = set(
        page.evaluate(
            """() => {
              const controls = 'button, select, summary, canvas[tabindex], input[type=checkbox]';
              const kinds = `${controls}, .scroll, .point[tabindex="0"]`;
              return [...document.querySelectorAll(kinds)]
                .filter((each) => each.checkVisibility({ visibilityProperty: true }))
                // Of a row of files one is reached by Tab, the others by arrow keys (test_strip.py).
                .filter((each) => !each.matches('#files-list [tabindex="-1"]'))
                .map((each) => each.id || each.outerHTML);
            }"""
        )
    )
    reached: list[str] = []
    # Tab goes on from where was clicked last.
    page.locator("h1").click()
    for _ in range(80):
        page.keyboard.press("Tab")
        name, visible = page.evaluate(
            """() => {
              const element = document.activeElement;
              const outlined = element.matches('.switch input') ? element.nextElementSibling : element;
              const ring = element.querySelector(':scope > .ring');
              const isSeen = ring
                ? getComputedStyle(ring).stroke !== 'none'
                : getComputedStyle(outlined).outlineStyle !== 'none';
              return [element.id || element.outerHTML, isSeen];
            }"""
        )
        if name.startswith("<body"):
            break
        reached.append(name)
        assert visible, f"the focus on {name} is not to be seen"
    assert wanted - set(reached) == set()


def test_keys(shared: Page) -> None:
    page, viewer = shared, Viewer(shared)
    viewer.open(("a.png", PNG), ("b.png", PNG))
    zoom = page.locator("#zoom")
    page.keyboard.press("+")
    expect(zoom).to_have_text("141 %")
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(zoom).to_have_text("71 %")
    page.keyboard.press("0")
    expect(zoom).to_have_text("100 %")
    page.keyboard.press("n")
    viewer.wait("b.png")
    page.keyboard.press("p")
    viewer.wait("a.png")
    page.keyboard.press("s")
    expect(page.get_by_label("Format")).to_be_focused()
    viewer.canvas.focus()
    for _ in range(10):
        page.keyboard.press("+")
    before = viewer.pixels()
    page.keyboard.press("ArrowRight")
    assert (viewer.pixels() != before).any()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(viewer.canvas).to_be_focused()


def test_single_keys_can_be_turned_off(shared: Page) -> None:
    page, viewer = shared, Viewer(shared)
    viewer.open(("a.png", PNG))
    page.keyboard.press("?")
    page.get_by_label("Single keys work everywhere").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Open…").focus()
    page.keyboard.press("+")
    expect(page.locator("#zoom")).to_have_text("100 %")
    viewer.canvas.focus()
    page.keyboard.press("+")
    expect(page.locator("#zoom")).to_have_text("141 %")


def test_what_a_screen_reader_hears(shared: Page) -> None:
    page, viewer = shared, Viewer(shared)
    viewer.open(("a.png", PNG))
    viewer.said("a.png is shown, 300 by 200 pixels")
    expect(page.get_by_role("img", name="a.png, 300 by 200 pixels, at 100 %")).to_be_visible()
    page.keyboard.press("+")
    expect(page.get_by_role("img", name="a.png, 300 by 200 pixels, at 141 %")).to_be_visible()
    viewer.open(("broken.jxl", b"\xff\x0a"))
    until(page, "document.querySelector('#alert').textContent.includes('broken.jxl')")


def test_an_animation_waits_where_motion_is_unwanted(lax: Page) -> None:
    Viewer(lax).open(("moving.png", animated("PNG")))
    expect(lax.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(lax.locator("#frame")).to_have_text("1 / 3")
