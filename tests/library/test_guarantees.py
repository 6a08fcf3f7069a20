"""docs/consistency.md names a test for each guarantee; here it is seen that they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "consistency.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:static/)?tests/[\w/.]+)::([^`]+)`", PAGE)))
ROWS = re.findall(r"^\| (?!---|guaranteed|what )(.+?) \| (.*) \|$", PAGE.split("## Not guaranteed")[0], re.M)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_test_that_is_named_is_there(path: str, name: str) -> None:
    text = (ROOT / path).read_text()
    wanted = f"def {name}(" if path.endswith(".py") else f'it("{name}",'
    assert wanted in text


def test_each_guarantee_has_one() -> None:
    assert len(ROWS) >= 15
    assert [guarantee for guarantee, tests in ROWS if "::" not in tests] == []
