"""The table of docs/pillow.md is what both plugins do."""

from __future__ import annotations

import importlib.util

import pytest

from eitherside import Codec
from pillow.rows import PEER, ROWS
from pillow.table import PAGE, Cells, both, read

TABLE = read(PAGE.read_text())


@pytest.fixture(scope="module")
def found(codec: Codec, tmp_path_factory: pytest.TempPathFactory) -> tuple[Cells, Cells]:
    """What each plugin does, by row."""
    # Importing it here would register it in place of the other.
    if importlib.util.find_spec(PEER) is None:
        pytest.skip("pillow-jxl-plugin is not installed: make .venv/.bench")
    return both(codec, tmp_path_factory.mktemp("files"))


def test_no_row_is_left_out() -> None:
    assert list(TABLE) == list(ROWS)


@pytest.mark.parametrize("text", ROWS)
def test_row(text: str, found: tuple[Cells, Cells]) -> None:
    ours, peer = found
    assert TABLE[text] == (ours[text], peer[text])
