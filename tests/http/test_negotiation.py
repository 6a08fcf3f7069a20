"""What `Accept` asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from eitherside.http.multipart import MEDIA_TYPE as MULTIPART
from eitherside.http.negotiation import choose_format, choose_shape, preferences
from eitherside.http.problems import Problem
from eitherside.interface import Format

FORMATS = [
    Format(name=name, title=name, media_type=f"image/{name}", extensions=[], read=True, write=True)
    for name in ("jxl", "png", "jpeg")
]


def accept(text: str) -> MIMEAccept:
    return parse_accept_header(text, MIMEAccept)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("image/jxl", "jxl"),
        ("IMAGE/JXL", "jxl"),
        ("image/png;q=0.5, image/jxl;q=0.9", "jxl"),
        ("image/png, image/jxl", "png"),
        ("image/jxl;q=0, image/png;q=0.1", "png"),
        ("text/html, image/avif, image/jpeg, */*;q=0.8", "jpeg"),
        ("image/*, image/png;q=0.1", "png"),
        ("image/*, image/png;q=0, image/jpeg;q=0", "jxl"),
        ("multipart/form-data, image/png", "png"),
    ],
)
def test_the_named_format_is_chosen(text: str, name: str) -> None:
    assert choose_format(accept(text), FORMATS, "to").name == name


@pytest.mark.parametrize("text", ["", "*/*", "image/*", "multipart/form-data", "text/html, */*;q=0.1"])
def test_a_wish_that_names_none_asks_for_the_option(text: str) -> None:
    with pytest.raises(Problem) as caught:
        choose_format(accept(text), FORMATS, "to")
    assert (caught.value.kind.status, caught.value.option) == (400, "/to")
    assert caught.value.facts["media_types"] == ["image/jxl", "image/png", "image/jpeg"]


@pytest.mark.parametrize("text", ["text/html", "image/webp", "image/jxl;q=0", "*/*;q=0"])
def test_a_wish_that_cannot_be_met_is_told(text: str) -> None:
    with pytest.raises(Problem) as caught:
        choose_format(accept(text), FORMATS, "to")
    assert caught.value.kind.status == 406


SAMPLES, ICC = "application/octet-stream", "application/vnd.iccprofile"


@pytest.mark.parametrize(
    ("text", "outputs", "kind", "output"),
    [
        ("", [], "json", 0),
        ("*/*", [], "json", 0),
        ("multipart/form-data", [], "multipart", 0),
        ("", [SAMPLES], "raw", 0),
        ("*/*", [SAMPLES], "raw", 0),
        ("application/*", [SAMPLES], "raw", 0),
        ("multipart/*", [SAMPLES], "multipart", 0),
        ("multipart/form-data", [SAMPLES], "multipart", 0),
        ("multipart/form-data, */*;q=0.1", [SAMPLES], "multipart", 0),
        ("", [SAMPLES, ICC], "multipart", 0),
        ("*/*", [SAMPLES, ICC], "multipart", 0),
        (SAMPLES, [SAMPLES, ICC], "raw", 0),
        (ICC, [SAMPLES, ICC], "raw", 1),
        (f"{ICC};q=0.5, {SAMPLES}", [SAMPLES, ICC], "raw", 0),
        (f"{ICC}, {MULTIPART};q=0.9", [SAMPLES, ICC], "raw", 1),
        (ICC, [SAMPLES, SAMPLES, ICC], "raw", 2),
        (f"{SAMPLES}, {MULTIPART};q=0.1", [SAMPLES, SAMPLES], "multipart", 0),
    ],
)
def test_shapes(text: str, outputs: list[str], kind: str, output: int) -> None:
    shape = choose_shape(accept(text), outputs)
    assert (shape.kind, shape.output) == (kind, output)


@pytest.mark.parametrize(
    ("text", "outputs"),
    [
        ("text/html", []),
        (SAMPLES, []),
        ("image/png", [SAMPLES]),
        (SAMPLES, [SAMPLES, SAMPLES]),
        ("*/*;q=0", [SAMPLES]),
    ],
)
def test_no_shape_will_do(text: str, outputs: list[str]) -> None:
    with pytest.raises(Problem) as caught:
        choose_shape(accept(text), outputs)
    assert caught.value.kind.status == 406


KINDS = st.sampled_from(
    [SAMPLES, ICC, MULTIPART, "application/*", "*/*", "multipart/*", "text/html", SAMPLES.upper()]
)
ACCEPTS = st.lists(st.tuples(KINDS, st.sampled_from(["", ";q=0", ";q=0.5"])), max_size=4).map(
    lambda items: ", ".join(kind + quality for kind, quality in items)
)


@given(ACCEPTS, ACCEPTS, st.lists(st.sampled_from([SAMPLES, ICC]), min_size=1, max_size=3))
def test_equal_preferences_choose_equal_shapes(first: str, second: str, outputs: list[str]) -> None:
    # The entity tag stands for the preferences, so they tell all headers apart that choose differently.
    def chosen(text: str) -> object:
        try:
            return choose_shape(accept(text), outputs)
        except Problem as problem:
            return problem.kind.code

    if preferences(accept(first), [SAMPLES, ICC]) == preferences(accept(second), [SAMPLES, ICC]):
        assert chosen(first) == chosen(second)
