"""What must be shown, computed from one run's figures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .sizes import OURS
from .spread import geometric_mean

MEGAPIXEL = 1.0
_SINGLE = 0.80
_SINGLE_LEAST = 0.50
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Limit:
    """One line of the table.

    Attributes:
        what, against: what is compared with what.
        wanted: the limit in words.
        figure: what was measured in words; "not measured" where it was not.
        met: whether it is met; None where it was not measured.
        of: how many cases went in.
    """

    what: str
    against: str
    wanted: str
    figure: str
    met: bool | None
    of: int


def ratios(run: dict[str, Any], place: str, function: str, ours: str, theirs: str) -> dict[str, float]:
    """Returns by the names of cases how many times as fast `ours` was as `theirs`, by their medians."""
    return {case["name"]: found for case, found in _ratios(run, place, function, ours, theirs)}


def _ratios(
    run: dict[str, Any], place: str, function: str, ours: str, theirs: str
) -> Iterator[tuple[dict[str, Any], float]]:
    for case in run["cases"]:
        if case["place"] != place or case["function"] != function:
            continue
        a, b = (case["sides"].get(side, {}).get("median") for side in (ours, theirs))
        if a and b:
            yield case, b / a


def limits(run: dict[str, Any]) -> list[Limit]:
    """Returns the table."""
    found = list(_single(run))
    threads = "@jsquash/jxl with its threads"
    pairs = [
        ("decode in Chromium, one thread", "decode", "chromium 1", "jsquash 1", "@jsquash/jxl", 5.0),
        ("decode in Chromium, one thread", "decode", "chromium 1", "jxl-oxide", "jxl-oxide-wasm", 2.0),
        ("decode in Chromium, all cores", "decode", "chromium all", "browser", "the browser's own", 1.0),
        ("encode in Chromium, all cores", "encode", "chromium all", "jsquash all", threads, 3.0),
    ]  # fmt: skip
    for what, function, ours, theirs, against, wanted in pairs:
        found.append(_mean(what, against, wanted, ratios(run, "browser", function, ours, theirs)))
    parts = {
        name: each["part"] for name, each in run.get("throughput", {}).items() if name.startswith("rest")
    }
    found.append(_mean("N-core server throughput (calls over HTTP)", "N × single call", 0.9, parts, unit=""))
    found += _threads(run)
    found.append(_module(run))
    return found


def _mean(what: str, against: str, wanted: float, found: dict[str, float], unit: str = " ×") -> Limit:
    mean = geometric_mean(found.values())
    if math.isnan(mean):
        return Limit(what, against, f"{wanted:.1f}{unit}", "not measured", None, 0)
    return Limit(what, against, f"{wanted:.1f}{unit}", f"{mean:.2f}{unit}", mean >= wanted, len(found))


def _single(run: dict[str, Any]) -> Iterator[Limit]:
    """The speed of native libjxl that one thread in wasmtime reaches, in the mean and at the least."""
    against = "native libjxl, 1 thread, same version"
    both = [
        pair
        for function in ("decode", "encode")
        for pair in _ratios(run, "server", function, "wasmtime 1", "native 1")
    ]
    for what, kept in (
        ("single-thread decode and encode in wasmtime", both),
        ("– decode alone", [pair for pair in both if pair[0]["function"] == "decode"]),
        ("– encode alone", [pair for pair in both if pair[0]["function"] == "encode"]),
    ):
        mean = geometric_mean(ratio for _, ratio in kept)
        measured = not math.isnan(mean)
        judged = measured and not what.startswith("–")
        yield Limit(
            what, against, f"{_SINGLE:.2f}" if not what.startswith("–") else "",
            f"{mean:.2f}" if measured else "not measured", mean >= _SINGLE if judged else None, len(kept),
        )  # fmt: skip
    counted = {
        case["name"]: ratio
        for case, ratio in both
        if not (case["function"] == "encode" and case["distance"] is None and case["effort"] == 1)
    }
    least = min(counted, key=counted.__getitem__, default=None)
    figure = f"{counted[least]:.2f} ({least})" if least else "not measured"
    met = counted[least] >= _SINGLE_LEAST if least else None
    what = "– its slowest case but effort-1 lossless"
    yield Limit(what, against, f"{_SINGLE_LEAST:.2f}", figure, met, len(counted))


def _threads(run: dict[str, Any]) -> Iterator[Limit]:
    """What a second thread inside one picture gives, for pictures of a megapixel or more."""
    against = "1 thread"
    two = "wasmtime all" if run["machine"]["cores"] == 2 else "wasmtime 2"
    for what, function, efforts in (
        ("2 threads inside one image, decode", "decode", None),
        ("2 threads inside one image, encode at effort 7", "encode", 7),
    ):
        found = {
            case["name"]: ratio
            for case, ratio in _ratios(run, "server", function, two, "wasmtime 1")
            if case["shape"][1] * case["shape"][2] >= MEGAPIXEL * 1e6 and efforts in (None, case["effort"])
        }
        yield _mean(what, against, 1.6, found)


def _module(run: dict[str, Any]) -> Limit:
    what, wanted = "module, encoder and decoder, brotli", "at most 1.0 MB"
    size = run.get("sizes", {}).get(OURS, {}).get("brotli")
    if size is None:
        return Limit(what, "–", wanted, "not measured", None, 0)
    return Limit(what, "–", wanted, f"{size / _MEGABYTE:.3f} MB", size <= _MEGABYTE, 1)


HTTP_SECONDS, HTTP_PART = 0.003, 0.05
WARM_START = 0.1


def further(run: dict[str, Any]) -> list[Limit]:
    """Returns limits of single figures: what HTTP adds to a call, the start of a compiled module."""
    found = []
    for case in run["cases"]:
        bare, rest = (case["sides"].get(side, {}).get("median") for side in ("wasmtime 1", "rest"))
        if case["place"] == "http" and bare and rest:
            added, allowed = rest - bare, HTTP_SECONDS + HTTP_PART * bare
            figure = f"{added * 1000:+.1f} ms of {bare * 1000:.0f} ms"
            wanted = f"at most {allowed * 1000:.1f} ms (3 ms + 5 %)"
            what = f"HTTP: {case['name']}"
            found.append(Limit(what, "the bare call", wanted, figure, added <= allowed, 1))
    warm = run.get("startup", {}).get("process", {}).get("warm", {}).get("ready")
    if warm:
        figure = f"{warm['median'] * 1000:.0f} ms"
        wanted = f"under {WARM_START * 1000:.0f} ms"
        found.append(
            Limit("module ready, compiled before", "–", wanted, figure, warm["median"] < WARM_START, 1)
        )
    return found
