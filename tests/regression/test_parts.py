"""The folder in which processes put what they have to report, all at the same time."""

from __future__ import annotations

import threading
from pathlib import Path

from eitherside.regression.parts import Parts

COUNT = 400
DATA = bytes(10)


def test_pictures_are_counted_while_others_write_and_forget(tmp_path: Path) -> None:
    """A file that was there a moment ago has another name, or is gone: that is no failure of a test."""

    def write() -> None:
        for number in range(COUNT):
            parts = Parts(tmp_path)
            parts.add_picture(f"test {number}", DATA)
            if number % 2:
                parts.forget(f"test {number}")

    parts = Parts(tmp_path)
    other = threading.Thread(target=write)
    other.start()
    while other.is_alive():
        assert parts.size() <= COUNT * len(DATA)
    other.join()
    assert parts.size() == COUNT // 2 * len(DATA)


def test_only_pictures_count(tmp_path: Path) -> None:
    """The limit of a report is one of its pictures' bytes, whatever else is there."""
    parts = Parts(tmp_path)
    parts.note("a test", "new", "golden/a.json", ["x" * 1000])
    assert parts.size() == 0
    parts.add_picture("a test", DATA)
    assert parts.size() == len(DATA)
    assert [note["golden"] for note in Parts(tmp_path).notes()] == ["golden/a.json"]
