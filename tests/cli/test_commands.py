"""The command line as a user has it: one command after the other."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from eitherside import Interface, Module, Settings
from support.commands import Done, command, real
from support.images import picture, saved


def ok(*arguments: str | Path, stdin: bytes = b"", run: Callable[..., Done] = command) -> bytes:
    done = run(*arguments, stdin=stdin)
    assert done.status == 0, done.stderr
    return done.stdout


def fails(
    status: int,
    *arguments: str | Path,
    stdin: bytes = b"",
    run: Callable[..., Done] = command,
    **environment: str,
) -> str:
    """Runs what must fail, and gives its one line of error."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        done = run(*arguments, stdin=stdin)
    assert done.status == status, done.stderr
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(saved(picture(64, 48, 3), "PNG"))
    return path


def pixels(data: bytes) -> NDArray[Any]:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_there_and_back(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    facts = json.loads(ok("transcode", photo, "out.jxl", "--distance", "0", "--effort", "3", run=real))
    assert (facts["format"], facts["distance"]) == ("jxl", 0)
    assert json.loads(ok("inspect", tmp_path / "out.jxl"))["width"] == 64
    ok("transcode", tmp_path / "out.jxl", tmp_path / "back.png")
    assert np.array_equal(pixels((tmp_path / "back.png").read_bytes()), pixels(photo.read_bytes()))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back.png", "out.jxl", "photo.png"]


def test_a_jpeg_comes_back_byte_for_byte(tmp_path: Path) -> None:
    jpeg = saved(picture(64, 48, 3), "JPEG", quality=87)
    (tmp_path / "a.jpg").write_bytes(jpeg)
    assert json.loads(ok("transcode", tmp_path / "a.jpg", tmp_path / "a.jxl"))["exact_jpeg"]
    ok("transcode", tmp_path / "a.jxl", tmp_path / "b.jpeg")
    assert (tmp_path / "b.jpeg").read_bytes() == jpeg


def test_pipes(photo: Path) -> None:
    jxl = ok("transcode", "-", "-", "--to", "jxl", "--lossless", stdin=photo.read_bytes(), run=real)
    png = ok("transcode", "-", "-", "--to", "png", stdin=jxl)
    assert np.array_equal(pixels(png), pixels(photo.read_bytes()))


def test_arrays(tmp_path: Path) -> None:
    frames = np.stack([picture(9, 7, 4, "u16", seed) for seed in range(3)])
    np.save(tmp_path / "frames.npy", frames)
    arguments = ("--lossless", "--durations", "0.1,0.1,0.2")
    ok("encode", tmp_path / "frames.npy", tmp_path / "a.jxl", *arguments)
    icc = tmp_path / "a.icc"
    facts = json.loads(ok("decode", tmp_path / "a.jxl", tmp_path / "back.npy", "--save-icc", icc))
    assert (facts["type"], facts["channels"], len(facts["frames"])) == ("u16", 4, 3)
    assert np.array_equal(np.load(tmp_path / "back.npy"), frames)
    assert icc.read_bytes()[36:40] == b"acsp"
    np.save(tmp_path / "one.npy", frames[0])
    ok("encode", tmp_path / "one.npy", tmp_path / "one.jxl", "--lossless", "--icc", icc)
    assert ok("decode", tmp_path / "one.jxl", "-") == frames[0].tobytes()
    for seed in range(3):
        np.save(tmp_path / f"{seed}.npy", frames[seed])
    ok("encode", *(tmp_path / f"{seed}.npy" for seed in range(3)), tmp_path / "b.jxl", *arguments)
    assert (tmp_path / "b.jxl").read_bytes() == (tmp_path / "a.jxl").read_bytes()


def test_raw_samples_with_their_options(tmp_path: Path) -> None:
    samples = picture(9, 7, 3)
    (tmp_path / "raw").write_bytes(samples.tobytes())
    options = ("--width", "9", "--height", "7", "--channels", "3", "--type", "u8", "--lossless")
    ok("encode", tmp_path / "raw", tmp_path / "a.jxl", *options)
    assert ok("decode", tmp_path / "a.jxl", "-") == samples.tobytes()
    error = fails(2, "encode", tmp_path / "raw", tmp_path / "b.jxl", *options[2:])
    assert error.startswith("eitherside: bad_option: ")
    assert not (tmp_path / "b.jxl").exists()


def test_a_failing_call_says_why_in_one_line(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.png").write_bytes(photo.read_bytes()[:700])
    target = tmp_path / "out.jxl"
    target.write_bytes(b"as it was")
    failed = fails(1, "transcode", tmp_path / "cut.png", target, "--overwrite", run=real)
    assert failed.startswith("eitherside: truncated: ")
    assert target.read_bytes() == b"as it was"
    assert "unknown_format" in fails(1, "inspect", "-", stdin=b"no image")
    assert "time_limit" in fails(
        1, "--time-limit", "0.0001", "transcode", photo, target, "--effort", "9", "--overwrite"
    )
    assert "memory_limit" in fails(1, "--memory-per-call", "64KiB", "inspect", photo)
    assert "No such file" in fails(1, "inspect", tmp_path / "nothing.jxl")
    assert "No such file" in fails(1, "transcode", photo, tmp_path / "nowhere" / "out.jxl")


def test_wrong_usage_has_a_status_of_its_own(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jxl"
    assert "option --effort" in fails(2, "transcode", photo, out, "--effort", "12", run=real)
    assert "--effort" in fails(2, "transcode", photo, out, "--effort", "much")
    assert "--nonsense" in fails(2, "transcode", photo, out, "--nonsense")
    assert "no format has the extension .xyz; give one of .jxl" in fails(2, "transcode", photo, "out.xyz")
    assert "out has no extension" in fails(2, "transcode", photo, "out")
    assert "No such command" in fails(2, "nonsense")
    assert "EITHERSIDE_PORT" in fails(2, "functions", EITHERSIDE_PORT="much")
    assert "is not JSON" in fails(2, "--option-ceilings", "{", "functions")
    assert "cannot read the module" in fails(2, "--module", tmp_path / "nothing.wasm", "module")
    assert "is no Eitherside module" in fails(2, "module", EITHERSIDE_MODULE=str(_empty_module(tmp_path)))
    assert not out.exists()


def _empty_module(folder: Path) -> Path:
    path = folder / "empty.wasm"
    path.write_bytes(b"\0asm\x01\0\0\0")
    return path


def test_functions_lists_all(module: Module) -> None:
    listed = ok("functions").decode()
    for function in module.interface.functions.values():
        assert function.summary in listed
        assert all(f"--{name.replace('_', '-')}" in listed for name in function.properties)
    assert (
        Interface(json.loads(ok("functions", "--json"))).functions.keys() == module.interface.functions.keys()
    )


def test_module_tells_what_it_is(module: Module) -> None:
    facts = json.loads(ok("module", "--json"))
    assert (facts["sha256"], facts["bytes"]) == (module.sha256, len(module.bytes))
    assert facts["imports"] == module.imports
    assert facts["provenance"] == module.provenance
    assert module.sha256 in ok("module").decode()


def test_help_lists_every_command_and_setting(module: Module) -> None:
    for arguments in (("--help",), ("serve", "--help")):
        text = ok(*arguments).decode()
        for name in Settings.model_fields:
            assert f"--{name.replace('_', '-')}" in text
    text = ok("--help").decode()
    for name in (*module.interface.functions, "functions", "module", "serve", "batch"):
        assert f"\n  {name} " in text
    assert "--distance" in ok("transcode", "--help").decode()


def test_formats_of_the_service_alone(photo: Path, tmp_path: Path) -> None:
    ok("transcode", photo, tmp_path / "a.tiff")
    facts = json.loads(
        ok("transcode", tmp_path / "a.tiff", tmp_path / "a.jxl", "--lossless", "--effort", "2")
    )
    assert facts["from"] == "tiff"
    ok("transcode", tmp_path / "a.jxl", tmp_path / "b.png")
    assert np.array_equal(pixels((tmp_path / "b.png").read_bytes()), pixels(photo.read_bytes()))
    assert "no format has the extension .tiff" in fails(
        2, "--no-pillow", "transcode", photo, tmp_path / "b.tiff"
    )


def test_ctrl_c_ends_a_call_and_leaves_nothing(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(saved(picture(2000, 2000, 3), "PNG"))
    ok("inspect", large)
    target = str(tmp_path / "out.jxl")
    line = [sys.executable, "-m", "eitherside", "transcode", str(large), target, "--effort", "9"]
    terminal, side = os.openpty()
    with subprocess.Popen([*line, "--distance", "0.1"], stderr=side) as process:
        os.close(side)
        read_until(terminal, b"transcode (Ctrl-C stops it)")
        process.send_signal(signal.SIGINT)
        read_until(terminal, b"eitherside: interrupted")
    os.close(terminal)
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["large.png"]


def read_until(terminal: int, text: bytes) -> None:
    """Reads what a command shows on a terminal until it shows `text`."""
    shown = b""
    while text not in shown:
        shown += os.read(terminal, 4096)
