"""One codec for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eitherside import Codec


@pytest.fixture(scope="session")
def codec() -> Iterator[Codec]:
    with Codec() as made:
        yield made
