"""Results that people read are tables, made of the titles and units that the module gives its fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eitherside import Module
from eitherside.cli.table import is_table, print_tables
from eitherside.interface import Function
from support.commands import command
from support.images import animated, picture, saved


def ok(*arguments: str | Path) -> str:
    done = command(*arguments)
    assert done.status == 0, done.stderr
    return done.stdout.decode()


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two pictures that differ in one corner."""
    original = picture(64, 48, 3)
    changed = original.copy()
    changed[30:, 40:] //= 2
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    a.write_bytes(saved(original, "PNG"))
    b.write_bytes(saved(changed, "PNG"))
    return a, b


def function_of(**result: Any) -> Function:
    return Function(
        name="judge", id=9, summary="", inputs=[], options={"type": "object"}, outputs=[], result=result
    )


def test_two_files_become_a_table(pair: tuple[Path, Path], module: Module) -> None:
    lines = ok("compare", *pair).splitlines()
    described = module.interface.functions["compare"].result["properties"]
    told = json.loads(ok("compare", *pair, "--json"))
    for name in ("butteraugli", "ssimulacra2", "psnr"):
        (line,) = [line for line in lines if line.startswith(f"{described[name]['title']}  ")]
        assert f"{told[name]:.6g}" in line
        assert line.rstrip().endswith(described[name]["unit"])
    assert any(line.split() == ["Identical", "no"] for line in lines)


def test_a_list_is_a_table_of_its_own(tmp_path: Path) -> None:
    a, b = tmp_path / "a.png", tmp_path / "b.gif"
    a.write_bytes(animated("PNG"))
    b.write_bytes(animated("GIF"))
    lines = ok("compare", a, b).splitlines()
    start = lines.index("Frames")
    assert "PSNR (dB)" in lines[start + 1]
    assert [line.split()[0] for line in lines[start + 2 :]] == ["0", "1", "2"]


def test_the_difference_picture_is_written(pair: tuple[Path, Path], tmp_path: Path) -> None:
    ok("compare", *pair, "-o", tmp_path / "difference.png")
    heat = np.asarray(Image.open(tmp_path / "difference.png"))
    assert heat.shape == (48, 64, 3)
    assert heat[34:, 46:].mean() > heat[:10, :20].mean()
    ok("compare", *pair, "--difference", "pixels", "--output", tmp_path / "difference.npy")
    assert (np.load(tmp_path / "difference.npy") == heat).all()


def test_lists_of_names_need_no_quotes(pair: tuple[Path, Path]) -> None:
    told = json.loads(ok("compare", *pair, "--json", "--metrics", "psnr,butteraugli"))
    assert told["ssimulacra2"] is None
    assert told["psnr"] > 0 < told["butteraugli"]
    assert json.loads(ok("compare", *pair, "--json", "--metrics", '["psnr"]'))["butteraugli"] is None


def test_what_is_wrong_is_told(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(saved(picture(8, 8, 3), "PNG"))
    done = command("compare", pair[0], other)
    assert done.status == 2
    assert "a has 64 x 48 pixels, b has 8 x 8" in done.stderr
    done = command("compare", pair[0])
    assert done.status == 2
    assert "B" in done.stderr


def test_thumbnails_take_the_format_of_their_name(pair: tuple[Path, Path], tmp_path: Path) -> None:
    for name, kind in (("small.jpg", "JPEG"), ("small.png", "PNG")):
        told = json.loads(ok("thumbnail", pair[0], "-o", tmp_path / name, "--width", "20", "--height", "20"))
        assert (told["width"], told["height"]) == (20, 15)
        with Image.open(tmp_path / name) as small:
            assert (small.format, small.size) == (kind, (20, 15))
    ok("thumbnail", pair[0], "-o", tmp_path / "small.npy", "--to", "pixels", "--width", "20")
    assert np.load(tmp_path / "small.npy").shape == (15, 20, 3)


def test_other_results_stay_json(pair: tuple[Path, Path]) -> None:
    assert json.loads(ok("measure", pair[0]))["width"] == 64


def test_any_module_may_ask_for_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    marks = {
        "type": "array",
        "title": "Marks",
        "items": {"type": "object", "properties": {"weight": {"type": "number", "unit": "kg"}}},
    }
    properties = {
        "mass": {"type": "number", "title": "Mass", "unit": "kg"},
        "name": {"type": "string"},
        "marks": marks,
        "size": {"type": ["number", "null"], "title": "Size", "unit": "m"},
        "absent": {"type": "number"},
    }
    judged = function_of(type="object", presentation="table", properties=properties)
    assert is_table(judged)
    assert not is_table(function_of(type="object", properties=properties))
    print_tables(judged, {"mass": 1 / 3, "name": "anvil", "marks": [{"weight": 2.5}, {}], "size": None})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["Mass", "0.333333", "kg"],
        ["name", "anvil"],
        ["Size", "-"],
        [],
        ["Marks"],
        ["weight", "(kg)"],
        ["0", "2.5"],
        ["1", "-"],
    ]
