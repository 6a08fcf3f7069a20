"""What the guide to libraries has people type works, as it is written there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from support.images import picture, saved

from .live import live

GUIDE = Path(__file__).parents[2] / "docs" / "libraries.md"


def test_the_commands_of_the_guide(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(saved(picture(64, 48, 3), "JPEG", quality=85))
    text = "".join(re.findall(r"^```\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    with live(None, tmp_path / "data") as service:
        script = text.replace("http://127.0.0.1:8000", service.server.url)
        command = ["bash", "-e", "-o", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"done"' in done.stdout
    assert " ff d8" in done.stdout
    assert " 01 02 00 00 00 01 00" in done.stdout
    assert (tmp_path / "photo.jxl").stat().st_size
