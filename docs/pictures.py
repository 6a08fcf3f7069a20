"""Photographs every state of the viewer in the product: `make pictures`, ARGS="strip pixel" for some of them.

Each state is one sheet in docs/images/: above in light, below in dark colours; left on a wide screen, right
on a narrow one. docs/states.md shows them all, and is written by this program.
"""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

from states import STATES, Files, Scene, State, arrived  # noqa: E402

from browser.converting import Converting  # noqa: E402
from browser.waiting import started  # noqa: E402
from eitherside import Codec  # noqa: E402
from server import Server, running_server  # noqa: E402
from support.chromium import FLAGS, installed, sandbox  # noqa: E402

Scheme = Literal["light", "dark"]
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 360, "height": 860}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
GAP = 20
QUALITY = 82
"""Of the WebP files: text stays legible, and all sheets together stay small."""


def photograph(
    browser: Browser, server: Server, files: Files, state: State, scheme: Scheme
) -> list[Image.Image]:
    """A state in one scheme: wide, then narrow."""
    shots = []
    for size in (WIDE, NARROW):
        with ExitStack() as stack:
            context = browser.new_context(
                viewport=size,
                color_scheme=scheme,
                reduced_motion="reduce",
                base_url=server.url,
                service_workers="block",
            )
            stack.callback(context.close)
            page = context.new_page()
            if state.name == "arriving":
                stack.enter_context(arrived(files, server, page))
            else:
                page.goto("/")
                started(page)
                scene = Scene(page, Converting(page), files, server)
                state.bring(scene)
                scene.scroll(state.narrow if size is NARROW else state.wide)
            shots.append(_shot(page))
    return shots


def _shot(page: Page) -> Image.Image:
    page.wait_for_timeout(400)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Pictures in rows on one sheet."""
    width = max(sum(each.width for each in row) + GAP * (len(row) - 1) for row in rows)
    height = sum(row[0].height for row in rows) + GAP * (len(rows) - 1)
    whole = Image.new("RGB", (width, height), (128, 128, 128))
    y = 0
    for row in rows:
        x = 0
        for each in row:
            whole.paste(each, (x, y))
            x += each.width + GAP
        y += row[0].height + GAP
    return whole


def page_of_states() -> str:
    """docs/states.md."""
    parts = [
        "# What the viewer looks like",
        "Every state, photographed in the running product by `make pictures`: above in light, below in dark "
        "colours; left on a wide screen, right on one of 360 pixels.",
    ]
    for state in STATES:
        parts += [f"## {state.name.capitalize()}", state.text, f"![{state.text}](images/{state.name}.webp)"]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Photographs the states that are named, or all."""
    wanted = [state for state in STATES if not sys.argv[1:] or state.name in sys.argv[1:]]
    folder = DOCS / "images"
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        Codec() as codec,
        running_server(data_dir=data) as server,
        sync_playwright() as playwright,
    ):
        files = Files(codec)
        browser = playwright.chromium.launch(executable_path=installed(), args=[*FLAGS, *sandbox()])
        for number, state in enumerate(wanted, 1):
            print(f"{number}/{len(wanted)} {state.name}", flush=True)
            rows = [photograph(browser, server, files, state, scheme) for scheme in SCHEMES]
            made = folder / f"{state.name}.webp.part"
            sheet(rows).save(made, "WEBP", quality=QUALITY, method=6)
            made.replace(folder / f"{state.name}.webp")
        browser.close()
    (DOCS / "states.md").write_text(page_of_states(), encoding="utf-8")


if __name__ == "__main__":
    main()
