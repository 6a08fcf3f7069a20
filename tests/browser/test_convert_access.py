"""Converting for everyone: checked by axe, in every scheme and width, and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.images import picture, saved

from .axe import fits_everywhere, violations
from .converting import Converting

PNG = saved(picture(300, 200, 3), "PNG")
LONG = "صورة-طويلة-جدا-" * 6 + ".png"


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


@pytest.mark.parametrize("state", ["split", "difference"])
def test_no_violations_and_nothing_beside_the_screen(lax: Page, state: str) -> None:
    bring(Converting(lax), state)
    assert violations(lax) == []
    fits_everywhere(lax)


def test_all_of_it_by_keyboard(shared: Page) -> None:
    page, viewer = shared, Converting(shared)
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
