"""The plugin in temporary repositories: goldens made, renewed and compared, by real runs of pytest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

from eitherside import Module

from .conftest import PLUGIN, Repository

# What is compared comes from a file beside the tests, so that a run can change it.
SUITE = """
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

HERE = Path(__file__).parent
CHANGED = (HERE / "changed").exists()
HOSTILE = ["../../../out", "/etc/passwd", "<script>alert(1)</script>", "a" * 3000, "CON", "con"]
HOSTILE += ["\\u202egnp.x", "a b", "A B"]


def picture(height=24, width=32, channels=3, dtype=np.uint8):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    made = (40 + 3 * x + 2 * y + 20 * c) % 256
    if CHANGED:
        made[5, 7, 0] += 1
    return (made / 256).astype(dtype) if np.dtype(dtype).kind == "f" else made.astype(dtype)


@pytest.mark.parametrize("name", HOSTILE)
def test_names(golden, name):
    golden.check(picture())


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("channels", [1, 4])
def test_types(golden, dtype, channels):
    golden.check(picture(channels=channels, dtype=dtype))


class TestMany:
    def test_checks(self, golden):
        golden.check(picture())
        golden.check([picture(), picture(10, 12)])
        golden.named("bytes").check(b"no picture" + bytes([CHANGED]))
        golden.named("flat").check(picture()[..., 0])
        golden.named("pillow").check(Image.fromarray(picture()).convert("P"))


def test_functions(golden):
    file = golden.encode(picture(), lossless=True).image
    assert golden.decode(file).samples[0].shape == (24, 32, 3)
    golden.inspect(file)
    golden.within(psnr=60).transcode(file, to="png")


def test_expected(golden):
    if CHANGED:
        with pytest.raises(AssertionError, match="is not the golden"):
            golden.check(picture())
    else:
        golden.check(picture())


@pytest.mark.xfail(CHANGED, reason="it is known", strict=True)
def test_known(golden):
    golden.check(picture())


def test_without():
    pass
"""
TESTS = 9 + 8 + 5
WITH_GOLDENS = TESTS - 1


def test_from_the_first_run_to_a_change(repository: Repository) -> None:
    repository.write(test_suite=SUITE)
    # Nothing is there yet.
    run = repository.pytest("-q", "--tb=line")
    assert run.counts() == {"failed": WITH_GOLDENS, "passed": 1}
    assert "there is no golden golden/test_suite/test_known.json yet" in run.text
    assert "to make it: pytest --golden-update test_suite.py::test_known" in run.text
    assert repository.goldens() == {}
    # Written: of each check its own file, none elsewhere.
    run = repository.pytest("--golden-update", "-pxdist.plugin", "-n1")
    assert run.status == 0, run.text
    made = repository.goldens()
    names = [path for path in made if path.endswith(".json")]
    assert len(names) == WITH_GOLDENS + 7
    assert f"golden: {len(names)} new" in run.text
    assert all(re.fullmatch(r"golden/test_suite/[A-Za-z0-9_-]+(\.1)?\.(json|jxl|png)", path) for path in made)
    assert len({path.lower() for path in made}) == len(made)
    assert [path.name for path in repository.folder.parent.iterdir()] == ["repository"]
    # Equal: passes, and nothing is written again.
    run = repository.pytest("--golden-update", "-q")
    assert (run.status, repository.goldens()) == (0, made), run.text
    assert "golden:" not in run.text and "report" not in run.text
    # Changed: every failure of both workers is in one report, and none that was expected.
    (repository.folder / "changed").touch()
    run = repository.pytest("-q", "-pxdist.plugin", "-n2", "--golden-report=out/report.html")
    assert run.counts() == {"passed": 2, "failed": TESTS - 3, "xfailed": 1}, run.text
    assert repository.goldens() == made
    report = (repository.folder / "out" / "report.html").read_text()
    assert f"{TESTS - 3} differ from their goldens" in report
    assert report.count("<section") == report.count("<li><a ") == TESTS - 3
    assert "<script" not in report and "&lt;script&gt;" in report
    assert "test_known" not in report and "test_expected" not in report
    # Renewed: what changed is said, and shown.
    run = repository.pytest("--golden-update", "--golden-report=changes.html", "-k", "test_checks")
    assert run.status == 0, run.text
    # The picture with a palette, of coarser colours, stays the same.
    assert "golden: 4 changed" in run.text
    assert re.search(
        r"picture: 1 of 2304 samples differs, most at x 7, y 5, channel 0: 71 became 72", run.text
    )
    assert (repository.folder / "changes.html").read_text().count("goldens changed") == 1
    assert len(repository.goldens()) == len(made)


BROKEN = """
import numpy as np
import pytest

