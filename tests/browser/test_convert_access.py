"""Converting for everyone: checked by axe, in every scheme and width, and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from server import Server
from support.images import picture, saved

from .converting import Converting
from .test_access import AXE, SCHEMES, fits
from .waiting import until

PNG = saved(picture(300, 200, 3), "PNG")
LONG = "صورة-طويلة-جدا-" * 6 + ".png"


@pytest.fixture(scope="module")
def states(browser: Browser, server: Server) -> Iterator[list[Page]]:
    """The viewer in each state, without its content security policy, which keeps the checker out."""
    context = browser.new_context(bypass_csp=True, base_url=server.url, reduced_motion="reduce")
    pages = []
    for state in ("split", "difference"):
        page = context.new_page()
        page.goto("/")
        until(page, "document.querySelector('#about').textContent !== ''")
        bring(Converting(page), state)
        pages.append(page)
    yield pages
    context.close()


def bring(viewer: Converting, state: str) -> None:
    viewer.run_in("Browser")
    viewer.open((LONG, PNG), ("broken.jxl", b"\xff\x0a"))
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-effort").fill("3")
    viewer.aim("Distance", "4")
    if state == "difference":
        viewer.page.locator(".views").get_by_text("Difference").click()
        viewer.page.get_by_text("More options", exact=True).click()
    else:
        viewer.page.evaluate("delete window.showSaveFilePicker")
        with viewer.page.expect_download():
            viewer.page.get_by_role("button", name="Save all 2 (zip)").click()
    viewer.settle()


def test_no_violations(states: list[Page]) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci in static/)")
    for page in states:
        page.add_script_tag(path=AXE)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found: list[dict[str, Any]] = page.evaluate(
                """async () => {
                  // The rest of the page is checked by test_access.py.
                  const parts = { include: [['#stage'], ['[aria-labelledby=save-title]']] };
                  return (await axe.run(parts, { resultTypes: ['violations'] })).violations;
                }"""
            )
            assert [(scheme, each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_nothing_is_wider_than_the_screen(states: list[Page]) -> None:
    for page in states:
        for width, height in ((360, 640), (640, 400), (320, 568)):
            page.set_viewport_size({"width": width, "height": height})
            fits(page)


def test_all_of_it_by_keyboard(page: Page) -> None:
    viewer = Converting(page)
    viewer.run_in("Browser")
    viewer.open(("photo.png", PNG))
    page.keyboard.press("s")
    expect(page.locator("#save-format")).to_be_focused()
    reached = []
    for _ in range(40):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        if reached[-1] == "preview-live":
            break
        page.keyboard.press("Tab")
    assert reached == [
        "save-format", "save-preset", "save-aim", "", "option-effort", "option-progressive", "option-jpeg",
        "option-metadata", "", "save-button", "save-reset", "preview-live",
    ]  # fmt: skip
    page.locator("#save-aim").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#option-distance")).to_have_value("1.1")
    viewer.settle()
    assert viewer.told()["Distance"] == "1.1"
    viewer.canvas.focus()
    page.keyboard.press("Tab")
    expect(page.locator("#ran")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Split between original and converted")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#split")).to_have_attribute("aria-valuenow", "49")
