"""One codec for the tests of this folder, and the conformance suite's files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eitherside import Codec

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance" / "testcases"
CASES = sorted(path.parent for path in CONFORMANCE.glob("*/input.jxl")) if CONFORMANCE.is_dir() else []


@pytest.fixture(scope="session")
def codec() -> Iterator[Codec]:
    with Codec() as made:
        yield made


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "conformance_case" in metafunc.fixturenames:
        missing = pytest.mark.skip(reason=f"the conformance suite is not at {CONFORMANCE}")
        cases = [pytest.param(case, id=case.name) for case in CASES]
        metafunc.parametrize("conformance_case", cases or [pytest.param(CONFORMANCE, marks=missing)])
