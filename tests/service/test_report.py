"""The parts of HTML reports: whatever text goes in, text it stays."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from eitherside.report import (
    Picture,
    contents,
    data_url,
    facts,
    faults,
    heading,
    note,
    page,
    pictures,
    pieces,
    section,
    table,
)
from support.effort import examples

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=30)


class Seen(HTMLParser):
    """What a browser would make of a page: its tags, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def whole(text: str) -> str:
    parts = [
        contents([("there", text, text)], name=text),
        heading(text),
        note(text),
        faults([text]),
        facts([(text, text, text)]),
        table([text], [[text, text]], caption=text, marked=[0]),
        pictures(
            [Picture(text, b"x", note=text, size=(2, 1), mark=(50, 50)), Picture(text, note=text)],
            name="these",
        ),
    ]
    return page(text, [section(text, *parts, anchor="there")], lead=text, footer=text)


PLAIN = Seen(whole("x"))


@settings(max_examples=examples(60))
@given(text=TEXTS)
def test_any_text_stays_text(text: str) -> None:
    found, plain = Seen(whole(text)), PLAIN
    assert found.tags == plain.tags
    assert [name for name, _ in found.attributes] == [name for name, _ in plain.attributes]
    if text.strip() == text:
        assert sum(text in each for each in found.text) >= 10


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "{title}", "%s", "&lt;"],
)
def test_hostile_texts(text: str) -> None:
    found = Seen(whole(text))
    assert found.tags == PLAIN.tags
    assert any(text in each for each in found.text)


def test_only_pictures_that_every_browser_shows() -> None:
    assert data_url(b"abc", "image/png") == "data:image/png;base64,YWJj"
    with pytest.raises(ValueError, match="image/svg"):
        data_url(b"<svg onload=alert(1)>", "image/svg+xml")
    with pytest.raises(ValueError, match="more than 6"):
        pictures([Picture("x")] * 7, name="many")


def test_parts_are_made_one_by_one() -> None:
    """So that one alone is in memory, however many there are."""
    made = []

    def parts() -> Iterator[Markup]:
        for number in range(3):
            made.append(number)
            yield note(f"part {number}")

    seen = [len(made) for piece in pieces("x", parts()) if "part" in piece]
    assert seen == [1, 2, 3]
    assert "".join(pieces("x", parts())) == page("x", parts())


def test_a_plain_string_as_a_part_is_text() -> None:
    part: object = "<b>bold</b>"
    assert "<b>" not in page("x", [part])  # type: ignore[list-item]
