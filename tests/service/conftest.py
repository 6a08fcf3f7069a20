"""A service for the tests of what calls one, and a cache for what is learned of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import Server, running_server


@pytest.fixture(scope="session")
def service() -> Iterator[Server]:
    """A running service with the shipped module and the default settings."""
    with running_server() as server:
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A folder of its own for what was learned; what was compiled is not worth making anew."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    for file in Path(os.environ["EITHERSIDE_CACHE_DIR"]).iterdir():
        # What is compiled is no use without the seal beside it, which has its hash.
        if file.is_file():
            os.link(file, folder / file.name)
    return folder
