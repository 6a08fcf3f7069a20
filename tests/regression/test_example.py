"""The example repository: as it is committed, and with faults planted in its codec."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from importlib.metadata import entry_points

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eitherside import Module

from .conftest import EXAMPLE, Repository

EXACT = "        return picture"
ONE_PIXEL = "        picture[40, 60, 1] ^= 1\n        return picture"
ROUNDED = "np.round(blocks / step)"
UNSEEN = ("+ 128\n    whole", "+ 128.4\n    whole")


def pictures(report: str) -> dict[str, NDArray[np.uint8]]:
    """The pictures of a report with one failure, by their captions."""
    found = {}
    figures = re.findall(r"base64,([A-Za-z0-9+/=]+)\"[^>]* alt=\"([^\"]*)\"", report)
    for data, label in figures:
        found[label] = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    return found


def test_it_passes_as_committed(example: Repository) -> None:
    """By the plugin that pytest finds by itself."""
    assert [each.value for each in entry_points(group="pytest11", name="eitherside")] == [
        "eitherside.regression.plugin"
    ]
    run = example.pytest_itself("-q", "-pno:schemathesis")
    assert run.status == 0, run.text
    assert run.counts() == {"passed": 4}
    assert "golden" not in run.text
    assert not list(example.folder.rglob("report.html"))


def test_it_pins_the_shipped_module(module: Module) -> None:
    assert f'golden_module_sha256 = "{module.sha256}"' in (EXAMPLE / "pyproject.toml").read_text()


def test_one_pixel_is_caught(example: Repository, replace: Callable[[str, str], None]) -> None:
    """And what nobody sees is not: nearly all samples of the lossy pictures change, too."""
    replace(EXACT, ONE_PIXEL)
    replace(*UNSEEN)
    run = example.pytest("--golden-report=told.html", "--tb=short")
    assert run.status == 1, run.text
    assert run.counts() == {"passed": 3, "failed": 1}
    told = re.search(
        r"picture: 1 of 36864 samples differs, most at x 60, y 40, channel 1: (\d+) became (\d+)", run.text
    )
    assert told is not None and int(told[1]) ^ 1 == int(told[2])
    assert "butteraugli" in run.text and "ssimulacra2" in run.text and "psnr" in run.text
    # The traceback is the test's own line.
    assert re.findall(r"^(\S+\.py):\d+: in", run.text, re.MULTILINE) == ["tests/test_blocks.py"]
    report = (example.folder / "told.html").read_text()
    assert "<script" not in report and "1 differs from its golden" in report
    shown = pictures(report)
    assert list(shown) == [
        "Golden",
        "Now",
        "Difference",
        "Changed pixels",
        "Golden, enlarged",
        "Now, enlarged",
    ]
    apart = shown["Golden"].astype(int) - shown["Now"]
    assert [tuple(map(int, place)) for place in np.argwhere(apart)] == [(40, 60, 1)]
    changed = np.argwhere(shown["Changed pixels"])
    assert [tuple(map(int, place)) for place in changed] == [(40, 60)]
    assert shown["Golden, enlarged"].shape == (25, 25, 3)


def test_a_loss_of_quality_is_caught(example: Repository, replace: Callable[[str, str], None]) -> None:
    """Also where another test is exact: that one is not about quality, and passes."""
    replace(ROUNDED, "np.fix(blocks / step)")
    run = example.pytest("--tb=line")
    assert run.status == 1, run.text
    assert run.counts() == {"passed": 2, "failed": 2}
    assert re.search(r"picture: butteraugli [\d.]+ distance, must be at most 0.5", run.text)
    assert re.search(r"picture: ssimulacra2 [\d.]+ of 100, must be at least 95", run.text)
    path = re.search(r"^golden report: (.*)$", run.text, re.MULTILINE)
    assert path is not None and path[1].endswith(".pytest_cache/d/golden/report.html")
    report = (example.folder / path[1]).read_text()
    assert report.count("at most 0.5: broken") == 2 and report.count("at least 95: broken") == 2


def test_what_is_within_the_bounds_stays_golden(
    example: Repository, replace: Callable[[str, str], None]
) -> None:
    replace(*UNSEEN)
    before = example.goldens()
    assert example.pytest("--golden-update", "-k", "lossy").status == 0
    assert example.goldens() == before
    test = example.folder / "tests" / "test_blocks.py"
    test.write_text(test.read_text().replace(".within(butteraugli=0.5, ssimulacra2=95)", ""))
    run = example.pytest("-k", "lossy")
    assert run.counts() == {"failed": 2}
    assert len(re.findall(r"picture: \d{4,5} of 36864 samples differ, most at", run.text)) == 2
