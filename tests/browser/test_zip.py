"""Saving all that is open, as one archive."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
from playwright.sync_api import Page, Route, expect

from server import Server
from support.images import picture, saved

from .converting import Converting
from .waiting import until

FILES = [
    ("a.png", saved(picture(40, 30, 3), "PNG")),
    ("A.PNG", saved(picture(30, 40, 3), "PNG")),
    ("صورة.png", saved(picture(20, 20, 4), "PNG")),
    ("broken<b>.jxl", b"\xff\x0a" + bytes(50)),
    ("../up.ppm", saved(picture(16, 16, 3), "PPM")),
]
NAMES = ["a.jxl", "A (2).jxl", "صورة.jxl", "_up.jxl"]

OPFS = """async () => {
  const folder = await navigator.storage.getDirectory();
  await folder.removeEntry('chosen.zip').catch(() => undefined);
  const handle = await folder.getFileHandle('chosen.zip', { create: true });
  window.picked = handle;
  window.showSaveFilePicker = async ({ suggestedName }) => {
    window.suggested = suggestedName;
    return handle;
  };
}"""
READ = """async () => {
  const bytes = new Uint8Array(await (await window.picked.getFile()).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}"""


@pytest.fixture
def viewer(shared: Page) -> Converting:
    viewer = Converting(shared)
    viewer.run_in("Browser")
    return viewer


def check(archive: bytes, server: Server) -> None:
    """The archive has all results, and a list of what has none."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert names == [*NAMES, "not converted.txt"]
        results = [data for name, data in FILES if not name.startswith("broken")]
        for name, data in zip(names, results, strict=False):
            assert opened.read(name) == server.post("/v1/transcode?to=jxl&effort=3", data).body
        listed = opened.read("not converted.txt").decode()
    assert "1 file could not be converted." in listed
    assert "broken<b>.jxl: " in listed


def begin(viewer: Converting, files: list[tuple[str, bytes]]) -> None:
    viewer.open(*files)
    viewer.page.get_by_label("Live").uncheck()
    viewer.choose("JPEG XL")
    viewer.page.locator("#option-effort").fill("3")


def test_all_are_downloaded(viewer: Converting, server: Server) -> None:
    page = viewer.page
    page.evaluate("delete window.showSaveFilePicker")
    begin(viewer, FILES)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save all 5 (zip)").click()
    assert download.value.suggested_filename == "JPEG XL pictures.zip"
    check(download.value.path().read_bytes(), server)
    expect(page.locator("#batch-text")).to_contain_text("JPEG XL pictures.zip: 4 files")
    expect(page.locator("#batch-failures li")).to_have_count(1)
    expect(page.locator("#batch-failures")).to_contain_text("broken<b>.jxl: ")
    viewer.said("JPEG XL pictures.zip: 4 files")


def test_all_are_written_to_a_file(viewer: Converting, server: Server) -> None:
    """A file of the origin's own stands for one of the user's: no dialogue can be answered here."""
    page = viewer.page
    page.evaluate(OPFS)
    begin(viewer, FILES)
    page.get_by_role("button", name="Save all 5 (zip)").click()
    expect(page.locator("#batch-text")).to_contain_text("4 files")
    assert page.evaluate("window.suggested") == "JPEG XL pictures.zip"
    check(base64.b64decode(page.evaluate(READ)), server)


def test_cancelling_leaves_nothing(viewer: Converting) -> None:
    page = viewer.page
    page.evaluate(OPFS)
    begin(viewer, [(f"{index}.png", FILES[0][1]) for index in range(30)])
    held: list[Route] = []
    page.context.route("**/v1/transcode**", lambda route: held.append(route))
    viewer.run_in("Server")
    page.get_by_role("button", name="Save all 30 (zip)").click()
    expect(page.get_by_role("progressbar", name="Files done")).to_be_visible()
    until(page, "document.querySelector('#batch-text').textContent.includes('0 of 30 done, now 0.png')")
    page.wait_for_timeout(100)
    assert len(held) <= 1, "one at a time"
    page.get_by_role("button", name="Cancel all").click()
    expect(page.locator("#batch-text")).to_have_text("Cancelled after 0 of 30 files. Nothing was saved.")
    gone = "async () => { try { return (await picked.getFile()).size; } catch { return 0; } }"
    assert page.evaluate(gone) == 0
    # It can be done again.
    page.context.unroute("**/v1/transcode**")
    page.evaluate("delete window.showSaveFilePicker")
    viewer.run_in("Browser")
    with page.expect_download():
        page.get_by_role("button", name="Save all 30 (zip)").click()
