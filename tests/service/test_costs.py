"""Expressions of an interface's costs: what they give, and that nothing they could be does harm."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.costs import Facts, evaluate, needs

FACTS = Facts(
    options={"effort": 7, "list": [1], "distance": 1.5, "nothing": None},
    defaults={"effort": 5, "type": "u8", "distance": 1},
    inputs={"image": [10, 32], "none": []},
    measured={"pixels": 1000, "frames": None, "lossy": True, "format": "png", "ratio": 0.5},
)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (3, 3),
        ("a", "a"),
        (True, True),
        (None, None),
        ([1], None),
        ({}, None),
        ({"input_bytes": "image"}, 42),
        ({"input_bytes": "other"}, 0),
        ({"input_bytes": ["image"]}, None),
        ({"count": "image"}, 2),
        ({"count": "other"}, 0),
        ({"option": "effort"}, 7),
        ({"option": "type"}, "u8"),
        ({"option": "nothing", "else": 4}, 4),
        ({"option": "missing"}, None),
        ({"option": "missing", "else": {"option": "effort"}}, 7),
        ({"option": "list"}, None),
        ({"given": "effort"}, True),
        ({"given": "type"}, False),
        ({"given": "nothing"}, False),
        ({"measured": "pixels"}, 1000),
        ({"measured": "frames", "else": 1}, 1),
        ({"measured": "frames"}, None),
        ({"measured": "absent"}, None),
        ({"sum": [1, {"measured": "pixels"}]}, 1001),
        ({"sum": []}, 0),
        ({"product": []}, 1),
        ({"max": []}, None),
        ({"product": [2, 3, 0.5]}, 3),
        ({"max": [1, 5, 2]}, 5),
        ({"min": [1, 5, 2]}, 1),
        ({"sum": [1, "a"]}, None),
        ({"sum": [1, True]}, None),
        ({"sum": [1, {"measured": "frames"}]}, None),
        ({"sum": 1}, None),
        ({"product": [1e300, 1e300]}, None),
        ({"sum": [10**400]}, None),
        ({"choose": {"measured": "format"}, "from": {"png": 2}, "else": 3}, 2),
        ({"choose": {"measured": "format"}, "from": {"jxl": 2}, "else": 3}, 3),
        ({"choose": {"measured": "lossy"}, "from": {"true": 2}}, 2),
        ({"choose": {"option": "effort"}, "from": {"7": 2}}, 2),
        ({"choose": {"product": [{"option": "effort"}, 1.0]}, "from": {"7": 2}}, 2),
        ({"choose": {"measured": "ratio"}, "from": {"0.5": 2}}, 2),
        ({"choose": {"measured": "absent"}, "from": {"?": 1}}, None),
        ({"choose": 1, "from": [1]}, None),
        ({"sum": [1], "max": [2]}, None),
        ({"sum": ["a"], "else": 1}, None),
        ({"unheard_of": 1, "else": 1}, None),
    ],
)
def test_values(expression: object, value: object) -> None:
    found = evaluate(expression, FACTS)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


def test_needs() -> None:
    cost: dict[str, Any] = {
        "kind": [{"measured": "format"}, {"measured": "absent"}, {"option": "effort"}, True],
        "work": {"product": [{"measured": "pixels"}, 0.5]},
        "output_bytes": {"measured": "absent"},
        "memory": -1,
    }
    found = needs(cost, FACTS)
    assert (found.kind, found.work, found.output_bytes, found.memory) == ("png/?/7/true", 500, None, None)


def test_without_a_cost_everything_is_unknown() -> None:
    costs: list[Any] = [None, 1, [], {}, {"kind": 1, "work": []}]
    for cost in costs:
        found = needs(cost, FACTS)
        assert (found.kind, found.work, found.output_bytes, found.memory) == ("", None, None, None)


def nested(levels: int) -> Any:
    expression: Any = 1
    for _ in range(levels):
        expression = {"sum": [expression]}
    return expression


def test_what_is_too_deep_or_too_large_is_unknown() -> None:
    assert evaluate(nested(60), FACTS) == 1
    assert evaluate(nested(65), FACTS) is None
    assert evaluate(nested(5000), FACTS) is None
    assert evaluate({"sum": [1] * 4000}, FACTS) == 4000
    assert evaluate({"sum": [1] * 5000}, FACTS) is None
    assert evaluate({"sum": [{"sum": [{"sum": [1] * 100}] * 100}] * 100}, FACTS) is None


_NAMES = st.sampled_from(["image", "effort", "pixels", "frames", "lossy", "nonsense", ""])
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _NAMES
_OPERATORS = st.sampled_from(
    ["input_bytes", "count", "option", "given", "measured", "sum", "product", "max", "min", "choose", "else"]
)
_EXPRESSIONS = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_OPERATORS | st.just("from") | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


@given(_EXPRESSIONS, st.dictionaries(_NAMES, _LEAVES), st.dictionaries(_NAMES, _LEAVES) | st.none())
def test_whatever_is_given_it_returns(
    expression: object, options: dict[str, object], measured: dict[str, object] | None
) -> None:
    facts = Facts(options, options, {"image": [2**70, 1]}, measured)
    found = evaluate(expression, facts)
    assert found is None or isinstance(found, str | bool | float)
    if isinstance(found, float):
        assert math.isfinite(found)
    guessed = needs({"kind": [expression], "work": expression, "memory": expression}, facts)
    assert len(guessed.kind) <= 80
    assert guessed.work is None or guessed.work >= 0


@given(_EXPRESSIONS)
def test_a_document_read_from_json_gives_the_same(expression: object) -> None:
    try:
        again = json.loads(json.dumps(expression, allow_nan=False))
    except ValueError:
        return
    assert evaluate(again, FACTS) == evaluate(expression, FACTS)
