"""The statistics of the benchmark."""

from __future__ import annotations

import math

import pytest

from bench.spread import Spread, geometric_mean, spread


def test_median_and_quartiles() -> None:
    assert spread([4.0, 1.0, 3.0, 2.0, 5.0]) == Spread(3.0, 2.0, 4.0, 5)


def test_few_runs_have_their_extremes_instead_of_quartiles() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
    assert spread([7.0]) == Spread(7.0, 7.0, 7.0, 1)


def test_no_run_has_no_median() -> None:
    with pytest.raises(ValueError, match="no run"):
        spread([])


def test_geometric_mean() -> None:
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1)
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4)
    assert math.isnan(geometric_mean([]))
