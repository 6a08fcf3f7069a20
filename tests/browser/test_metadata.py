"""The metadata panel: all that a file says, as text whatever is in it, and as JSON."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, ImageCms, TiffImagePlugin
from playwright.sync_api import Browser, Page, expect

from server import Server
from support.images import animated, picture

from .viewer import Viewer
from .waiting import started

EVIL = "<img src=x onerror=alert(1)>\u202e evil"
XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmp:Rating="4"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{EVIL.replace("<", "&lt;")}</rdf:li>
<rdf:li xml:lang="de">Titel</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>
<dc:description>{"long " * 100}</dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def photograph() -> bytes:
    """A JPEG file with Exif, XMP and an ICC profile."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x010E] = EVIL
    exif[0x0112] = 6
    exif[0x8769] = {0x829A: TiffImagePlugin.IFDRational(1, 250)}
    exif.get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "E", 4: (18.0, 15.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    file = io.BytesIO()
    Image.fromarray(picture(64, 48, 3)).save(
        file, "JPEG", exif=exif, xmp=XMP.encode(), icc_profile=profile.tobytes()
    )
    return file.getvalue()


PHOTO = photograph()


@pytest.fixture
def viewer(shared: Page) -> Viewer:
    return Viewer(shared)


def unfold(page: Page, part: str) -> None:
    """Opens a part of the panel."""
    page.locator(f"#metadata-parts > details[data-part='{part}'] > summary").click()


def field(page: Page, part: str, name: str) -> str:
    """A line of a part."""
    rows = page.locator(f"#metadata-parts > details[data-part='{part}'] > dl > div")
    return rows.filter(has=page.locator("dt").get_by_text(name, exact=True)).locator("dd").inner_text()


def test_exif_xmp_and_profile_can_be_read(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("photo.jpg", PHOTO))
    page.locator("#metadata > summary").click()
    page.locator("[data-part='Exif']").wait_for()
    for part in ("Exif", "XMP", "ICC profile", "JPEG", "Boxes"):
        unfold(page, part)
    assert field(page, "Exif", "Make") == "Maker"
    # Exif has ASCII alone.
    assert field(page, "Exif", "ImageDescription") == EVIL.replace("\u202e", "?")
    assert field(page, "Exif", "ExposureTime") == "1/250"
    assert field(page, "Exif", "Place") == "-33.500000°, 18.250000°"
    assert field(page, "XMP", "xmp:Rating") == "4"
    assert field(page, "XMP", "dc:title") == f"{EVIL}; Titel (de)"
    assert field(page, "XMP", "dc:subject") == "one; two"
    assert field(page, "ICC profile", "Colour space") == "RGB"
    assert "sRGB" in field(page, "ICC profile", "Description")
    assert field(page, "JPEG", "JPEG can be restored") == "this is a JPEG file"
    assert "APP1" in page.get_by_role("region", name="Boxes").inner_text()
    assert page.locator("#metadata-parts img").count() == 0
    long = page.locator("[data-part='XMP'] details.long").first
    expect(long.locator(".whole")).to_be_hidden()
    long.locator("summary").click()
    assert long.locator(".whole").inner_text() == ("long " * 100).strip()


def test_everything_is_copied_as_json(browser: Browser, server: Server) -> None:
    context = browser.new_context(
        base_url=server.url, permissions=["clipboard-read", "clipboard-write"], service_workers="block"
    )
    page = context.new_page()
    page.goto("/")
    started(page)
    viewer = Viewer(page)
    viewer.open(("photo.jpg", PHOTO))
    page.locator("#metadata > summary").click()
    page.get_by_role("button", name="Copy as JSON").click()
    viewer.said("Copied as JSON")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    answer = server.post("/v1/inspect", PHOTO).json
    assert {name: copied[name] for name in answer} == answer
    assert copied["file"] == "photo.jpg"
    assert copied["contents"]["exif"]["Make"] == "Maker"
    assert copied["contents"]["xmp"]["dc:title"] == f"{EVIL}; Titel (de)"
    assert copied["contents"]["icc"]["Colour space"] == "RGB"
    # Where the browser does not let the page copy, the text is offered.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy as JSON").click()
    offered = page.get_by_label("All that is known of the file, as JSON")
    assert json.loads(offered.input_value()) == copied
    context.close()


def test_frames_and_files_without_metadata(viewer: Viewer) -> None:
    page = viewer.page
    viewer.open(("moving.png", animated("PNG", 3)))
    page.locator("#metadata > summary").click()
    unfold(page, "Frames")
    rows = page.get_by_role("region", name="Frames").locator("tbody tr")
    assert rows.count() == 3
    assert rows.first.inner_text().split() == ["1", "0.1", "s"]
    assert [row[0] for row in viewer.calls()] == ["decode", "inspect"]


def test_broken_metadata_are_told_as_such(viewer: Viewer, server: Server) -> None:
    file = io.BytesIO()
    Image.fromarray(picture(16, 16, 3)).save(file, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", xmp=b"<x>")
    viewer.open(("broken.jpg", file.getvalue()))
    viewer.page.locator("#metadata > summary").click()
    viewer.page.locator("[data-part='XMP']").wait_for()
    unfold(viewer.page, "XMP")
    assert "bytes that cannot be read" in field(viewer.page, "XMP", "XMP")
