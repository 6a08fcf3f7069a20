"""docs/embedding.md, done as it is written: each block a program of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.images import picture, saved

GUIDE = Path(__file__).parents[2] / "docs" / "embedding.md"
_BLOCK = re.compile(r"^## (.+?)$|^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """The guide's programs, each with the heading above it."""
    found, heading = [], ""
    for title, text in _BLOCK.findall(GUIDE.read_text()):
        heading = title or heading
        if text:
            found.append((heading, text))
    return found


def test_there_is_a_program_for_each_way() -> None:
    assert {heading for heading, _ in blocks()} == {
        "Threads",
        "asyncio",
        "Several processes",
        "The service in another application",
    }


@pytest.mark.parametrize(("heading", "text"), blocks())
def test_it_runs(tmp_path: Path, heading: str, text: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(saved(picture(320, 240, 3), "JPEG", quality=90))
    # A file, because new processes import what started them.
    program = tmp_path / "program.py"
    program.write_text(text)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
