"""JSON from every command, errors as JSON, and the exit statuses of the one table."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eitherside import Module
from eitherside.cli.app import root
from eitherside.cli.status import DONE, FAILED, INTERRUPTED, MEANINGS, USAGE
from support.commands import command, ok
from support.images import picture, saved

GUIDE = Path(__file__).parents[2] / "docs" / "cli.md"


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(saved(picture(40, 30, 3), "PNG"))
    (tmp_path / "cut.png").write_bytes((tmp_path / "photo.png").read_bytes()[:500])
    return "photo.png"


def test_every_command_has_the_flag(module: Module) -> None:
    import click

    context = click.Context(root, info_name="eitherside")
    for name in root.list_commands(context):
        found = root.get_command(context, name)
        assert found is not None
        assert any("--json" in item.opts for item in found.params), name


def test_results_are_json(photo: str) -> None:
    assert ok("inspect", photo, "--json").lines[0]["width"] == 40
    assert ok("compare", photo, photo, "--json").lines[0]["identical"] is True
    assert ok("functions", "--json").lines[0]["eitherside"] == 1
    assert ok("module", "--json").lines[0]["bytes"] > 1000
    assert ok("completion", "bash", "--json").lines[0]["shell"] == "bash"
    piped = ok("transcode", photo, "-", "--to", "jxl", "--json")
    assert piped.stdout[:2] == b"\xff\x0a"
    assert json.loads(piped.stderr)["format"] == "jxl"


def test_errors_are_json(photo: str) -> None:
    (error,) = command("inspect", "cut.png", "--json", "--max-pixels", "0").errors
    assert (error["code"], error["exit"], error["option"]) == ("bad_option", 2, "max_pixels")
    (error,) = command("transcode", "cut.png", "out.jxl", "--json").errors
    assert (error["code"], error["exit"]) == ("truncated", 1)
    (error,) = command("inspect", "nothing.png", "--json").errors
    assert (error["code"], error["file"]) == ("file", "nothing.png")
    (error,) = command("inspect", "cut.png", photo, "--contents", "--nonsense", "--json").errors
    assert (error["code"], error["exit"]) == ("usage", 2)
    (error,) = command("--port", "much", "functions", "--json").errors
    assert error["code"] == "bad_setting"
    (error,) = command("--module", "nothing.wasm", "module", "--json").errors
    assert error["code"] == "bad_module"
    done = command("transcode", photo, "cut.png", "out", "--to", "png", "--json")
    assert [line["outputs"] for line in done.lines] == [["out/photo.png"]]
    assert [(error["code"], error["file"]) for error in done.errors] == [("truncated", "cut.png")]


def test_the_flag_is_a_value_after_two_hyphens(photo: str) -> None:
    done = command("inspect", "--", "--json")
    assert done.stderr.startswith("eitherside: --json: No such file")


def test_a_module_that_is_not_there_is_told_once() -> None:
    done = command("--module", "/nowhere.wasm", "batch", "a", "b")
    assert (done.status, done.stderr) == (
        2,
        "eitherside: cannot read the module /nowhere.wasm: No such file or directory\n",
    )
    done = command("--module", "/nowhere.wasm", "--help")
    assert done.status == 0
    assert done.stderr.count("cannot read the module") == 1
    assert b"\n  serve " in done.stdout
    assert b"\n  batch " not in done.stdout


def test_a_module_without_such_a_function_has_no_batch(tmp_path: Path) -> None:
    from support import wat

    path = wat.write(tmp_path, wat.build(wat.OK))
    done = command("--module", path, "batch", "a", "b")
    assert done.status == 2
    assert done.stderr == (
        "eitherside: batch: the module has no function that makes files of a chosen format\n"
    )
    assert b"\n  batch " not in ok("--module", path, "--help").stdout


def test_the_log_of_the_service_is_json() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "eitherside", "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if "Listening at" in lines[-1]["message"]:
            break
    process.terminate()
    lines += [json.loads(line) for line in process.communicate(timeout=60)[0].splitlines()]
    assert all({"time", "level", "pid", "message"} <= line.keys() for line in lines)
    assert process.returncode == DONE


def table_of_the_guide() -> dict[int, str]:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", GUIDE.read_text(), re.MULTILINE)
    return {int(status): text for status, text in rows}


def test_guide_and_help_have_the_table() -> None:
    assert table_of_the_guide() == dict(MEANINGS)
    text = " ".join(ok("--help").stdout.decode().split())
    for status, meaning in MEANINGS.items():
        assert f"{status} {meaning}" in text


def test_every_status_of_the_table_is_one_that_commands_end_with(photo: str, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(saved(picture(1500, 1500, 3), "PNG"))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "eitherside",
            "transcode",
            str(large),
            "out.jxl",
            "--effort",
            "9",
            "--distance",
            "0.1",
        ],
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    # The module is loaded, and it computes.
    for _ in range(600):
        if len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 3:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    found = {
        DONE: [command("inspect", photo).status, command("completion", "zsh").status],
        FAILED: [
            command("inspect", "cut.png").status,
            command("inspect", "nothing.png").status,
            command("--time-limit", "0.0001", "transcode", photo, "out.jxl").status,
            command("--url", "http://127.0.0.1:1", "--place", "server", "inspect", photo).status,
            command("transcode", photo, "cut.png").status,
            command("transcode", photo, "cut.png", "out", "--to", "png").status,
        ],
        USAGE: [
            command("nonsense").status,
            command("inspect").status,
            command("transcode", photo, "out.jxl", "--effort", "12").status,
            command("--port", "much", "functions").status,
            command("--module", "nothing", "module").status,
        ],
        INTERRUPTED: [process.returncode],
    }
    assert found.keys() == MEANINGS.keys()
    assert {status: set(ended) for status, ended in found.items()} == {
        status: {status} for status in MEANINGS
    }
