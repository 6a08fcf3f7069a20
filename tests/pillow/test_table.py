"""The table of docs/pillow.md is what both plugins do."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pillow.plugin import OURS, PEER
from pillow.rows import ROWS
from pillow.table import PAGE, Cells, look, read

TABLE = read(PAGE.read_text())


@pytest.fixture(scope="module")
def found(files: Path) -> tuple[Cells, Cells]:
    """What each plugin does, by row."""
    # Importing it here would register it in place of the other.
    if importlib.util.find_spec(PEER) is None:
        pytest.skip("pillow-jxl-plugin is not installed: make .venv/.bench")
    return look(OURS, files), look(PEER, files)


def test_no_row_is_left_out() -> None:
    assert list(TABLE) == list(ROWS)


@pytest.mark.parametrize("text", ROWS)
def test_row(text: str, found: tuple[Cells, Cells]) -> None:
    ours, peer = found
    assert TABLE[text] == (ours[text], peer[text])
