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
            "arrays of float64 cannot be given, only of uint8, uint16, float32",
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


@pytest.mark.parametrize(
    "result",
    [{}, {"high": 1, "wide": 1, "deep": 1, "kind": "u64"}, {"high": 1, "wide": "1", "deep": 1, "kind": "u8"}],
)
def test_results_that_tell_no_shape(result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not tell"):
        to_array(b"x", ARRAY, result)
