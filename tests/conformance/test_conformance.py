"""The conformance suite: it passes, and what is wrong does not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eitherside import Module
from eitherside.conformance.check import Verdict, check
from eitherside.conformance.decoded import Subject
from eitherside.conformance.description import Description, Field, lookup
from eitherside.conformance.measure import Errors, errors, npy_hash
from eitherside.conformance.references import References
from eitherside.conformance.suite import Case, SuiteError, read_suite
from eitherside.engines import Engine, EngineError
from eitherside.errors import ModuleError
from eitherside.interface import Interface
from support.conformance import CONFORMANCE, conformance_cases
from support.engines import started
from support.processes import assert_gone, descendants

from .tampered import Change, Tampered, crash, of_output, of_result

SMALL = "grayscale_jpeg"
LOSSY = "animation_icos4d"
IN_BROWSERS = ("alpha_premultiplied", LOSSY, "cmyk_layers", SMALL, "spot")


@pytest.fixture(scope="module")
def known() -> Iterator[References]:
    with References() as made:
        yield made


@pytest.fixture(scope="module")
def engine(module: Module) -> Iterator[Engine]:
    with started("wasmtime", module) as made:
        yield made


def cases_of(bitstream: str) -> list[Case]:
    return [case for case in read_suite(CONFORMANCE) if case.bitstream.parent.name == bitstream]


def verdicts(module: Module, engine: Engine, known: References, bitstream: str) -> list[Verdict]:
    description = Description.of(module.interface)
    cases = cases_of(bitstream)
    subject = Subject(engine, module.interface, description, cases[0].bitstream)
    return [check(case, engine.name, subject, description, known) for case in cases]


@conformance_cases()
def test_wasmtime(module: Module, engine: Engine, known: References, conformance_case: Path) -> None:
    found = verdicts(module, engine, known, conformance_case.name)
    assert {verdict.case: verdict.faults for verdict in found if not verdict.passed} == {}
    assert all(verdict.frames and verdict.against for verdict in found)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["chromium", "firefox", "webkit"])
def test_browsers(module: Module, known: References, conformance: Path, name: str) -> None:
    with started(name, module) as engine:
        found = [each for case in IN_BROWSERS for each in verdicts(module, engine, known, case)]
    assert {verdict.case: verdict.faults for verdict in found if not verdict.passed} == {}


def tampered(
    module: Module, engine: Engine, known: References, change: Change, case: str = SMALL
) -> list[str]:
    """Faults of the first test case of a bitstream, with changed replies."""
    return verdicts(module, Tampered(engine, change), known, case)[0].faults


def with_sample(index: int, value: float) -> Change:
    def change(data: bytes) -> bytes:
        samples = np.frombuffer(data, np.float32).copy()
        samples[index] += value
        return samples.tobytes()

    return of_output("samples", change)


def test_a_wrong_sample_fails(module: Module, engine: Engine, known: References, conformance: Path) -> None:
    faults = tampered(module, engine, known, with_sample(1234, 0.01))
    assert any("peak is 0.01" in fault for fault in faults)
    assert any("rms is" in fault for fault in faults)
    assert tampered(module, engine, known, with_sample(1234, 1e-6)) == []


def test_no_number_fails(module: Module, engine: Engine, known: References, conformance: Path) -> None:
    assert tampered(module, engine, known, with_sample(0, float("nan")))


def test_a_wrong_frame_of_an_animation_fails(
    module: Module, engine: Engine, known: References, conformance: Path
) -> None:
    wrong = with_sample(77, 0.2)
    assert any("frame 47: peak" in fault for fault in tampered(module, engine, known, wrong, LOSSY))


def test_small_errors_everywhere_fail_by_their_rms(
    module: Module, engine: Engine, known: References, conformance: Path
) -> None:
    def change(data: bytes) -> bytes:
        return (np.frombuffer(data, np.float32) + np.float32(1e-3)).tobytes()

    faults = tampered(module, engine, known, of_output("samples", change))
    assert faults
    assert all("rms" in fault for fault in faults)


def test_a_wrong_profile_fails(module: Module, engine: Engine, known: References, conformance: Path) -> None:
    faults = tampered(module, engine, known, of_output("icc", lambda icc: icc[:-1] + bytes([icc[-1] ^ 1])))
    assert any("original profile" in fault for fault in faults)


def test_a_wrong_jpeg_fails(module: Module, engine: Engine, known: References, conformance: Path) -> None:
    faults = tampered(module, engine, known, of_output("image", lambda jpeg: jpeg + b"\0"))
    assert len(faults) == 1
    assert "reconstructed JPEG" in faults[0]


@pytest.mark.parametrize(
    "members",
    [
        {"intensity_target": 250.0},
        {"bits_per_sample": 9},
        {"exponent_bits": 1},
        {"extra_channels": [{"type": "depth", "bits_per_sample": 8, "exponent_bits": 0}]},
        {"frames": []},
        {"frames": [{"name": "x"}]},
        {"tone_mapping": {}},
    ],
    ids=str,
)
def test_wrong_facts_fail(
    module: Module, engine: Engine, known: References, conformance: Path, members: dict[str, object]
) -> None:
    assert tampered(module, engine, known, of_result(**members))


def test_a_crash_is_no_verdict(module: Module, engine: Engine, known: References, conformance: Path) -> None:
    with pytest.raises(EngineError):
        tampered(module, engine, known, crash)


def test_exact_cases_need_no_native_decoder(
    module: Module, engine: Engine, known: References, conformance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eitherside.conformance.native.is_installed", lambda: False)
    with References() as none:
        assert verdicts(module, engine, none, "alpha_triangles")[0].faults == []
        assert any("pip install" in fault for fault in verdicts(module, engine, none, SMALL)[0].faults)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eitherside", "conformance", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, env={**os.environ, **environment}
    )


def test_the_command(conformance: Path, tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    done = run(str(conformance.parent), "--only", SMALL, "--only", f"{SMALL}_5", "--output", str(target))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "2 passed, 0 failed")
    assert "pass" in done.stdout
    found = json.loads(target.read_bytes())
    assert found["passed"] is True
    assert [verdict["case"] for verdict in found["verdicts"]] == [SMALL, f"{SMALL}_5"]
    assert found["verdicts"][0]["jpeg"] == cases_of(SMALL)[0].jpeg
    assert found["verdicts"][0]["frames"][0]["peak"] > 0


def test_the_command_fails_with_the_suite(conformance: Path, tmp_path: Path) -> None:
    shutil.copytree(conformance / SMALL, tmp_path / SMALL, copy_function=shutil.copyfile)
    document = json.loads((tmp_path / SMALL / "test.json").read_bytes())
    document["sha256sums"]["original.icc"] = "0" * 64
    (tmp_path / SMALL / "test.json").write_text(json.dumps(document))
    done = run(str(tmp_path))
    assert done.returncode == 1
    assert "original profile" in done.stdout
    assert done.stderr.splitlines()[-1] == "0 passed, 1 failed"


@pytest.mark.parametrize(
    ("name", "package"),
    [("chromium", "chromium"), ("firefox", "firefox-esr"), ("webkit", "webkit2gtk-driver")],
)
def test_a_browser_that_is_not_there_is_named_with_its_package(
    conformance: Path, tmp_path: Path, name: str, package: str
) -> None:
    done = run(str(conformance), "--engine", name, "--only", SMALL, PATH=str(tmp_path))
    assert done.returncode == 2
    assert f"Debian has it in the package {package}" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_stops_what_it_started(conformance: Path, chromium: str, number: int) -> None:
    command = [sys.executable, "-m", "eitherside", "conformance", str(conformance), "--engine", "chromium"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 120
        # The browser itself has started more.
        while len(mine := descendants(process.pid)) < 4:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(number)
        # Interrupted inside exec(), as dataclasses use it, CPython ends by SIGINT although that was caught.
        assert process.wait(60) in (130, -signal.SIGINT)
    assert_gone(mine)


def test_a_folder_without_test_cases(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 2
    assert "no test cases" in done.stderr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"frames": [{"rms_error": 1}]}', '{"frames": 1}'])
def test_malformed_test_cases_are_named(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "test.json").write_text(text)
    (folder / "input.jxl").write_bytes(b"")
    with pytest.raises(SuiteError, match="one"):
        read_suite(tmp_path)


def test_a_level_5_case_uses_the_bitstream_of_the_other(conformance: Path) -> None:
    cases = {case.name: case for case in read_suite(conformance)}
    assert len(cases) == 39
    assert len({case.bitstream for case in cases.values()}) == 26
    assert cases["bike_5"].bitstream == cases["bike"].bitstream
    assert cases["bike_5"].frames[0].peak > cases["bike"].frames[0].peak


def test_errors_are_of_the_worst_channel() -> None:
    ours = np.zeros((2, 2, 3), np.float32)
    ours[0, 0, 1] = 0.5
    found = errors(ours, np.zeros((2, 2, 3)))
    assert (found.rms, found.peak) == (0.25, 0.5)
    with pytest.raises(ValueError, match="shape"):
        errors(ours, np.zeros((2, 3, 3)))


@pytest.mark.parametrize("height", [1, 64, 65, 131])
def test_errors_are_of_all_rows(height: int) -> None:
    reference = np.random.default_rng(height).random((height, 7, 4), np.float32)
    ours = reference.copy()
    ours[-1, 6, 3] += 0.25
    ours[0, 0, 0] -= 0.125
    apart = ours.astype(np.float64) - reference
    found = errors(ours, reference)
    assert found.peak == np.abs(apart).max()
    assert found.rms == pytest.approx(np.sqrt(np.square(apart).mean(axis=(0, 1))).max(), rel=1e-12)
    ours[-1, 0, 1] = np.nan
    assert errors(ours, reference) == Errors(np.inf, np.inf)


def test_the_hash_is_that_of_the_suites_files() -> None:
    import hashlib

    samples = np.zeros((1, 1, 1, 1), np.float32)
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1), }\n"
    file = b"\x93NUMPY\x01\x00" + bytes([len(header), 0]) + header + bytes(4)
    assert npy_hash(samples) == hashlib.sha256(file).hexdigest()


def test_lookup() -> None:
    result = {"bits": 8, "channels": [{"bits": 5, "type": "depth"}, {"bits": 6, "type": "spot"}]}
    assert lookup(result, Field(at="/bits")) == 8
    assert lookup(result, Field(at=["/bits", "/channels/*/bits"])) == [8, 5, 6]
    assert lookup(result, Field(at="/channels/*/type", names={"spot": "SpotColor"})) == ["depth", "SpotColor"]
    with pytest.raises(KeyError):
        lookup(result, Field(at="/none"))


def test_a_module_that_says_nothing_of_it(module: Module) -> None:
    raw = {key: value for key, value in module.interface.raw.items() if key != "conformance"}
    with pytest.raises(ModuleError, match="does not say how it is tested"):
        Description.of(Interface(raw))
    with pytest.raises(ModuleError, match="conformance/samples"):
        Description.of(Interface({**raw, "conformance": {"suite": "", "samples": {}}}))