@pytest.mark.parametrize("what", ["conflict", "form", "json", "lfs", "gone", "other", "huge"])
def test_it(golden, what):
    golden.check(np.full((9, 10, 3), CHANGED, np.uint8))

def test_bounds(golden):
    golden.within(psnr=40).check(np.full((9, 10, 3), CHANGED, np.uint8))

def test_nothing_to_measure(golden):
    golden.within(psnr=40).check(b"no picture")

def test_wrong_score(golden):
    golden.within(sharpness=1).check(np.zeros((9, 10, 3), np.uint8))

def test_wrong_type(golden):
    golden.check(np.zeros((9, 10, 3)))

def test_other_shape(golden):
    golden.within(psnr=1).check(np.zeros((9, 10 + CHANGED, 3), np.uint8))

def test_other_call(golden):
    file = golden.codec.encode(np.zeros((9, 10, 3), np.uint8) + CHANGED, lossless=True).image
    golden.decode(file, type="u16" if CHANGED else "u8")
"""


def test_what_is_wrong_with_a_golden_is_said(repository: Repository) -> None:
    repository.configure("golden_pictures = always")
    repository.write(test_broken=BROKEN.replace("CHANGED", "0"))
    assert repository.pytest("--golden-update", "-k", "test_it or bounds or other").status == 0
    folder = repository.folder / "golden" / "test_broken"
    files = {path.name.split("-")[1]: path for path in folder.glob("test_it-*.json")}
    picture = {what: path.with_suffix(".jxl") for what, path in files.items()}
    files["conflict"].write_text("<<<<<<< ours\n" + files["conflict"].read_text())
    files["json"].write_text('{"check": ')
    kept = json.loads(files["form"].read_text())
    kept["outputs"][0]["picture"]["extension"] = "../../x"
    files["form"].write_text(json.dumps(kept))
    picture["lfs"].write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    picture["gone"].unlink()
    shutil.copy(files["gone"], files["other"])
    files["huge"].write_bytes(b" " * (5 << 20))
    kept = json.loads((folder / "test_bounds.json").read_text())
    del kept["outputs"][0]["picture"]
    (folder / "test_bounds.json").write_text(json.dumps(kept))

    repository.write(test_broken=BROKEN.replace("CHANGED", "1"))
    run = repository.pytest("--tb=short")
    assert run.counts() == {"failed": 13}, run.text
    for told in (
        "it has a merge conflict; take one side, or make it anew",
        r"json is wrong at /outputs/0/picture/extension: String should match pattern",
        r"json is not JSON: Expecting value: line 1 column 11",
        "it is a pointer of Git LFS: git lfs pull",
        r"cannot read the golden's picture .*\.jxl: No such file or directory",
        r"is of 'test_it\[gone\]', not of 'test_it\[other\]': was it renamed or copied\?",
        r"has more than 4194304 bytes",
        r"test_bounds\.json keeps no picture of picture, which bounds are measured from",
        "there is nothing to measure: the module reads no picture from it",
        "there is no score sharpness; there are butteraugli, butteraugli_3norm, ssimulacra2, psnr",
        "an array of float64 is no picture; give uint8, uint16, float16, float32",
        "it is 9 x 11 x 3 of uint8; the golden is 9 x 10 x 3 of uint8",
        "option /type: 'u8' became 'u16'",
        "the input image is not the one that the golden was made from",
    ):
        assert re.search(told, run.text), told
    # A golden that cannot be read is replaced when that is asked for, and it is said why.
    run = repository.pytest("--golden-update", "-k", "conflict or lfs")
    assert run.status == 0, run.text
    assert "it was replaced: the golden " in run.text and "it has a merge conflict" in run.text


ONE = """
import numpy as np

