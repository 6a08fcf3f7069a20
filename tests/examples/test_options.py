"""Modules in C refuse wrong calls in the codec's own words, and survive whatever they are given."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from eitherside import Module
from support.effort import examples

from .raw import Raw, told

CHECKS = re.compile(
    "must be of type|must be one of|must be from|must have at most|was given|there is no|is required|"
    "not valid JSON|must be a JSON object|is missing|names no input|nested too deeply"
)


@pytest.fixture(scope="module")
def theirs(module: Module) -> Raw:
    """The codec."""
    return Raw(module)


@pytest.fixture(scope="module")
def ours(stub: Module) -> Raw:
    """The same interface by the helper header."""
    return Raw(stub)


@pytest.fixture(scope="module")
def ids(module: Module) -> dict[str, int]:
    """The functions' ids."""
    return {function.name: function.id for function in module.interface.functions.values()}


def same(theirs: Raw, ours: Raw, function: int, options: bytes, rows: list[tuple[int, bytes]]) -> None:
    """Both refuse a call alike, or both find nothing wrong with it in itself."""
    here, there = told(ours.call(function, options, rows)), told(theirs.call(function, options, rows))
    if here["status"] == 0:
        assert not CHECKS.search(str(there.get("message", "")))
    else:
        assert here == there


NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 0.5, -1, 1e300, 5e-324, 1.7976931348623157e308, 1e21, 123e18, 1e-7, 2.0**64]),
)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(data=st.data())
@configured(max_examples=examples(300))
def test_wrong_options_are_refused_alike(data: st.DataObject, module: Module, theirs: Raw, ours: Raw) -> None:
    function = data.draw(st.sampled_from(list(module.interface.functions.values())))
    names = st.sampled_from([*function.properties, "no_such_option"]) | TEXT
    options = data.draw(st.dictionaries(names, VALUES, max_size=3))
    ascii_only = data.draw(st.booleans())
    text = json.dumps(options, ensure_ascii=ascii_only).encode()
    rows = [(index, b"x") for index, item in enumerate(function.inputs) if not item.optional]
    same(theirs, ours, function.id, text, rows)


JSON_LIKE = st.text(st.sampled_from('{}[]",:0123456789.eE+-truefalsn \\u"ax\n'), max_size=40)
WRITTEN = [
    *("", " ", "{", "{}x", "[]", "1", "null", '{"type":01}', '{"type":.1}', '{"type":1.}', '{"type":+1}'),
    *('{"type":-}', '{"type":1e}', '{"type":NaN}', '{"type":1,}', '{"type":1e400}', '{"type":-1e400}'),
    *('{"type":-0}', '{"type":-0.0}', '{"type":1e-400}', '{"type":18446744073709551616}', '{"type":1.50}'),
    *('{"type":"\\ud800"}', '{"type":"\\udc00\\ud800"}', '{"type":"\\ud83d\\ude00"}', '{"type":"\\x"}'),
    *(
        '{"type":"\\u00"}',
        '{"type":"a\tb"}',
        '{"type":"\\/\\b\\f\\n\\r\\t\\u0001"}',
        '{"type":"u8","type":"u8"}',
    ),
    *(
        '{"type":"x","type":"u8"}',
        '{"a/b~c":1}',
        '{"type":[1,[2.0,{"a":null}]]}',
        '{"type" :\n"u9"}',
        "{type:1}",
    ),
    *('{"max_pixels":0.5}', '{"max_pixels":1e300}', '{"max_pixels":123456789012345678}', "{'type':1}"),
    *(f'{{"{"é" * 40}":1}}', f'{{"x{"é" * 40}":1}}', f'{{"type":"{"é" * 40}"}}', f'{{"type":"x{"é" * 40}"}}'),
    *("9" * 900, "0." + "0" * 900 + "1", '{"type":' + "1" * 400 + "}", '{"type":0.' + "1" * 900 + "}"),
    '{"type":2.2250738585072011e-308}',
    '{"type":9007199254740993.0000000000000000000000000000000000000001}',
]


@pytest.mark.parametrize("text", WRITTEN)
def test_texts_are_read_alike(text: str, theirs: Raw, ours: Raw, ids: dict[str, int]) -> None:
    same(theirs, ours, ids["decode"], text.encode(), [(0, b"x")])


@given(text=st.one_of(st.binary(max_size=60), JSON_LIKE.map(str.encode)))
@configured(max_examples=examples(400))
@example(text=b'{"type":"\xff"}')
@example(text=b'{"type":"\xed\xa0\x80"}')
@example(text=b"\xef\xbb\xbf{}")
def test_bytes_are_read_alike(text: bytes, theirs: Raw, ours: Raw, ids: dict[str, int]) -> None:
    same(theirs, ours, ids["decode"], text, [(0, b"x")])


@given(function=st.integers(0, 9), inputs=st.lists(st.integers(0, 5) | st.just(2**32 - 1), max_size=5))
@configured(max_examples=examples(100))
def test_wrong_inputs_are_refused_alike(function: int, inputs: list[int], theirs: Raw, ours: Raw) -> None:
    same(theirs, ours, function, b"{}", [(index, b"x") for index in inputs])


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("depth", [63, 64, 65, 200_000])
def test_deep_options(opening: bytes, closing: bytes, depth: int, ours: Raw, ids: dict[str, int]) -> None:
    # The options object itself is one level.
    text = b'{"type":' + opening * (depth - 1) + b"1" + closing * (depth - 1) + b"}"
    message = told(ours.call(ids["decode"], text, [(0, b"x")]))["message"]
    assert ("nested too deeply" if depth > 64 else "must be of type string") in message


def test_large_options_reach_the_ceiling(ours: Raw, ids: dict[str, int]) -> None:
    text = b'{"type":[' + b"0," * 300_000 + b"0]}"
    enough, short = (told(ours.call(ids["decode"], text, [(0, b"x")], pages=pages)) for pages in (2048, 64))
    assert enough["code"] == "bad_option"
    assert (short["code"], short["message"]) == ("memory_limit", "the call reached its memory ceiling")
    assert short["status"] == 9
