"""The bitstreams of the conformance suite, where it lies beside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance" / "testcases"


def conformance_cases(wanted: Callable[[Path], bool] = lambda case: True) -> pytest.MarkDecorator:
    """Runs a test with ``conformance_case``, a folder of the suite, for each bitstream that is wanted.

    Where the suite is absent, the test is skipped and says so.
    """
    found = sorted(path.parent for path in CONFORMANCE.glob("*/input.jxl") if wanted(path.parent))
    missing = pytest.mark.skip(reason=f"the conformance suite is not at {CONFORMANCE}")
    cases = [pytest.param(case, id=case.name) for case in found]
    return pytest.mark.parametrize("conformance_case", cases or [pytest.param(CONFORMANCE, marks=missing)])


def named(*names: str) -> pytest.MarkDecorator:
    """`conformance_cases` for bitstreams by name."""
    return conformance_cases(lambda case: case.name in names)
