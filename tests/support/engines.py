"""Engines as the tests start them."""

from __future__ import annotations

import pytest

from eitherside import Module
from eitherside.engines import Engine, EngineError, start


def started(name: str, module: Module) -> Engine:
    """Returns an engine; skips the test where it is not installed."""
    try:
        return start(name, module)
    except EngineError as error:
        if "is not installed" not in str(error):
            raise
        pytest.skip(str(error))
