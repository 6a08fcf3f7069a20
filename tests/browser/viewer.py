"""The viewer, used as a person would."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from .waiting import until

DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], name));
  }
  return transfer;
}"""


class Viewer:
    """The viewer's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.locator("#canvas")
        page.evaluate("window.earlier = document.querySelectorAll('#calls tr').length")

    def drop(self, *files: tuple[str, bytes]) -> None:
        """Drops files on the page, wherever."""
        coded = [[name, base64.b64encode(data).decode()] for name, data in files]
        transfer = self.page.evaluate_handle(DROP, coded)
        for event in ("dragover", "drop"):
            self.page.dispatch_event("body", event, {"dataTransfer": transfer})

    def open(self, *files: tuple[str, bytes]) -> None:
        """Drops files and waits until the first one is shown, or cannot be."""
        self.drop(*files)
        self.wait(files[0][0])

    def wait(self, name: str) -> None:
        """Waits until a file is shown, or cannot be."""
        until(
            self.page,
            """(name) => document.querySelector('#file-name').textContent === name
              && document.querySelector('#canvas').getAttribute('aria-busy') === 'false'""",
            arg=name,
        )

    def run_in(self, place: str) -> None:
        """Chooses by the switch where calls run."""
        self.page.locator(".switch").get_by_text(place, exact=True).click()

    def open_panel(self) -> None:
        """Opens the panel "Where it runs" and waits until the planner has told of the next call."""
        self.page.locator("#where > summary").click()
        self.page.locator("#where-call-facts").wait_for()

    def attempt(self, title: str) -> None:
        """Has the panel's call made at a place, and waits until its mark is drawn."""
        before = self.marks()
        self.page.get_by_role("button", name=f"Try it: {title}", exact=True).click()
        # A thumbnail that is done makes a mark, too.
        until(
            self.page,
            """(count) => document.querySelectorAll('#plot .point').length > count
              && document.querySelector('#busy').hidden""",
            arg=before,
        )

    def marks(self) -> int:
        """How many calls the plot shows."""
        return self.page.locator("#plot .point").count()

    def pixels(self, canvas: str = "#canvas") -> NDArray[np.uint8]:
        """What a canvas shows, the picture's where none is named; of shape (height, width, 4)."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        width, height, text = self.page.evaluate(
            """(selector) => {
              const canvas = document.querySelector(selector);
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              let text = '';
              for (let at = 0; at < data.length; at += 8192) {
                text += String.fromCharCode(...data.subarray(at, at + 8192));
              }
              return [canvas.width, canvas.height, btoa(text)];
            }""",
            canvas,
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def text(self, selector: str) -> str:
        """The text of an element."""
        return self.page.locator(selector).inner_text()

    def fact(self, label: str) -> str:
        """The value of a fact."""
        return (
            self.page.locator("#facts > div", has=self.page.locator("dt", has_text=label))
            .locator("dd")
            .inner_text()
        )

    def calls(self) -> list[list[str]]:
        """The rows of the table of calls, newest first; of a page that was renewed those made since."""
        rows: list[list[str]] = self.page.evaluate(
            """() => [...document.querySelectorAll('#calls tr')]
              .filter((_, index, all) => index < all.length - window.earlier)
              .map((row) => [...row.cells].map((cell) => cell.textContent))"""
        )
        return rows

    def region(self, name: str) -> Locator:
        """The part of the page under a heading."""
        return self.page.get_by_role("region", name=name)

    def said(self, text: str) -> None:
        """Waits until the page has said something to those who listen."""
        until(
            self.page,
            """(text) => ['#announce', '#alert']
              .some((id) => document.querySelector(id).textContent.includes(text))""",
            arg=text,
        )


def middle(pixels: NDArray[np.uint8], image: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """The same part of a canvas and of the image that it shows one to one, centred."""
    height, width = (min(a, b) // 2 * 2 - 2 for a, b in zip(pixels.shape[:2], image.shape[:2], strict=True))
    top, left = round((pixels.shape[0] - image.shape[0]) / 2), round((pixels.shape[1] - image.shape[1]) / 2)
    y, x = max(0, -top), max(0, -left)
    part = image[y : y + height, x : x + width]
    return pixels[y + top : y + top + height, x + left : x + left + width], part
