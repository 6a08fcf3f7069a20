"""Writes the table of docs/pillow.md anew from what the plugins do: ``python -m pillow.table`` in tests/."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from eitherside import Codec
from pillow.files import write
from pillow.plugin import OURS, PEER

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "pillow.md"
BEGIN, END = "<!-- rows -->", "<!-- end of rows -->"
HEAD = "| | `eitherside.pillow` | pillow-jxl-plugin 1.3.8 |\n| --- | --- | --- |\n"

Cells = dict[str, str]


def look(plugin: str, folder: Path) -> Cells:
    """Returns the cells of a plugin, found in a process of its own.

    Raises:
        RuntimeError: that process failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pillow.rows", plugin, str(folder)],
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{plugin} failed:\n{done.stderr}")
    cells: Cells = json.loads(done.stdout)
    return cells


def shown(ours: Cells, peer: Cells) -> str:
    """Returns the table as Markdown."""
    return HEAD + "".join(f"| {text} | {ours[text]} | {peer[text]} |\n" for text in ours)


def read(page: str) -> dict[str, tuple[str, str]]:
    """Returns the rows of the page's table."""
    table = page.split(BEGIN)[1].split(END)[0].strip()
    if not table.startswith(HEAD):
        raise ValueError("the table does not begin with its head")
    found = {}
    for line in table.removeprefix(HEAD).splitlines():
        text, ours, peer = (cell.strip() for cell in line.strip("|").split("|"))
        found[text] = ours, peer
    return found


def main() -> None:
    """Writes the page anew."""
    with tempfile.TemporaryDirectory() as name, Codec() as codec:
        folder = Path(name)
        write(codec, folder)
        table = shown(look(OURS, folder), look(PEER, folder))
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
