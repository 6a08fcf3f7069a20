"""Makes the README's pictures from the running product: `make pictures`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.viewer import Viewer  # noqa: E402
from server import running_server  # noqa: E402

SHOTS: dict[str, tuple[ViewportSize, Any]] = {
    "viewer-light": ({"width": 1280, "height": 860}, "light"),
    "viewer-dark": ({"width": 1280, "height": 860}, "dark"),
    "viewer-narrow": ({"width": 360, "height": 740}, "light"),
}
PANEL = "places-light"
ROUNDS = 3
"""How often the panel's call is made in each place before its picture is taken."""


def landscape(width: int = 1600, height: int = 1067) -> NDArray[np.uint8]:
    """Hills in the evening, painted with sines, of shape (height, width, 3)."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width] / height
    sky = np.stack([0.98 - 0.45 * (1 - y) ** 1.4, 0.62 + 0.05 * y, 0.42 + 0.42 * (1 - y) ** 1.2], axis=-1)
    sun = np.exp(-(((x - 1.02) ** 2 + (y - 0.44) ** 2) / 0.02))[..., None]
    picture = sky + sun * np.array([0.5, 0.42, 0.2])
    for depth in range(6):
        base = 0.48 + 0.085 * depth
        ridge = base - 0.05 * np.sin(3.1 * x + 2.3 * depth) - 0.025 * np.sin(9.7 * x + depth)
        ridge -= 0.008 * np.sin(41 * x + 5 * depth)
        shade = np.array([0.44, 0.35, 0.47]) * (1 - 0.15 * depth) + 0.03 * sun
        mist = np.clip((y - ridge) * 3.2, 0, 1)[..., None] * 0.18
        hill = shade + mist * np.array([1.0, 0.75, 0.6]) / (depth + 1) ** 0.5
        picture = np.where((y > ridge)[..., None], hill, picture)
    picture += rng.normal(0, 0.008, picture.shape)
    return (np.clip(picture, 0, 1) * 255).astype(np.uint8)


def photograph_panel(browser: Browser, url: str, file: bytes, path: Path) -> None:
    """Makes calls in every place and photographs the panel that tells how they went."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
    page.goto(url)
    viewer = Viewer(page)
    viewer.open(("hills.jxl", file))
    viewer.open_panel()
    for call in ("decode", "save"):
        page.locator("#where-call").select_option(call)
        page.wait_for_timeout(1000)
        for _ in range(ROUNDS):
            for title in page.locator("#where-head .place").all_inner_texts():
                viewer.attempt(title)
    page.locator("#where-call").select_option("decode")
    page.wait_for_timeout(2000)
    page.locator("#where").screenshot(path=path)
    page.close()


def main() -> None:
    """Opens a picture in the viewer and photographs the page, wide and narrow, light and dark."""
    png = io.BytesIO()
    Image.fromarray(landscape()).save(png, "PNG")
    folder = ROOT / "docs" / "images"
    folder.mkdir(exist_ok=True)
    with running_server() as server, sync_playwright() as playwright:
        jxl = server.post("/v1/transcode?to=jxl&distance=1", png.getvalue()).body
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        for name, (size, scheme) in SHOTS.items():
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.goto(server.url)
            viewer = Viewer(page)
            viewer.open(("hills.jxl", jxl))
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        photograph_panel(browser, server.url, jxl, folder / f"{PANEL}.png")
        browser.close()


if __name__ == "__main__":
    main()