def test_one(golden):
    golden.check(np.zeros((9, 10, 3), np.uint8))

def test_two():
    pass
"""


def test_another_module_than_the_pinned_one_is_told(repository: Repository, module: Module) -> None:
    repository.write(test_one=ONE)
    repository.configure(f"golden_module_sha256 = {'0' * 64}")
    run = repository.pytest()
    assert run.counts() == {"error": 1, "passed": 1}
    told = f"has the SHA-256 {module.sha256}, but golden_module_sha256 pins {'0' * 64}: install"
    assert told in run.text
    repository.configure(f"golden_module_sha256 = {module.sha256}")
    assert repository.pytest("--golden-update").status == 0
    # Of another module: equal is equal, but not where one is pinned, and --golden-update renews it.
    path = repository.folder / "golden" / "test_one" / "test_one.json"
    written = path.read_text()
    path.write_text(written.replace(module.sha256, "1" * 64))
    run = repository.pytest()
    assert re.search(r"was made with the module 1{64}, but golden_module_sha256 pins", run.text), run.text
    repository.configure()
    assert repository.pytest("-q").status == 0
    run = repository.pytest("--golden-update")
    assert f"module: {'1' * 64} became {module.sha256}" in run.text
    assert path.read_text() == written


def test_a_module_can_be_named(repository: Repository, module: Module) -> None:
    repository.write(test_one=ONE)
    repository.configure("golden_module = its/codec.wasm")
    assert "cannot read the module" in repository.pytest().text
    (repository.folder / "its").mkdir()
    shutil.copy(module.path, repository.folder / "its")
    assert repository.pytest("--golden-update").status == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("golden_module_sha256 = abc", "golden_module_sha256: 'abc' is no SHA-256"),
        ("golden_folder = ../golden", "golden_folder: '../golden' is not the name of one folder"),
        ("golden_pictures = some", "golden_pictures: 'some' is neither always nor bounds"),
        ("golden_report_bytes = many", "golden_report_bytes: 'many' is no whole number from 1"),
    ],
)
def test_an_option_that_is_wrong_is_told(repository: Repository, line: str, told: str) -> None:
    repository.configure(line)
    run = repository.pytest()
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert told in run.text


def test_goldens_are_not_made_in_ci(repository: Repository) -> None:
    repository.write(test_one=ONE)
    run = repository.pytest("--golden-update", CI="true")
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "--golden-update-in-ci" in run.text
    assert repository.goldens() == {}
    assert repository.pytest("--golden-update", "--golden-update-in-ci", CI="true").status == 0
    assert repository.goldens()


LIMITS = """
import numpy as np

CHANGED = 0

def picture(side=40):
    made = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    made[3, 4, 0] += CHANGED
    return made

def test_a(golden):
    golden.check(picture())

def test_b(golden):
    golden.check(picture())

def test_c(golden):
    golden.within(psnr=99).check(picture(8))
