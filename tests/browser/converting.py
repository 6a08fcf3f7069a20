"""The viewer's part that converts, used as a person would."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .viewer import Viewer
from .waiting import until


class Converting(Viewer):
    """The viewer's page, with its form for converting."""

    def fresh(self) -> None:
        """Leaves what an earlier test has chosen, but not what it has opened."""
        page = self.page
        self.run_in("Auto")
        if not page.locator("#work").is_visible():
            return
        self.choose("JPEG XL")
        page.get_by_role("button", name="Reset options").click()
        page.get_by_label("Live").check()
        page.locator(".views").get_by_text("Split").click()
        page.locator("#save-options").evaluate("(details) => { details.open = false; }")

    def choose(self, format_title: str) -> None:
        """Chooses a format."""
        self.page.locator("#save-format").select_option(label=format_title)

    def aim(self, title: str, value: str | None = None) -> None:
        """Chooses what is aimed at, and its value."""
        self.page.locator("#save-aim").select_option(label=title)
        if value is not None:
            self.page.locator("#save-aim-field input[type=number]").fill(value)

    def settle(self) -> None:
        """Waits until the preview has nothing more to tell."""
        # What is to be tried is known in the frame after it was chosen.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        until(self.page, "document.querySelector('#preview').getAttribute('aria-busy') === 'false'")

    def told(self) -> dict[str, str]:
        """What the preview tells, by label."""
        found: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('#preview-facts > div')]
              .map((line) => [line.children[0].textContent, line.children[1].textContent]))"""
        )
        return found

    def over(self) -> NDArray[np.uint8]:
        """What lies over the picture, of shape (height, width, 4)."""
        return self.pixels("#over-canvas")

    def swipe(self, x: float, y: float, dx: float) -> None:
        """Moves a finger over the screen, from left to right by `dx` CSS pixels."""
        session = self.page.context.new_cdp_session(self.page)
        for kind, points in (
            ("touchStart", [(x, y)]),
            ("touchMove", [(x + dx / 2, y)]),
            ("touchMove", [(x + dx, y)]),
            ("touchEnd", []),
        ):
            told = [{"x": at, "y": height} for at, height in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})
        session.detach()
