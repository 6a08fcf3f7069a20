"""A batch over a folder: whole files only, and it goes on where it was stopped."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eitherside.cli.journal import Journal
from support.commands import Done, command
from support.images import animated, picture, saved

JOURNAL = ".eitherside-batch.jsonl"


def batch(*arguments: str | Path) -> Done:
    return command("batch", *arguments)


def made(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their names below it; not the journal's."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(JOURNAL)
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.png").write_bytes(saved(picture(40, 30, 3), "PNG"))
    (folder / "deep" / "b.JPG").write_bytes(saved(picture(40, 30, 3, seed=2), "JPEG"))
    (folder / "deep" / "er" / "c.gif").write_bytes(animated("GIF"))
    (folder / "deep" / "d.webp").write_bytes(saved(picture(40, 30, 3, seed=3), "WEBP", lossless=True))
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"not looked at")
    return folder


def test_a_tree_becomes_a_tree(source: Path, tmp_path: Path) -> None:
    done = batch(source, tmp_path / "out", "--to", "jxl", "--effort", "2")
    assert done.status == 0, done.stderr
    assert "4 made" in done.stderr
    assert "1 of no known format" in done.stderr
    files = made(tmp_path / "out")
    assert sorted(files) == ["a.jxl", "deep/b.jxl", "deep/d.jxl", "deep/er/c.jxl"]
    assert all(data[:2] == b"\xff\x0a" or data[4:8] == b"JXL " for data in files.values())


def test_only_what_changed_is_made_again(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--to", "png")
    assert "4 made" in batch(source, out, *options).stderr
    before = {name: (out / name).stat().st_mtime_ns for name in made(out)}
    assert "0 made" in (again := batch(source, out, *options).stderr)
    assert "4 done before" in again
    (source / "a.png").write_bytes(saved(picture(41, 30, 3), "PNG"))
    (out / "deep" / "b.png").write_bytes(b"changed by someone")
    (out / "deep" / "d.png").unlink()
    assert "3 made" in batch(source, out, *options, "--overwrite").stderr
    changed = {name for name, when in before.items() if (out / name).stat().st_mtime_ns != when}
    assert changed == {"a.png", "deep/b.png", "deep/d.png"}
    assert "4 made" in batch(source, out, *options, "--metadata", "strip").stderr
    assert "4 made" in batch(source, out, *options, "--metadata", "strip", "--again").stderr


def test_files_of_one_stem_do_not_overwrite_each_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(saved(picture(10, 10, 3), "PNG"))
    (tmp_path / "in" / "a.jpg").write_bytes(saved(picture(10, 10, 3), "JPEG"))
    assert batch(tmp_path / "in", tmp_path / "out", "--to", "jxl").status == 0
    assert sorted(made(tmp_path / "out")) == ["a.jpg.jxl", "a.png.jxl"]


def test_failures_are_listed_and_the_rest_is_made(source: Path, tmp_path: Path) -> None:
    (source / "bad.jxl").write_bytes(b"no image at all")
    (source / "cut.png").write_bytes((source / "a.png").read_bytes()[:500])
    done = batch(source, tmp_path / "out", "--to", "png")
    assert done.status == 1
    assert "4 made" in done.stderr
    assert "2 failed" in done.stderr
    lines = done.stderr.splitlines()
    assert lines[-2].startswith(f"{source / 'bad.jxl'}: unknown_format: ")
    assert lines[-1].startswith(f"{source / 'cut.png'}: truncated: ")
    assert len(made(tmp_path / "out")) == 4
    assert "2 failed" in batch(source, tmp_path / "out", "--to", "png").stderr


def test_the_destination_may_be_inside_the_source(source: Path) -> None:
    assert "4 made" in batch(source, source / "out", "--to", "jxl").stderr
    assert "4 done before" in (again := batch(source, source / "out", "--to", "jxl").stderr)
    assert "0 made" in again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "nonsense"), "there is no format nonsense; there are jxl, png"),
        (("--to", "jxl", "--effort", "much"), "--effort"),
        ((), "Missing option '--to'"),
    ],
)
def test_wrong_usage(source: Path, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = batch(source, tmp_path / "out", *arguments)
    assert done.status == 2
    assert message in done.stderr
    assert batch(tmp_path / "nowhere", tmp_path / "out", "--to", "jxl").status == 2


def many(folder: Path, count: int) -> None:
    folder.mkdir()
    for index in range(count):
        (folder / f"{index:02}.png").write_bytes(saved(picture(120, 90, 3, seed=index), "PNG"))


def begun(source: Path, out: Path, wanted: int) -> subprocess.Popen[str]:
    """A batch that has made some files and is at work on more."""
    line = [sys.executable, "-m", "eitherside", "batch", str(source), str(out)]
    line += ["--to", "jxl", "--effort", "8", "--jobs", "2"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    for _ in range(6000):
        if len(list(out.glob("*.jxl"))) >= wanted:
            return process
        assert process.poll() is None
        time.sleep(0.01)
    pytest.fail("the batch made nothing")


def test_killed_in_the_middle_it_goes_on(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    many(source, 24)
    batch(source, tmp_path / "whole", "--to", "jxl", "--effort", "8")
    with begun(source, out, 4) as process:
        process.send_signal(signal.SIGKILL)
    left = {path.name: path for path in out.iterdir()}
    finished = [name for name in left if name.endswith(".jxl")]
    assert 4 <= len(finished) < 24
    for name in finished:
        assert left[name].read_bytes() == (tmp_path / "whole" / name).read_bytes()
    # What a process killed in the middle of writing leaves, whether it did this time or not.
    (out / ".x.jxl.0123456789ab.eitherside-part").write_bytes(b"half")
    with (out / JOURNAL).open("ab") as journal:
        journal.write(b'{"output": "half a li')
    times = {name: left[name].stat().st_mtime_ns for name in finished}
    noted = {json.loads(line)["output"] for line in (out / JOURNAL).read_bytes().splitlines()[:-1]}
    done = batch(source, out, "--to", "jxl", "--effort", "8")
    assert done.status == 0, done.stderr
    assert f"{len(noted)} done before" in done.stderr
    assert made(out) == made(tmp_path / "whole")
    assert all((out / name).stat().st_mtime_ns == times[name] for name in noted)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_cleanly_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    many(source, 24)
    with begun(source, out, 2) as process:
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; the same command goes on from here" in stderr
    assert "Traceback" not in stderr
    assert not list(out.glob(".*-part"))
    finished = len(list(out.glob("*.jxl")))
    assert finished < 24
    # What the same command would do; that it does so is seen after a batch that was killed.
    again = batch(source, out, "--to", "jxl", "--effort", "8", "--dry-run")
    assert again.status == 0
    assert f"{24 - finished} to be made" in again.stderr
    assert f"{finished} done before" in again.stderr


def test_two_at_once_do_not_write_to_one_folder(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Journal(out):
        second = batch(source, out, "--to", "jxl")
    assert second.status == 2
    assert f"another batch writes to {out}" in second.stderr
    assert made(out) == {}
    assert batch(source, out, "--to", "jxl").status == 0


def test_progress_is_shown_on_a_terminal(source: Path, tmp_path: Path) -> None:
    terminal, side = os.openpty()
    line = [sys.executable, "-m", "eitherside", "batch", str(source), str(tmp_path / "out"), "--to", "png"]
    with subprocess.Popen(line, stdout=side, stderr=side) as process:
        os.close(side)
        shown = bytearray()
        try:
            while chunk := os.read(terminal, 4096):
                shown += chunk
        except OSError:
            pass
        os.close(terminal)
    assert process.returncode == 0
    assert b"4/4" in shown
    png = (tmp_path / "out" / "a.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), np.asarray(Image.open(source / "a.png")))