"""


def test_pictures_are_limited(repository: Repository) -> None:
    repository.configure(
        "golden_picture_bytes = 1000", "golden_report_pixels = 400", "golden_report_bytes = 500"
    )
    repository.write(test_limits=LIMITS)
    run = repository.pytest("--golden-update")
    assert run.status == 0, run.text
    assert re.search(
        r"picture has \d+ bytes, golden_picture_bytes allows 1000, so that only its hash is kept", run.text
    )
    assert [path for path in repository.goldens() if path.endswith(".jxl")] == [
        "golden/test_limits/test_c.jxl"
    ]
    repository.write(test_limits=LIMITS.replace("CHANGED = 0", "CHANGED = 200"))
    run = repository.pytest("-q", "--golden-report=report.html")
    assert run.counts() == {"failed": 3}
    report = (repository.folder / "report.html").read_text()
    assert "one row and column in 2 of 40 x 40 pixels" in report
    assert report.count("no pictures: the report has as many bytes of them as it may have") == 2
    # What bounds are measured from must be kept.
    repository.write(test_limits=LIMITS.replace("picture(8)", "picture(50)"))
    run = repository.pytest("--golden-update", "-k", "test_c")
    assert run.status == 1
    assert re.search(
        r"test_c\.json, picture: its picture has \d+ bytes, golden_picture_bytes allows 1000", run.text
    )


def test_pictures_that_bounds_need_are_enough(repository: Repository) -> None:
    """And one that a golden no longer has is removed, and that is said."""
    repository.write(test_limits=LIMITS)
    assert repository.pytest("--golden-update", "-k", "test_a").status == 0
    repository.configure("golden_pictures = bounds")
    repository.write(test_limits=LIMITS.replace("CHANGED = 0", "CHANGED = 1"))
    run = repository.pytest("--golden-update", "-k", "test_a or test_c")
    assert run.status == 0, run.text
    assert "removed test_a.jxl, which belongs to it no longer" in run.text
    names = [path.removeprefix("golden/test_limits/") for path in repository.goldens()]
    assert names == ["test_a.json", "test_c.json", "test_c.jxl"]
    # The report of an exact check then has what came alone.
    repository.write(test_limits=LIMITS)
    run = repository.pytest("-k", "test_a", "--golden-report=report.html")
    assert "the samples have another SHA-256" in run.text
    report = (repository.folder / "report.html").read_text()
    assert report.count("<figure") == 1 and "<figcaption dir=auto>Now" in report


def test_nothing_heavy_is_imported_where_no_test_asks(repository: Repository) -> None:
    """Every run of pytest imports the plugin, wherever the package is installed."""
    repository.write(
        test_light="""
import sys

def test_light(request):
    assert request.config.pluginmanager.hasplugin("eitherside.regression.plugin")
    heavy = {"numpy", "pydantic", "wasmtime", "markupsafe", "PIL", "click", "flask"} & set(sys.modules)
    ours = {name for name in sys.modules if name.startswith("eitherside.")}
    assert heavy == set()
    assert ours == {"eitherside.regression", "eitherside.regression.options", "eitherside.regression.plugin"}
"""
    )
    run = repository.pytest_itself("-q", "--disable-plugin-autoload", PLUGIN)
    assert run.status == 0, run.text


def test_a_fixture_of_ones_own_wins(repository: Repository) -> None:
    repository.write(
        conftest="import pytest\n\n@pytest.fixture\ndef golden():\n    return 7\n",
        test_own="def test_own(golden):\n    assert golden == 7\n",
    )
    assert repository.pytest("-q").counts() == {"passed": 1}


def test_a_report_that_cannot_be_written_is_told(repository: Repository) -> None:
    repository.write(test_one="def test_one():\n    pass\n")
    (repository.folder / "file").touch()
    run = repository.pytest("--golden-report=file/report.html")
    assert re.search(r"golden report: .*report\.html cannot be written", run.text)
    run = repository.pytest("--golden-report=report.html")
    assert "No check differs from its golden." in (repository.folder / "report.html").read_text()


def test_the_types_are_there() -> None:
    """The fixture's type can be named without loading a codec."""
    code = (
        "import eitherside.regression, sys; assert 'numpy' not in sys.modules; eitherside.regression.Golden"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
