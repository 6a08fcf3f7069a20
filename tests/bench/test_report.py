"""Tables, limits and plots of figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as program
from bench.limits import further, limits
from bench.report import BEGIN, END, report, time, written
from bench.sizes import OURS


def case(function: str, seconds: dict[str, float], place: str = "server", **more: Any) -> dict[str, Any]:
    name = f"{function} {more}"
    sides = {
        side: {
            "median": each, "low": each * 0.9, "high": each * 1.1, "runs": 5, "seconds": [each] * 5,
            "first": each * 2, "rss": 50_000_000, "linear": 20_000_000, "size": 1000,
        }
        for side, each in seconds.items()
    }  # fmt: skip
    facts = {"picture": "photo", "shape": [1, 1000, 2000, 3], "dtype": "uint8", "megapixels": 2.0}
    coding = {"effort": 7, "distance": 1.0, "progressive": False}
    return {"place": place, "name": name, "function": function, **facts, **coding, **more, "sides": sides}


def run(*cases: dict[str, Any], brotli: int = 990_000) -> dict[str, Any]:
    spread = {"median": 1.0, "low": 0.9, "high": 1.1, "runs": 5}
    starts = {key: {**spread, "median": 0.05} for key in ("imported", "ready", "answered", "process")}
    return {
        "version": 1,
        "began": "2026-01-01 00:00 UTC",
        "set": "normal",
        "minutes": 12.0,
        "machine": {
            "cores": 2, "processor": "A processor", "memory": 2 << 30, "system": "A system", "python": "3",
            "numpy": "2", "load": [0.1, 0.1, 0.1], "busy": False,
        },
        "sides": {
            "wasmtime 1": {"version": "eitherside", "module": "ab" * 32},
            "pillow": {"absent": "it is not installed"},
        },
        "cases": list(cases),
        "throughput": {"rest: decode": {"one": spread, "all": spread, "cores": 2, "part": 0.95}},
        "startup": {"process": {"cold": starts, "warm": starts}, "pages": {}},
        "sizes": {OURS: {"raw": 4_000_000, "gzip": 1_300_000, "brotli": brotli}},
    }  # fmt: skip


def line(rows: list[Any], what: str) -> Any:
    return next(row for row in rows if what in row.what)


def test_speeds_are_geometric_means_over_cases() -> None:
    found = limits(
        run(
            case("decode", {"wasmtime 1": 1.0, "native 1": 0.5}),
            case("encode", {"wasmtime 1": 1.0, "native 1": 2.0}),
            case("encode", {"wasmtime 1": 1.0, "native 1": 0.1}, effort=1, distance=None),
        )
    )
    single = line(found, "single-thread")
    assert (single.figure, single.met, single.of) == ("0.46", False, 3)
    slowest = line(found, "slowest")
    assert slowest.figure.startswith("0.50 (decode") and slowest.met and slowest.of == 2


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    found = limits(run(case("decode", {"wasmtime 1": 1.0})))
    assert line(found, "single-thread").met is None
    assert line(found, "decode in Chromium, all cores").figure == "not measured"


@pytest.mark.parametrize(("bytes_sent", "met"), [(1_000_000, True), (1_000_001, False)])
def test_the_size_of_the_module(bytes_sent: int, met: bool) -> None:
    assert line(limits(run(brotli=bytes_sent)), "brotli").met is met


def test_peers_in_the_browser_and_threads() -> None:
    browser = {"chromium 1": 1.0, "jsquash 1": 6.0, "jxl-oxide": 1.9, "chromium all": 0.5, "browser": 0.6}
    found = limits(
        run(
            case("decode", browser, "browser"),
            case("encode", {"chromium all": 1.0, "jsquash all": 2.9}, "browser"),
            case("decode", {"wasmtime 1": 1.0, "wasmtime all": 0.6}),
            case("decode", {"wasmtime 1": 1.0, "wasmtime all": 1.0}, shape=[1, 100, 100, 3]),
        )
    )
    assert [row.met for row in found if "Chromium" in row.what] == [True, False, True, False]
    threads = line(found, "2 threads inside one image, decode")
    assert (threads.figure, threads.met, threads.of) == ("1.67 ×", True, 1)
    assert line(found, "throughput").met


def test_what_http_adds() -> None:
    found = further(run(case("transcode", {"wasmtime 1": 0.100, "rest": 0.1079}, "http")))
    assert line(found, "HTTP").met
    found = further(run(case("transcode", {"wasmtime 1": 0.100, "rest": 0.1081}, "http")))
    assert line(found, "HTTP").met is False
    assert line(found, "module ready").figure == "50 ms"


def test_the_report_has_whole_tables() -> None:
    busy = run(
        case("decode", {"wasmtime 1": 1.0, "native 1": 0.5, "pillow": 0.4}),
        case("encode", {"chromium 1": 1.0, "jsquash 1": 2.0}, "browser"),
        case("transcode", {"wasmtime 1": 1.0, "rest": 1.0}, "http"),
    )
    busy["cases"][0]["sides"]["native all"] = {"absent": "it was not there"}
    busy["machine"]["busy"] = True
    text = report(busy)
    for table in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table
    assert "**not met**" in text and "take no figure of this run for good" in text
    assert "not measured: it is not installed" in text
    assert "native, all cores (it was not there)" in text
    assert "1.00 s (900 ms – 1.10 s)" in text
    assert "| 6.0 | 20 |" in text


def test_seconds_as_people_read_them() -> None:
    assert [time(each) for each in (2.5, 0.25, 0.0025)] == ["2.50 s", "250 ms", "2.5 ms"]


def test_a_document_keeps_what_is_outside_its_markers() -> None:
    assert written(f"a\n{BEGIN}\nold\n{END}\nz", "new") == f"a\n{BEGIN}\nnew\n{END}\nz"
    for broken in ("", BEGIN, f"{BEGIN}{BEGIN}{END}"):
        with pytest.raises(ValueError, match="once each"):
            written(broken, "new")


def test_writing_changes_the_document_the_figures_and_the_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed: make bench installs it")
    monkeypatch.setattr(program, "DOCUMENT", tmp_path / "performance.md")
    monkeypatch.setattr(program, "FIGURES", tmp_path / "performance.json")
    monkeypatch.setattr(program, "PLOTS", tmp_path / "performance")
    (tmp_path / "performance.md").write_text(f"before {BEGIN}{END} after")
    figures = run(case("decode", {"wasmtime 1": 1.0, "native 1": 0.5}))
    program.write(figures)
    first = {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert set(first) == {"performance.md", "performance.json", "decode-in-a-process.svg"}
    assert b"](performance/decode-in-a-process.svg)" in first["performance.md"]
    assert b"native, 1 thread" in first["decode-in-a-process.svg"]
    program.write(figures)
    assert first == {path.name: path.read_bytes() for path in tmp_path.rglob("*.*")}


def test_the_document_that_is_there_can_be_written() -> None:
    assert written(program.DOCUMENT.read_text(), "") != ""
