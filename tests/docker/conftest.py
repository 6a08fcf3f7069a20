"""The Dockerfile, and what the rehearsal reads it with; skips where that is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dockerfile", reason="Docker's parser is not installed: no wheel for this platform")
pytest.importorskip("docker", reason="Docker's client library is not installed: no wheel for this platform")

from rehearsal.dockerfile import Dockerfile

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def dockerfile() -> Dockerfile:
    """The Dockerfile."""
    return Dockerfile.read(ROOT / "docker" / "Dockerfile")
