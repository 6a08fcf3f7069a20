"""Names of golden files: safe and free of collisions, whatever a test is called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.regression.naming import check_name, file_name, stem

NASTY = st.text(st.sampled_from('aA./\\:*?"<>|\0\n -_[]é\u202e\ud800'), max_size=12)
TEXT = st.one_of(st.text(max_size=300), NASTY, st.sampled_from(["..", ".", "", "con", "CON", "nul", "com1"]))


@given(TEXT)
def test_names_are_safe(text: str) -> None:
    name = file_name(text)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,90}", name)
    assert name.lower() not in ("con", "nul", "com1")


@given(st.lists(TEXT, unique=True, max_size=20))
def test_different_texts_have_different_names(texts: list[str]) -> None:
    assert len({file_name(text).lower() for text in texts}) == len(texts)


@given(TEXT, TEXT)
def test_no_name_leads_out_of_the_folder(file: str, node: str) -> None:
    found = stem("golden", Path("/tests") / "x", check_name(f"{file}::{node}", None, 1))
    assert found.parent == Path("/tests/golden/x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("test_decode", "test_decode"),
        ("test_decode[a-1]", r"test_decode-a-1-[0-9a-f]{12}"),
        ("TestIt::test_decode", r"TestIt-test_decode-[0-9a-f]{12}"),
        ("test_x #2", r"test_x-2-[0-9a-f]{12}"),
    ],
)
def test_names_can_be_read(text: str, name: str) -> None:
    assert re.fullmatch(name, file_name(text))


def test_checks_of_a_test_are_told_apart() -> None:
    names = [check_name("a.py::test_x", *given) for given in ((None, 1), (None, 2), ("2", 1), ("b", 1))]
    assert names == ["test_x", "test_x #2", "test_x 2", "test_x b"]
