"""Which files a command works on, and where its outputs go."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path, PurePath

import click
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.cli.several import in_order
from eitherside.cli.targets import inside, named
from support.commands import command, names, ok
from support.images import animated, picture, saved

FAST = ("--effort", "1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pictures in it and below it, in which commands run."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name, seed in (("a.png", 1), ("b.PNG", 2), ("deep/c.png", 3)):
        (tmp_path / "in" / name).write_bytes(saved(picture(12, 9, 3, seed=seed), "PNG"))
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "in" / ".hidden.png").write_bytes(b"never read")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["in/a.png"], ["in/a.png"]),
        (["in"], ["in/a.png", "in/b.PNG"]),
        (["in", "-r"], ["in/a.png", "in/b.PNG", "in/deep/c.png"]),
        (["in/*.png"], ["in/a.png"]),
        (["in/**/*.png"], ["in/a.png", "in/deep/c.png"]),
        (["in/[ab].*", "in/a.png"], ["in/a.png", "in/b.PNG"]),
        (["in/?.png", "in/deep/c.png"], ["in/a.png", "in/deep/c.png"]),
    ],
)
def test_what_arguments_stand_for(folder: Path, arguments: list[str], found: list[str]) -> None:
    done = ok("measure", *arguments)
    several = arguments != ["in/a.png"]
    assert [line.get("file") for line in done.lines] == (found if several else [None])
    assert all((line["result"] if several else line)["width"] == 12 for line in done.lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in/*.jxl"], "no file matches in/*.jxl"),
        (["in/none.png"], "in/none.png: No such file or directory"),
        (["-", "-"], "standard input can be read once only"),
        (["empty"], "empty has no file that ends in .jxl, .png"),
    ],
)
def test_what_stands_for_nothing(folder: Path, arguments: list[str], message: str) -> None:
    (folder / "empty").mkdir()
    done = command("measure", *arguments)
    assert done.status in (1, 2)
    assert message in done.stderr


def test_a_name_with_a_wildcard_is_a_name_where_there_is_such_a_file(folder: Path) -> None:
    (folder / "a[1]*.png").write_bytes((folder / "in" / "a.png").read_bytes())
    (line,) = ok("measure", "a[1]*.png").lines
    assert line["width"] == 12


def test_many_go_into_a_folder_under_their_names(folder: Path) -> None:
    done = ok("transcode", "in/a.png", "in/b.PNG", "out", "--to", "jxl", *FAST)
    assert [line["outputs"] for line in done.lines] == [["out/a.jxl"], ["out/b.jxl"]]
    assert done.stderr == "2 done\n"
    ok("transcode", "in", "-r", "tree/", "--to", "jxl", *FAST)
    ok("transcode", "in/**/*.png", "globbed", "--to", "jxl", *FAST)
    assert names(folder / "out") == ["a.jxl", "b.jxl"]
    assert names(folder / "tree") == ["a.jxl", "b.jxl", "deep/c.jxl"]
    assert names(folder / "globbed") == ["a.jxl", "deep/c.jxl"]
    assert (folder / "tree/a.jxl").read_bytes() == (folder / "out/a.jxl").read_bytes()


def test_one_goes_into_a_folder_too(folder: Path) -> None:
    (folder / "there").mkdir()
    ok("transcode", "in/a.png", "there", "--to", "jxl", *FAST)
    ok("transcode", "in/a.png", "new/", "--to", "jxl", *FAST)
    ok("thumbnail", "in/a.png", "-o", "new/", "--to", "jpeg")
    ok("decode", "in/a.png", "new/")
    assert names(folder / "there") == ["a.jxl"]
    assert names(folder / "new") == ["a.jpg", "a.jxl", "a.npy"]


def test_the_format_of_files_in_a_folder_must_be_told(folder: Path) -> None:
    done = command("transcode", "in", "out")
    assert done.status == 2
    assert "--to must tell the format of files in a folder: jxl, png" in done.stderr
    assert "--difference must tell" in command("compare", "in", "in", "-o", "out/").stderr
    # Where the module has a default that is a format, that is it.
    ok("thumbnail", "in", "-o", "out/")
    assert names(folder / "out") == ["a.jxl", "b.jxl"]


def test_arrays_and_further_outputs_of_many(folder: Path) -> None:
    done = ok("decode", "in", "-r", "arrays", "--save-icc", "icc", "--colour", "display_p3")
    assert names(folder / "arrays") == ["a.npy", "b.npy", "deep/c.npy"]
    assert names(folder / "icc") == ["a.icc", "b.icc", "deep/c.icc"]
    assert done.lines[0]["outputs"] == ["arrays/a.npy", "icc/a.icc"]
    assert np.load(folder / "arrays" / "a.npy").shape == (1, 9, 12, 3) or np.load(
        folder / "arrays" / "a.npy"
    ).shape == (9, 12, 3)


def test_frames_by_a_pattern_are_one_call(folder: Path) -> None:
    for index in range(3):
        np.save(folder / f"{index}.npy", picture(12, 9, 3, seed=index))
    ok("encode", "?.npy", "moving.jxl", "--durations", "0.1,0.1,0.1", *FAST)
    assert len(ok("inspect", "moving.jxl").lines[0]["frames"]) == 3


def test_nothing_is_overwritten_unless_asked(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "a.jxl").write_bytes(b"mine")
    done = command("transcode", "in", "out", "--to", "jxl", *FAST)
    assert done.status == 1
    assert "in/a.png: out/a.jxl is there already; --overwrite replaces it" in done.stderr
    assert done.stderr.splitlines()[-1] == "1 done, 1 failed"
    assert (folder / "out" / "a.jxl").read_bytes() == b"mine"
    single = command("transcode", "in/a.png", "out/a.jxl", *FAST)
    assert (single.status, single.stdout) == (1, b"")
    assert (folder / "out" / "a.jxl").read_bytes() == b"mine"
    # A pattern that the shell makes two files of: the second one is no output.
    before = (folder / "in" / "b.PNG").read_bytes()
    assert command("transcode", "in/a.png", "in/b.PNG").status == 1
    assert (folder / "in" / "b.PNG").read_bytes() == before
    ok("transcode", "in", "out", "--to", "jxl", "--overwrite", *FAST)
    assert (folder / "out" / "a.jxl").read_bytes() != b"mine"


def test_a_device_is_written_to_and_stays(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_bytes()))
    reader.start()
    ok("transcode", "in/a.png", "pipe", "--to", "jxl", *FAST)
    reader.join(60)
    assert read[0][:2] == b"\xff\x0a"
    assert (folder / "pipe").is_fifo()


def test_no_output_leaves_its_folder(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "out" / "deep").symlink_to(folder / "elsewhere")
    done = command("transcode", "in", "-r", "out", "--to", "jxl", *FAST)
    assert done.status == 1
    assert "out/deep/c.jxl is not inside out" in done.stderr
    assert names(folder / "elsewhere") == []


def test_names_that_would_be_the_same_keep_their_extension(folder: Path) -> None:
    (folder / "in" / "a.gif").write_bytes(animated("GIF"))
    ok("transcode", "in", "out", "--to", "jxl", *FAST)
    assert names(folder / "out") == ["a.gif.jxl", "a.png.jxl", "b.jxl"]
    (folder / "more").mkdir()
    (folder / "more" / "a.png").write_bytes((folder / "in" / "a.png").read_bytes())
    done = command("transcode", "in/a.png", "more/a.png", "both", "--to", "jxl")
    assert done.status == 2
    assert "2 files would become a.png.jxl" in done.stderr
    assert not (folder / "both").exists()


_NAMES = st.lists(
    st.lists(
        st.text("ab.", min_size=1, max_size=5).filter(lambda s: s.strip(".")), min_size=1, max_size=2
    ).map(lambda parts: PurePath(*parts)),
    max_size=6,
    unique=True,
)


@pytest.mark.filterwarnings("ignore")
@given(sources=_NAMES)
def test_names_are_unlike_and_stay_inside(sources: list[PurePath]) -> None:
    found = named(sources, "jxl")
    assert len(set(found)) == len(sources)
    for source, output in zip(sources, found, strict=True):
        assert output.parent == source.parent
        assert output.name.endswith(".jxl")
        assert inside(Path("/nowhere/out"), output) == Path("/nowhere/out") / output


@pytest.mark.parametrize("name", ["../a.jxl", "/etc/passwd", "b/../../a.jxl"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match="is not inside"):
        inside(tmp_path, PurePath(name))


def test_equal_sources_cannot_be_told_apart() -> None:
    with pytest.raises(click.UsageError, match=r"2 files would become a\.png\.jxl"):
        named([PurePath("a.png"), PurePath("a.png")], "jxl")


def test_one_that_fails_does_not_stop_the_others(folder: Path) -> None:
    (folder / "in" / "aa.png").write_bytes(b"no picture")
    done = command("transcode", "in", "out", "--to", "jxl", *FAST)
    assert done.status == 1
    assert "in/aa.png: unknown_format: " in done.stderr
    assert names(folder / "out") == ["a.jxl", "b.jxl"]
    every = command("inspect", "in", "--max-pixels", "0")
    assert every.status == 2
    assert every.stderr.count("bad_option") == 3


def test_pairs_belong_together_by_their_names(folder: Path) -> None:
    ok("transcode", "in", "-r", "small", "--to", "jxl", "--distance", "3", *FAST)
    done = ok("compare", "in", "small", "-r", "--json", "--metrics", "psnr")
    assert [line["files"] for line in done.lines] == [
        ["in/a.png", "small/a.jxl"],
        ["in/b.PNG", "small/b.jxl"],
        ["in/deep/c.png", "small/deep/c.jxl"],
    ]
    one = ok("compare", "in/a.png", "small/*.jxl", "--json", "--metrics", "psnr")
    assert [line["files"][1] for line in one.lines] == ["small/a.jxl", "small/b.jxl"]
    tables = ok("compare", "in", "small", "--metrics", "psnr").stdout.decode()
    assert tables.index("in/a.png small/a.jxl:") < tables.index("in/b.PNG small/b.jxl:")
    (folder / "small" / "b.jxl").unlink()
    done = command("compare", "in", "small")
    assert (done.status, done.stdout) == (2, b"")
    assert "in/b.PNG has no partner" in done.stderr


def test_names_that_are_no_text(folder: Path) -> None:
    odd = os.fsdecode(b"in/\xff\x1b[31m.png")
    Path(odd).write_bytes((folder / "in" / "a.png").read_bytes())
    done = ok("transcode", "in", "out", "--to", "jxl", "--json", *FAST)
    assert odd in [line["file"] for line in done.lines]
    assert os.fsdecode(b"\xff\x1b[31m.jxl") in names(folder / "out")
    Path(odd).write_bytes(b"no picture")
    shown = command("inspect", odd, "in/a.png").stderr
    assert "\x1b" not in shown
    assert r"in/\udcff\x1b[31m.png: unknown_format" in shown


def test_an_option_that_has_the_name_of_a_flag() -> None:
    from eitherside.cli.call import call_command
    from eitherside.interface import Function

    function = Function.model_validate(
        {
            "name": "act",
            "id": 1,
            "summary": "",
            "inputs": [{"name": "data"}],
            "options": {
                "type": "object",
                "properties": {"recursive": {"type": "boolean"}, "level": {"type": "integer"}},
            },
            "outputs": [],
            "result": {"type": "object"},
        }
    )
    flags = [flag for item in call_command(function).params for flag in item.opts]
    assert "--option-recursive" in flags
    assert flags.count("--recursive") == 1


def test_a_few_at_a_time_and_in_order() -> None:
    running, most = 0, 0
    lock, stop = threading.Lock(), threading.Event()

    def work(item: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        stop.wait(0.002 * (item % 3))
        with lock:
            running -= 1
        return item * item

    found = [(item, future.result()) for item, future in in_order(work, range(20), 3, stop)]
    assert found == [(item, item * item) for item in range(20)]
    assert most <= 3
    assert not stop.is_set()
    for _ in (rest := in_order(work, range(20), 3, stop)):
        break
    rest.close()
    assert stop.is_set()


def test_patterns_need_no_shell(folder: Path) -> None:
    code = "from eitherside.cli import main; main(['measure', 'in/*.png'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert '"file": "in/a.png"' in done.stdout


def test_the_guide_of_files(folder: Path) -> None:
    """Standard input among several, and what comes out of it."""
    data = (folder / "in" / "a.png").read_bytes()
    done = ok("transcode", "-", "in/b.PNG", "out", "--to", "jxl", *FAST, stdin=data)
    assert [line["file"] for line in done.lines] == ["-", "in/b.PNG"]
    assert names(folder / "out") == ["b.jxl", "stdin.jxl"]
