"""A service for the tests of what calls one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server import Server, running_server


@pytest.fixture(scope="session")
def service() -> Iterator[Server]:
    """A running service with the shipped module and the default settings."""
    with running_server() as server:
        yield server
