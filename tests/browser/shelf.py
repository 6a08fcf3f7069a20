"""The page of the library, used as a person would."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from .viewer import Viewer
from .waiting import started, until

TILE = "#shelf-list li"


class Shelf:
    """The library's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.viewer = Viewer(page)

    def show(self, address: str = "/#library") -> None:
        """Goes there and waits until the library is open."""
        self.page.goto(address)
        self.ready()

    def ready(self) -> None:
        """Waits until the library is open."""
        started(self.page)
        until(self.page, "document.querySelector('#library-state').textContent !== ''")

    def add(self, *files: tuple[str, bytes]) -> None:
        """Drops files and waits until they are kept."""
        before = self.count()
        self.viewer.drop(*files)
        until(
            self.page,
            "(wanted) => parseInt(document.querySelector('#shelf-count').textContent) === wanted",
            before + len(files),
        )

    def count(self) -> int:
        """How many pictures are shown."""
        text = self.page.locator("#shelf-count").inner_text()
        return int(text.split()[0]) if text else 0

    def tile(self, name: str) -> Locator:
        """The tile of a picture, by its file's name."""
        return self.page.locator(f'{TILE}[title="{name}"]')

    def select(self, *names: str) -> None:
        """Selects pictures by pointer."""
        for index, name in enumerate(names):
            self.tile(name).click(modifiers=["Control"] if index else [])

    def painted(self, name: str) -> None:
        """Waits until a tile shows its thumbnail."""
        until(
            self.page,
            """(name) => {
              const image = document.querySelector(`#shelf-list li[title="${name}"] img`);
              return image?.complete && image.naturalWidth > 0;
            }""",
            name,
        )

    def size(self, selector: str) -> tuple[int, int]:
        """Pixels of an image of the page."""
        found: list[int] = self.page.locator(selector).evaluate(
            "(each) => [each.naturalWidth, each.naturalHeight]"
        )
        return found[0], found[1]

    def caption(self, text: str) -> None:
        """Writes the caption of the picture that is selected, and waits until it is kept."""
        self.page.get_by_label("Caption", exact=True).fill(text)
        expect(self.page.locator(f"{TILE}[aria-selected=true] .tile-label")).to_have_text(text)

    def stored(self) -> list[dict[str, Any]]:
        """Facts of the table of what is still to be sent: a row's cells by column."""
        rows: list[list[str]] = self.page.locator("#sync-rows tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        return [dict(zip(("what", "about", "state", "tries"), row, strict=False)) for row in rows]

    def settled(self) -> None:
        """Waits until nothing is left to be sent."""
        expect(self.page.locator("#library-badge")).to_be_hidden(timeout=60_000)
