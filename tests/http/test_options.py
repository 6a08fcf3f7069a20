"""Options from the query and from JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from eitherside.http.options import canonical, from_json, from_query, merged, pointer, typed
from eitherside.http.problems import Problem

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("7", {"type": "integer"}, 7),
        ("-7", {"type": "integer"}, -7),
        ("7.0", {"type": "integer"}, 7),
        ("7.5", {"type": "integer"}, 7.5),
        ("seven", {"type": "integer"}, "seven"),
        ("1.5e1", {"type": "number"}, 15.0),
        (".5", {"type": "number"}, 0.5),
        ("1e999", {"type": "number"}, "1e999"),
        ("nan", {"type": "number"}, "nan"),
        ("1_000", {"type": "number"}, "1_000"),
        ("", {"type": "number"}, ""),
        ("true", {"type": "boolean"}, True),
        ("FALSE", {"type": "boolean"}, False),
        ("1", {"type": "boolean"}, True),
        ("0", {"type": "boolean"}, False),
        ("yes", {"type": "boolean"}, "yes"),
        ("12", {"type": "string"}, "12"),
        ("12", {}, "12"),
        ("0.1, 0.2", {"type": "array", "items": {"type": "number"}}, [0.1, 0.2]),
        ("[0.1, 2]", {"type": "array", "items": {"type": "number"}}, [0.1, 2]),
        ("", {"type": "array", "items": {"type": "number"}}, []),
        ("[1", {"type": "array"}, "[1"),
        ("null", {"type": ["number", "null"]}, None),
        ("3", {"type": ["number", "null"]}, 3),
        ('{"a": 1}', {"type": "object"}, {"a": 1}),
        ("[" * 600 + "]" * 600, {"type": "array"}, "[" * 600 + "]" * 600),
        ('{"a": 1, "a": 2}', {"type": "object"}, '{"a": 1, "a": 2}'),
    ],
)
def test_text_is_typed_by_the_schema(text: str, schema: dict[str, Any], value: object) -> None:
    found = typed(text, schema)
    assert found == value
    assert type(found) is type(value)


@given(st.text(), st.sampled_from(["string", "boolean", "null", "integer", "number", "array", "object"]))
def test_any_text_is_typed_or_left_and_always_json(text: str, kind: str) -> None:
    found = typed(text, {"type": kind, "items": {"type": "number"}})
    json.dumps(found, allow_nan=False)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_as_they_were(value: float) -> None:
    assert typed(json.dumps(value), {"type": "number"}) == value


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_json_options_come_back_as_they_were(options: dict[str, Any]) -> None:
    assert from_json(json.dumps(options).encode()) == options


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"3",
        b"{",
        b'{"a": NaN}',
        b'{"a": 1, "a": 1}',
        b"\xff",
        b"[" * 100_000,
        b'{"a": ' + b"[" * 600 + b"]" * 600 + b"}",
        b'{"a": Infinity}',
    ],
)
def test_what_is_not_an_object_is_refused(text: bytes) -> None:
    with pytest.raises(Problem) as caught:
        from_json(text)
    assert caught.value.kind.status == 400


def test_too_long_json_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        from_json(b" " * (5 << 20))
    assert caught.value.kind.status == 413


def test_an_option_given_twice_is_named() -> None:
    with pytest.raises(Problem) as caught:
        from_query(MultiDict([("a/b", "1"), ("a/b", "1")]), {})
    assert caught.value.option == "/a~1b"
    with pytest.raises(Problem) as caught:
        merged({"effort": 1}, {"effort": 1})
    assert caught.value.option == "/effort"


def test_unknown_names_are_left_to_the_module() -> None:
    assert from_query(MultiDict([("nonsense", "1")]), {}) == {"nonsense": "1"}


def test_equal_meanings_have_one_canonical_form() -> None:
    schemas: dict[str, dict[str, Any]] = {
        "effort": {"type": "integer", "default": 7},
        "distance": {"type": "number"},
    }
    assert canonical({"distance": 1.0}, schemas) == canonical({"effort": 7, "distance": 1}, schemas)
    assert json.dumps(canonical({"distance": 1.0}, schemas)) == json.dumps({"effort": 7, "distance": 1})
    assert canonical({"distance": 1}, schemas) != canonical({"distance": 2}, schemas)
    assert canonical({"x": [1.0, {"y": 2.0}]}, {}) == {"x": [1, {"y": 2}]}
    assert not math.isnan(float(str(canonical({"distance": 0.5}, schemas)["distance"])))


@given(st.text())
def test_pointers_are_escaped(name: str) -> None:
    assert pointer(name)[1:].replace("~1", "/").replace("~0", "~") == name
