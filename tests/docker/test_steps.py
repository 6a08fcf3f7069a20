"""The rehearsal itself: steps do what a builder's would."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rehearsal.dockerfile import Dockerfile, expand
from rehearsal.errors import RehearsalError
from rehearsal.image import Facts, Image, tools_left
from rehearsal.network import Lent

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=8)


def made(tmp_path: Path, text: str, **given: str) -> Image:
    """The last stage of a Dockerfile, made in a folder, from a context with a file and a folder."""
    file = tmp_path / "Dockerfile"
    file.write_text(text)
    context = tmp_path / "context"
    (context / "folder" / "deep").mkdir(parents=True)
    (context / "file").write_text("one")
    (context / "folder" / "deep" / "file").write_text("two")
    (context / "folder" / "link").symlink_to("deep/file")
    parsed = Dockerfile.read(file)
    image = Image(tmp_path / "root", tmp_path / "log", Facts())
    image.root.mkdir()
    stage = list(parsed.stages.values())[-1]
    image.make(stage, {"": context}, given, {**parsed.arguments, **given}, Lent())
    return image


def test_files_are_copied_as_a_builder_does(tmp_path: Path) -> None:
    image = made(
        tmp_path,
        "FROM scratch\nWORKDIR /a\nCOPY file b\nCOPY file c/\nCOPY folder d\nCOPY file folder e/\n"
        "WORKDIR f\nCOPY folder/ ./\n",
    )
    found = {path.relative_to(image.root).as_posix() for path in image.root.rglob("*") if not path.is_dir()}
    assert found == {
        *("a/b", "a/c/file", "a/d/deep/file", "a/d/link", "a/e/file", "a/e/deep/file", "a/e/link"),
        *("a/f/deep/file", "a/f/link"),
    }
    assert (image.root / "a/d/link").readlink() == Path("deep/file")
    assert image.facts.folder == "/a/f"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_copied_files_belong_to_root_or_to_whom_it_says(tmp_path: Path) -> None:
    image = made(tmp_path, "FROM scratch\nCOPY file /a\nCOPY --chown=12:34 folder /b/\n")
    owners = {
        name: ((image.root / name).lstat().st_uid, (image.root / name).lstat().st_gid)
        for name in ("a", "b/link", "b/deep/file")
    }
    assert owners == {"a": (0, 0), "b/link": (12, 34), "b/deep/file": (12, 34)}


def test_a_file_that_is_not_sent_cannot_be_copied(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="line 2: COPY: there is no missing"):
        made(tmp_path, "FROM scratch\nCOPY missing /\n")


def test_no_step_writes_outside_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "root-link").symlink_to(outside)
    image = Image(tmp_path / "root", tmp_path / "log", Facts())
    image.root.mkdir()
    (image.root / "link").symlink_to(outside)
    with pytest.raises(RehearsalError, match="leads out of the folder"):
        image.path("/link/file")


def test_facts_are_what_the_steps_say(tmp_path: Path) -> None:
    image = made(
        tmp_path,
        'ARG OUTER=o\nFROM scratch\nARG INNER=i\nARG OUTER\nENV A=$INNER$OUTER B="x y" C=\\$A\nENV D=$A/$B\n'
        'USER 5:6\nVOLUME ["/v"]\nENTRYPOINT ["/e"]\nCMD run it\nHEALTHCHECK --timeout=1s CMD ["h", "1"]\n',
        INNER="given",
    )
    facts = image.facts
    assert {name: facts.environment[name] for name in "ABCD"} == {
        "A": "giveno",
        "B": "x y",
        "C": "$A",
        "D": "giveno/x y",
    }
    assert (facts.user, facts.volumes, facts.entrypoint) == ("5:6", ("/v",), ("/e",))
    assert facts.command == ("/bin/sh", "-c", "run it")
    assert facts.healthcheck == ("h", "1")


@pytest.mark.parametrize(
    "line",
    ["ADD file /", "ONBUILD RUN true", "COPY --chmod=1 file /", "RUN --mount=type=cache,target=/x true"],
)
def test_what_cannot_be_rehearsed_is_an_error(tmp_path: Path, line: str) -> None:
    with pytest.raises(RehearsalError, match="cannot be rehearsed"):
        made(tmp_path, f"FROM scratch\n{line}\n")


@given(st.dictionaries(NAMES, st.text("ab /:$", max_size=5), min_size=1), st.text("ab /:-", max_size=5))
def test_variables_are_filled_in_once(values: dict[str, str], between: str) -> None:
    text = between.join(f"${{{name}}}" for name in values)
    assert expand(text, values) == between.join(values.values())


def test_other_forms_of_variables_are_an_error() -> None:
    with pytest.raises(RehearsalError, match="only"):
        expand("${A:-b}", {})


def test_tools_that_are_left_are_found(tmp_path: Path) -> None:
    for name in ("usr/bin/pip3", "opt/x/bin/node", "usr/bin/python3", "var/lib/apt/lists/x", "usr/lib/npm"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert tools_left(tmp_path) == ["opt/x/bin/node", "usr/bin/pip3", "var/lib/apt/lists/x"]
