"""What a batch can be told: to try, to flatten, to leave out, to overwrite, to report."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from support.commands import command, names, ok
from support.images import picture, saved

JXL = ("--to", "jxl", "--effort", "1")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a picture in it, one below, and one that is none; commands run beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.png").write_bytes(saved(picture(40, 30, 3), "PNG"))
    (tmp_path / "in" / "deep" / "b.png").write_bytes(saved(picture(40, 30, 3, seed=2), "PNG"))
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    return tmp_path


def made(folder: Path) -> list[str]:
    """The outputs in a folder."""
    return [name for name in names(folder) if not Path(name).name.startswith(".")]


def test_a_dry_run_writes_nothing(tree: Path) -> None:
    done = ok("batch", "in", "out", *JXL, "--dry-run")
    assert done.stdout.decode().splitlines() == [
        "out/a.jxl would be made from in/a.png",
        "out/bad.jxl would be made from in/bad.png",
        "out/deep/b.jxl would be made from in/deep/b.png",
    ]
    assert "3 to be made" in done.stderr
    assert not (tree / "out").exists()
    command("batch", "in", "out", *JXL)
    before = names(tree / "out")
    lines = ok("batch", "in", "out", *JXL, "--dry-run", "--json").lines
    assert [line["outcome"] for line in lines[:-1]] == ["done", "planned", "done"]
    assert lines[-1]["summary"]["planned"] == 1
    assert names(tree / "out") == before


def test_json_tells_of_each_file_and_of_all(tree: Path) -> None:
    done = command("batch", "in", "out", *JXL, "--json")
    assert done.status == 1
    *files, last = done.lines
    assert sorted((line["file"], line["outcome"]) for line in files) == [
        ("in/a.png", "made"),
        ("in/deep/b.png", "made"),
    ]
    assert files[0]["bytes_out"] == Path(files[0]["output"]).stat().st_size
    assert [(error["code"], error["file"]) for error in done.errors] == [("unknown_format", "in/bad.png")]
    summary = last["summary"]
    assert (summary["made"], summary["failed"], summary["interrupted"]) == (2, 1, False)
    assert summary["bytes_in"] == sum(line["bytes_in"] for line in files)


def test_all_in_one_folder(tree: Path) -> None:
    (tree / "in" / "bad.png").unlink()
    ok("batch", "in", "flat", *JXL, "--flat")
    ok("batch", "in", "kept", *JXL, "--keep-structure")
    assert made(tree / "flat") == ["a.jxl", "b.jxl"]
    assert made(tree / "kept") == ["a.jxl", "deep/b.jxl"]
    (tree / "in" / "deep" / "a.png").write_bytes((tree / "in" / "a.png").read_bytes())
    done = command("batch", "in", "again", *JXL, "--flat")
    assert (done.status, (tree / "again").exists()) == (2, False)
    assert "2 files would become a.png.jxl" in done.stderr


def test_what_would_be_larger_is_left_out(tree: Path) -> None:
    (tree / "in" / "bad.png").unlink()
    noise = np.random.default_rng(1).integers(0, 255, (60, 60, 3), np.uint8)
    (tree / "in" / "noise.jpg").write_bytes(saved(noise, "JPEG", quality=30))
    options = ("batch", "in", "out", *JXL, "--lossless", "--jpeg", "pixels")
    assert "3 made" in ok(*options).stderr
    assert "noise.jxl" in made(tree / "out")
    assert "3 done before" in ok(*options, "--skip-if-larger").stderr
    # Made with other options, it is larger, and what was there would pass for the new one.
    done = ok(*options, "--progressive", "--skip-if-larger")
    assert "1 left out as they would be no smaller" in done.stderr
    assert made(tree / "out") == ["a.jxl", "deep/b.jxl"]
    again = ok(*options, "--progressive", "--skip-if-larger")
    assert "0 made" in again.stderr
    assert "3 done before" in again.stderr
    assert "1 made" in ok(*options, "--progressive").stderr
    assert "noise.jxl" in made(tree / "out")


def test_only_its_own_is_replaced(tree: Path) -> None:
    (tree / "in" / "bad.png").unlink()
    (tree / "out").mkdir()
    (tree / "out" / "a.jxl").write_bytes(b"somebody's")
    done = command("batch", "in", "out", *JXL)
    assert done.status == 1
    assert "in/a.png: out/a.jxl is there already, not as a batch has made it; --overwrite" in done.stderr
    assert (tree / "out" / "a.jxl").read_bytes() == b"somebody's"
    dry = command("batch", "in", "out", *JXL, "--dry-run")
    assert (dry.status, "is there already" in dry.stderr) == (1, True)
    ok("batch", "in", "out", *JXL, "--overwrite")
    assert (tree / "out" / "a.jxl").read_bytes()[:2] == b"\xff\x0a"
    # With other options its own are made anew.
    assert "2 made" in ok("batch", "in", "out", "--to", "jxl", "--effort", "2").stderr
    (tree / "out" / "a.jxl").write_bytes(b"edited")
    assert command("batch", "in", "out", *JXL, "--again").status == 1
    assert (tree / "out" / "a.jxl").read_bytes() == b"edited"


def test_what_a_killed_batch_had_begun_is_its_own(tree: Path) -> None:
    (tree / "in" / "bad.png").unlink()
    ok("batch", "in", "out", *JXL)
    journal = tree / "out" / ".eitherside-batch.jsonl"
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    # As it is between putting a file in its place and saying so.
    journal.write_text(json.dumps({"output": "a.jxl", "begun": True}) + "\n" + '{"output": ["no", "name"]}\n')
    assert any(line["output"] == "a.jxl" for line in lines)
    (tree / "out" / "deep" / "b.jxl").unlink()
    assert "2 made" in ok("batch", "in", "out", *JXL).stderr


def test_a_link_out_of_the_destination_is_not_followed(tree: Path) -> None:
    (tree / "out").mkdir()
    (tree / "elsewhere").mkdir()
    (tree / "out" / "deep").symlink_to(tree / "elsewhere")
    done = command("batch", "in", "out", *JXL)
    assert "out/deep/b.jxl is not inside out" in done.stderr
    assert names(tree / "elsewhere") == []


@pytest.mark.parametrize("kind", ["json", "html", "txt"])
def test_a_report_of_each_file(tree: Path, kind: str) -> None:
    os.rename(b"in/deep/b.png", b"in/deep/<b>\xff.png")  # noqa: PTH104 -- no text, which a path would be
    target = Path(f"report.{kind}")
    for _ in range(2):
        assert command("batch", "in", "out", *JXL, "--report", target).status == 1
    text = target.read_bytes().decode()
    assert "unknown_format" in text
    if kind == "json":
        found = json.loads(text)
        assert found["summary"]["failed"] == 1
        assert {Path(file["file"]).name: file["outcome"] for file in found["files"]} == {
            "a.png": "done",
            "bad.png": "failed",
            os.fsdecode(b"<b>\xff.png"): "done",
        }
    elif kind == "html":
        assert "&lt;b&gt;" in text
        assert "<b>" not in text
    else:
        assert "failed: in/bad.png: unknown_format" in text


def test_a_report_of_another_kind_is_wrong_usage(tree: Path) -> None:
    done = command("batch", "in", "out", *JXL, "--report", "report.pdf")
    assert (done.status, (tree / "out").exists()) == (2, False)
    assert "must end in one of .json, .html, .txt" in done.stderr
