"""The whole Dockerfile, step by step in folders; it takes minutes, so only where it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rehearse import missing

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(
    os.environ.get("REHEARSE") != "1", reason="takes minutes and the network: REHEARSE=1 asks for it"
)
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.timeout(3600)
def test_the_image_is_made_and_works() -> None:
    command = [sys.executable, str(ROOT / "docker" / "rehearse.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the rehearsal succeeded" in done.stdout
