"""The library for everyone: with a screen reader, in every scheme and width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from server import Server
from support.images import picture, saved

from .axe import fits_everywhere, lax_viewer, violations
from .shelf import Shelf
from .waiting import until

STATES = ("empty", "editing", "unsent")


def bring(shelf: Shelf, state: str) -> None:
    """Brings the library's page into one of its states."""
    page = shelf.page
    page.evaluate("location.hash = 'library'")
    shelf.ready()
    if state == "empty":
        return
    names = ["تصویر.png", "a-very-long-name-" * 8 + ".png", "b.png"]
    shelf.add(*((name, saved(picture(60 + at, 40, 3), "PNG")) for at, name in enumerate(names)))
    shelf.select(names[0])
    shelf.caption("A caption")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New collection…").click()
    page.get_by_label("Title").fill("Trip")
    page.get_by_role("button", name="Make").click()
    page.get_by_label("Collection", exact=True).select_option("")
    shelf.select(names[0])
    until(page, "document.querySelector('#edit-picture').naturalWidth > 0")
    if state == "editing":
        page.locator("#edit-output > summary").click()
        page.get_by_role("button", name="Crop", exact=True).click()
        page.get_by_role("button", name="Convert", exact=True).click()
        page.get_by_role("button", name="Download jxl").wait_for()
    else:
        page.context.set_offline(True)
        page.locator("#sync > summary").click()
        page.get_by_role("button", name="Keep on the server, too").click()
        until(page, "document.querySelectorAll('#sync-rows tr').length >= 5")


@pytest.mark.parametrize("state", STATES)
def test_no_violations_and_nothing_beside_the_screen(browser: Browser, server: Server, state: str) -> None:
    with lax_viewer(browser, server, reduced_motion="reduce") as page:
        bring(Shelf(page), state)
        assert violations(page) == []
        fits_everywhere(page)
