"""Makes the pictures of docs/convert.md from the running product.

With a folder as argument it photographs every state, wide and narrow, light and dark.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "docs")]

from pictures import landscape  # noqa: E402

from browser.converting import Converting  # noqa: E402
from server import running_server  # noqa: E402
from support.images import picture, saved  # noqa: E402

Scheme = Literal["light", "dark"]
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 860},
    "narrow": {"width": 360, "height": 740},
}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
STATES = ("split", "difference", "options", "batch", "exact")
SHOWN = (
    ("split", "wide", "light"),
    ("difference", "wide", "dark"),
    ("batch", "narrow", "light"),
    ("options", "narrow", "dark"),
)
"""The states that the page shows."""


def bring(viewer: Converting, state: str, photo: bytes, jpeg: bytes) -> None:
    """Brings the viewer into one of its states."""
    page = viewer.page
    viewer.run_in("Browser")
    others = [("صور العطلة.png", saved(picture(300, 200, 3), "PNG")), ("broken.jxl", b"\xff\x0a")]
    viewer.open(
        ("hills.jpg", jpeg) if state == "exact" else ("hills.png", photo),
        *(others if state == "batch" else []),
    )
    page.keyboard.press("1")
    viewer.choose("JPEG XL")
    if state == "exact":
        page.locator("#option-metadata").select_option("keep")
        page.locator("#save").dispatch_event("input")
        viewer.settle()
        return
    page.locator("#option-effort").fill("4")
    viewer.aim("Distance", "6")
    if state == "difference":
        page.locator(".views").get_by_text("Difference").click()
    if state == "options":
        page.get_by_text("More options", exact=True).click()
        page.get_by_label("Find an option").fill("filter")
    if state == "batch":
        page.evaluate("delete window.showSaveFilePicker")
        with page.expect_download():
            page.get_by_role("button", name="Save all 3 (zip)").click()
    viewer.settle()


def frame(page: Page, state: str, size: str) -> None:
    """Scrolls to where there is something to see."""
    if size == "narrow" and state in ("split", "difference"):
        page.evaluate("scrollTo(0, 0)")
    elif size == "narrow":
        selector = {"options": "#save-options", "batch": "#save-button"}.get(state, "#preview")
        page.locator(selector).evaluate("(each) => each.scrollIntoView({ block: 'start' })")
    else:
        page.evaluate("scrollTo(0, 0)")


def shots(browser: Browser, url: str, wanted: list[tuple[str, str, Scheme]]) -> Iterator[tuple[str, bytes]]:
    """Gives each picture with its name."""
    png, jpeg = io.BytesIO(), io.BytesIO()
    image = Image.fromarray(landscape())
    image.save(png, "PNG")
    image.save(jpeg, "JPEG", quality=90)
    for state, size, scheme in wanted:
        page = browser.new_page(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")
        page.goto(url)
        bring(Converting(page), state, png.getvalue(), jpeg.getvalue())
        frame(page, state, size)
        page.wait_for_timeout(300)
        yield f"convert-{state}-{size}-{scheme}", page.screenshot()
        page.close()


def main() -> None:
    """Photographs the states, few into docs/images or all into the folder given."""
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    every: list[tuple[str, str, Scheme]] = [
        (state, size, scheme) for state in STATES for size in SIZES for scheme in SCHEMES
    ]
    folder = chosen or ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = every if chosen else [each for each in every if each in SHOWN]
    with running_server() as server, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        for name, data in shots(browser, server.url, wanted):
            # A palette keeps the repository small, and nobody sees it.
            Image.open(io.BytesIO(data)).convert("RGB").quantize(256).save(
                folder / f"{name}.png", optimize=True
            )
        browser.close()


if __name__ == "__main__":
    main()
