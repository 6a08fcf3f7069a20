"""Commands whose calls run on a service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server import Server, running_server
from support.commands import command, real
from support.images import picture, saved


@pytest.fixture(scope="module")
def service() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.mark.parametrize("place", ["server", "local", "auto"])
def test_the_same_file_wherever_it_is_made(service: Server, tmp_path: Path, place: str) -> None:
    source = tmp_path / "in.png"
    source.write_bytes(saved(picture(40, 30, 3), "PNG"))
    before = service.log.read_text(errors="replace").count("POST /v1/transcode")
    done = real("--url", service.url, "--place", place, "transcode", source, tmp_path / "there.jxl")
    assert done.status == 0, done.stderr
    assert json.loads(done.stdout)["format"] == "jxl"
    after = service.log.read_text(errors="replace").count("POST /v1/transcode")
    assert after - before == {"server": 1, "local": 0}.get(place, after - before)
    assert command("transcode", source, tmp_path / "here.jxl").status == 0
    assert (tmp_path / "there.jxl").read_bytes() == (tmp_path / "here.jxl").read_bytes()


def test_arrays(service: Server, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", picture(20, 10, 3))
    elsewhere = ("--url", service.url, "--place", "server")
    assert command(*elsewhere, "encode", tmp_path / "in.npy", tmp_path / "a.jxl", "--lossless").status == 0
    assert command(*elsewhere, "decode", tmp_path / "a.jxl", tmp_path / "out.npy").status == 0
    assert np.array_equal(np.load(tmp_path / "out.npy"), picture(20, 10, 3))


def test_a_folder(service: Server, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for index in range(3):
        (source / f"{index}.png").write_bytes(saved(picture(20, 10, 3, seed=index), "PNG"))
    out = tmp_path / "out"
    done = command("--url", service.url, "--place", "server", "batch", source, out, "--to", "jxl")
    assert done.status == 0, done.stderr
    assert "3 made" in done.stderr


def test_errors_are_those_of_a_call_here(service: Server, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nonsense")
    here = command("inspect", tmp_path / "x")
    there = command("--url", service.url, "--place", "server", "inspect", tmp_path / "x")
    assert (there.status, there.stderr) == (here.status, here.stderr)


def test_nobody_there() -> None:
    done = command("--url", "http://127.0.0.1:1", "--place", "server", "inspect", "x")
    assert done.status == 1
    assert "unreachable" in done.stderr
