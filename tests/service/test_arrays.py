"""Arrays to buffers and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eitherside.arrays import DTYPES, from_arrays, to_array
from eitherside.interface import Array

ARRAY = Array(shape=["high", "wide", "deep"], dtype="kind")


@given(
    st.sampled_from(sorted(DTYPES)).flatmap(
        lambda code: arrays.arrays(DTYPES[code], arrays.array_shapes(min_dims=3, max_dims=3, max_side=5))
    )
)
def test_an_array_comes_back(samples: Any) -> None:
    (buffer,), options = from_arrays(samples, ARRAY)
    assert (options["high"], options["wide"], options["deep"]) == samples.shape
    assert np.array_equal(
        to_array(bytes(buffer), ARRAY, options), samples, equal_nan=samples.dtype.kind == "f"
    )


def test_layouts_and_byte_orders_that_differ() -> None:
    samples = np.arange(24, dtype=">u2").reshape(2, 3, 4)
    (buffer,), options = from_arrays(samples.transpose(1, 0, 2)[::-1], ARRAY)
    assert options == {"high": 3, "wide": 2, "deep": 4, "kind": "u16"}
    assert np.array_equal(to_array(bytes(buffer), ARRAY, options), samples.transpose(1, 0, 2)[::-1])


def test_the_last_axis_may_be_left_out() -> None:
    assert from_arrays(np.zeros((2, 3), np.uint8), ARRAY)[1] == {
        "high": 2,
        "wide": 3,
        "deep": 1,
        "kind": "u8",
    }


def test_several_arrays() -> None:
    frames = np.zeros((5, 2, 3, 4), np.float32)
    for given_ in (frames, list(frames), tuple(frames)):
        buffers, options = from_arrays(given_, ARRAY)
        assert (len(buffers), options["kind"]) == (5, "f32")


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (
            np.zeros((2, 2, 3), np.float64),
            "arrays of float64 cannot be given, only of uint8, uint16, float16, float32",
        ),
        (np.zeros((2, 2, 3), bool), "arrays of bool cannot be given"),
        (np.zeros(3, np.uint8), "an array has 1 axes; they are high, wide, deep"),
        (
            [np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)],
            "array 1 is 2 x 3 x 3 of uint8, array 0",
        ),
        ([np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint16)], "they must be alike"),
        ([], "there is no array"),
        (np.zeros((0, 2, 2, 3), np.uint8), "there is no array"),
    ],
)
def test_arrays_that_do_not_fit(given_: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_arrays(given_, ARRAY)


LAYERS = Array(shape=["high", "wide", "deep"], dtype="kind", items="layers")
MEMBERS = ["high", "wide", "name"]


def layer(high: int, wide: int) -> Any:
    return np.zeros((high, wide, 3), np.float16)


def test_items_tell_each_buffer_of_an_output() -> None:
    result = {"high": 4, "wide": 5, "deep": 1, "kind": "u8", "layers": [{}, {"high": 2, "wide": 3}]}
    shapes = [to_array(bytes(size), LAYERS, result, index).shape for index, size in enumerate((20, 6, 20))]
    assert shapes == [(4, 5, 1), (2, 3, 1), (4, 5, 1)]
    with pytest.raises(ValueError, match="cannot reshape"):
        to_array(bytes(20), LAYERS, result, 1)


def test_items_are_told_the_sizes_that_are_not_the_whole_images() -> None:
    given_ = [layer(4, 5), layer(2, 5), layer(2, 3)]
    options = {"high": 4, "wide": 5, "layers": [{}, {"name": "b"}, {"high": 2}]}
    buffers, told = from_arrays(given_, LAYERS, options, MEMBERS)
    assert [buffer.nbytes for buffer in buffers] == [120, 60, 36]
    assert told == {
        "high": 4,
        "wide": 5,
        "deep": 3,
        "kind": "f16",
        "layers": [{}, {"name": "b", "high": 2}, {"high": 2, "wide": 3}],
    }
    assert options["layers"] == [{}, {"name": "b"}, {"high": 2}]


def test_items_are_made_where_arrays_differ_and_only_there() -> None:
    assert "layers" not in from_arrays([layer(4, 5)] * 2, LAYERS, {}, MEMBERS)[1]
    told = from_arrays([layer(4, 5), layer(4, 2)], LAYERS, {"wide": 9}, MEMBERS)[1]
    assert told["layers"] == [{"wide": 5}, {"wide": 2}]


def test_several_arrays_in_a_row_belong_to_one_item() -> None:
    told = from_arrays(
        [layer(4, 5)] * 2 + [layer(2, 5)] * 2, LAYERS, {"high": 4, "layers": [{}, {}]}, MEMBERS
    )[1]
    assert told["layers"] == [{}, {"high": 2}]


@pytest.mark.parametrize(
    ("given_", "options", "message"),
    [
        ([layer(4, 5), layer(4, 2)], {}, "differ in wide: the option wide must tell the whole image's"),
        ([layer(4, 5)], {"layers": [{"wide": 4}]}, "layers tells a wide of 4 for array 0, which has 5"),
        ([layer(4, 5)], {"wide": 4}, "the option wide is 4, but the array says 5"),
        ([layer(4, 5), layer(4, 5)[..., :2]], {"wide": 9}, "they must be alike"),
        ([layer(4, 5), layer(4, 5).astype("f4")], {"layers": [{}, {}]}, "they must be alike"),
    ],
)
def test_items_that_do_not_fit(given_: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_arrays(given_, LAYERS, options, MEMBERS)


@pytest.mark.parametrize(
    "result",
    [{}, {"high": 1, "wide": 1, "deep": 1, "kind": "u64"}, {"high": 1, "wide": "1", "deep": 1, "kind": "u8"}],
)
def test_results_that_tell_no_shape(result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not tell"):
        to_array(b"x", ARRAY, result)
