"""The parts of HTML reports: whatever text goes in, text it stays."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eitherside.report import Picture, data_url, facts, note, page, pictures, section, table
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
        note(text),
        facts([(text, text, text)]),
        table([text], [[text, text]], caption=text, marked=[0]),
        pictures([Picture(text, b"x", note=text), Picture(text, note=text)], name="these"),
    ]
    return page(text, [section(text, *parts)], lead=text, footer=text)


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


def test_a_plain_string_as_a_part_is_text() -> None:
    part: object = "<b>bold</b>"
    assert "<b>" not in page("x", [part])  # type: ignore[list-item]
