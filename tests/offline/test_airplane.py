"""Twenty pictures in an aeroplane: opened cold, viewed, edited, converted; at home all of it arrives."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import expect

from browser.shelf import TILE, Shelf
from browser.waiting import until
from server import Server, running_server
from support.images import picture, saved

from .conftest import Launch, ready, visit

COUNT = 20
PICTURES = {
    f"{index:02}.png": saved(np.roll(picture(90, 60, 3), 3 * index, axis=1), "PNG") for index in range(COUNT)
}
RECIPE = "rotate=90&exposure=0.5&crop=10,5,60,40&to=jxl"


def edit_all(shelf: Shelf) -> None:
    """Edits the first picture, gives its recipe to all, and converts them."""
    page = shelf.page
    shelf.select("00.png")
    page.locator("#edit-crop").fill("10 5 60 40")
    page.locator("#edit-rotate").select_option("90")
    page.locator("#edit-exposure").fill("0.5")
    until(page, "document.querySelector('#edit-picture').naturalWidth === 40")
    page.get_by_label("Saved as").select_option("jxl")
    page.get_by_role("button", name="Copy edits").click()
    shelf.tile("00.png").press("Control+a")
    page.locator("#edit-paste").evaluate("(each) => each.click()")
    until(page, f"document.querySelectorAll('{TILE} .tile-mark').length >= 8")
    page.get_by_role("button", name=f"Convert {COUNT} pictures").click()
    expect(page.get_by_role("button", name="Download jxl")).to_have_count(COUNT, timeout=120_000)


def there(server: Server, link: str) -> None:
    """All originals and results are at the service, and the results are what it makes itself."""
    asked = urlsplit(link).fragment.removeprefix("library=")
    library, key = asked.split(".")
    assert not parse_qs(urlsplit(link).query)
    authorization = {"Authorization": f"Bearer {key}"}
    for data in PICTURES.values():
        own = server.post(f"/v1/edit?{RECIPE}", data)
        assert own.status == 200, own.body
        for wanted in (data, own.body):
            digest = hashlib.sha256(wanted).hexdigest()
            found = server.request("GET", f"/v1/libraries/{library}/blobs/{digest}", None, authorization)
            assert (found.status, found.body) == (200, wanted)


def test_twenty_pictures_in_an_aeroplane(launch: Launch, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    with running_server(data_dir=tmp_path / "data") as server, launch(profile) as context:
        ready(visit(context, server.url))
        port, url = server.port, f"{server.url}/#library"

    with launch(profile) as context:
        page = context.new_page()
        shelf = Shelf(page)
        shelf.show(url)
        shelf.add(*PICTURES.items())
        shelf.painted("00.png")
        shelf.select("07.png")
        page.get_by_role("button", name="Open in the viewer").click()
        shelf.viewer.wait("07.png")
        assert shelf.viewer.pixels()[..., 3].any()
        page.go_back()
        edit_all(shelf)
        page.locator("#sync > summary").click()
        page.get_by_role("button", name="Keep on the server, too").click()
        expect(page.locator("#sync-summary")).to_contain_text("to be sent")

    with launch(profile) as context:
        page = context.new_page()
        shelf = Shelf(page)
        shelf.show(url)
        expect(page.locator("#shelf-count")).to_have_text(f"{COUNT} pictures")
        # The library itself, its changes, the originals and the results.
        expect(page.locator("#library-badge")).to_have_text(str(2 + 2 * COUNT))
        with running_server(port=port, data_dir=tmp_path / "data") as server:
            page.evaluate("dispatchEvent(new Event('online'))")
            shelf.settled()
            page.get_by_role("button", name="Share…").click()
            there(server, page.get_by_label("Link").input_value())
