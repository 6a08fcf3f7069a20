"""Commands whose calls run on a service."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from server import Server, running_server
from support.images import picture, saved


@pytest.fixture(scope="module")
def service() -> Iterator[Server]:
    with running_server() as server:
        yield server


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eitherside", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


@pytest.mark.parametrize("place", ["server", "local", "auto"])
def test_the_same_file_wherever_it_is_made(service: Server, tmp_path: Path, place: str) -> None:
    source = tmp_path / "in.png"
    source.write_bytes(saved(picture(40, 30, 3), "PNG"))
    before = service.log.read_text(errors="replace").count("POST /v1/transcode")
    done = run("--url", service.url, "--place", place, "transcode", source, tmp_path / "there.jxl")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["format"] == "jxl"
    after = service.log.read_text(errors="replace").count("POST /v1/transcode")
    assert after - before == {"server": 1, "local": 0}.get(place, after - before)
    assert run("transcode", source, tmp_path / "here.jxl").returncode == 0
    assert (tmp_path / "there.jxl").read_bytes() == (tmp_path / "here.jxl").read_bytes()


def test_arrays(service: Server, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", picture(20, 10, 3))
    elsewhere = ("--url", service.url, "--place", "server")
    assert run(*elsewhere, "encode", tmp_path / "in.npy", tmp_path / "a.jxl", "--lossless").returncode == 0
    assert run(*elsewhere, "decode", tmp_path / "a.jxl", tmp_path / "out.npy").returncode == 0
    assert np.array_equal(np.load(tmp_path / "out.npy"), picture(20, 10, 3))


def test_a_folder(service: Server, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for index in range(3):
        (source / f"{index}.png").write_bytes(saved(picture(20, 10, 3, seed=index), "PNG"))
    done = run("--url", service.url, "--place", "server", "batch", source, tmp_path / "out", "--to", "jxl")
    assert done.returncode == 0, done.stderr
    assert "3 made" in done.stderr


def test_errors_are_those_of_a_call_here(service: Server, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"nonsense")
    here = run("inspect", tmp_path / "x")
    there = run("--url", service.url, "--place", "server", "inspect", tmp_path / "x")
    assert (there.returncode, there.stderr) == (here.returncode, here.stderr)


def test_nobody_there() -> None:
    done = run("--url", "http://127.0.0.1:1", "--place", "server", "inspect", "x")
    assert done.returncode == 1
    assert "unreachable" in done.stderr
