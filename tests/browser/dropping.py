"""Drops files and folders of this machine on a page, as a file manager does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page


def drop_paths(page: Page, paths: Iterable[Path]) -> None:
    """Drops files and folders in the middle of the page, which gets them from the browser itself."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    size = page.viewport_size or {"width": 800, "height": 600}
    where = {"x": size["width"] // 2, "y": size["height"] // 2}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})
    session.detach()
