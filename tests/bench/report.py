"""Figures of a run as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .limits import Limit, further, limits, ratios
from .spread import geometric_mean

BEGIN, END = "<!-- measured: make bench -->", "<!-- end of make bench -->"
TITLES = {
    "wasmtime 1": "wasmtime, 1 thread",
    "wasmtime all": "wasmtime, all cores",
    "wasmtime 2": "wasmtime, 2 threads",
    "native 1": "native, 1 thread",
    "native all": "native, all cores",
    "pillow": "pillow-jxl-plugin, all cores",
    "chromium 1": "eitherside, 1 thread",
    "chromium all": "eitherside, all cores",
    "jsquash 1": "@jsquash/jxl, 1 thread",
    "jsquash all": "@jsquash/jxl, threads",
    "jxl-oxide": "jxl-oxide-wasm",
    "browser": "the browser's own",
    "rest": "over HTTP",
}
_PLACES = {
    "server": "In a process: wasmtime against native code",
    "browser": "In Chromium",
    "http": "Over HTTP against the bare call",
}


def report(run: dict[str, Any], plots: Sequence[Path] = ()) -> str:
    """Returns everything that goes between the markers of docs/performance.md."""
    parts = [_machine(run), "### What must be shown", _limits(limits(run)), "### Further limits"]
    parts.append(_limits(further(run)))
    for plot in plots:
        title = plot.stem.replace("-", " ")
        parts.append(f"![{title}]({plot.parent.name}/{plot.name})")
    for place, title in _PLACES.items():
        cases = [case for case in run["cases"] if case["place"] == place]
        if cases:
            parts += [f"### {title}", _times(cases), *_absences(cases)]
    parts += [*_memory(run), *_throughput(run), *_startup(run), *_sizes(run)]
    return "\n\n".join(part for part in parts if part)


def _machine(run: dict[str, Any]) -> str:
    machine = run["machine"]
    lines = [
        f"Run of {run['began']} (set “{run['set']}”, {run['minutes']:.0f} minutes): {machine['processor']},"
        f" {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GiB; {machine['system']}; Python"
        f" {machine['python']}, NumPy {machine['numpy']}. Load average before it: {machine['load'][0]:.2f}.",
    ]
    if machine["busy"]:
        lines.append("**The machine was busy with other work: take no figure of this run for good.**")
    lines.append("| side | what it is |\n| --- | --- |")
    told = []
    for name, facts in run["sides"].items():
        text = f"not measured: {facts['absent']}" if "absent" in facts else facts["version"]
        if facts.get("module"):
            text += f", module `{facts['module'][:12]}`"
        told.append(f"| {TITLES.get(name, name)} | {text} |")
    return "\n\n".join(lines) + "\n" + "\n".join(told)


def _limits(rows: Sequence[Limit]) -> str:
    lines = ["| what | against | at least | measured | cases | |", "| --- | --- | --- | ---: | ---: | --- |"]
    for row in rows:
        verdict = {True: "met", False: "**not met**", None: ""}[row.met]
        lines.append(
            f"| {row.what} | {row.against} | {row.wanted} | {row.figure} | {row.of or ''} | {verdict} |"
        )
    return "\n".join(lines)


def _times(cases: Sequence[dict[str, Any]]) -> str:
    """A table of medians with quartiles, and how many times as fast the first side is as each other."""
    sides = list(dict.fromkeys(side for case in cases for side in case["sides"]))
    sides = [side for side in sides if any("median" in case["sides"].get(side, {}) for case in cases)]
    head = " | ".join(TITLES.get(side, side) for side in sides)
    lines = [f"| case | {head} |", "| --- |" + " ---: |" * len(sides)]
    for case in cases:
        cells = [_cell(case["sides"].get(side, {})) for side in sides]
        lines.append(f"| {case['name']} | {' | '.join(cells)} |")
    return "\n".join([*lines, *_means(cases, sides)])


def _cell(found: dict[str, Any]) -> str:
    if "median" not in found:
        return ""
    return f"{time(found['median'])} ({time(found['low'])} – {time(found['high'])})"


def time(seconds: float) -> str:
    """Returns seconds as people read them."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def _means(cases: Sequence[dict[str, Any]], sides: Sequence[str]) -> Iterator[str]:
    """Lines of geometric means: how many times as fast the first side is as each, in the cases both have."""
    place, first = cases[0]["place"], sides[0]
    for function in dict.fromkeys(case["function"] for case in cases):
        cells = []
        for side in sides:
            mean = geometric_mean(ratios({"cases": cases}, place, function, first, side).values())
            cells.append("" if math.isnan(mean) else f"{mean:.2f}")
        title = f"*{function}: speed of the first column over this one's, geometric mean*"
        yield f"| {title} | {' | '.join(cells)} |"


def _absences(cases: Sequence[dict[str, Any]]) -> list[str]:
    """Says what is missing in a table, each reason once."""
    reasons: dict[str, list[str]] = {}
    for case in cases:
        for side, found in case["sides"].items():
            if "absent" in found:
                title = TITLES.get(side, side)
                reasons.setdefault(found["absent"], [])
                if title not in reasons[found["absent"]]:
                    reasons[found["absent"]].append(title)
    if not reasons:
        return []
    return ["Not measured: " + "; ".join(f"{', '.join(who)} ({why})" for why, who in reasons.items()) + "."]


def _memory(run: dict[str, Any]) -> Iterator[str]:
    """Tables of peaks: linear memory against what goes in and out, and resident memory of the processes."""
    rows = []
    for case in run["cases"]:
        if case["place"] != "server":
            continue
        sides = case["sides"]
        if "median" not in sides.get("wasmtime 1", {}):
            continue
        samples = math.prod(case["shape"]) * (2 if case["dtype"] == "uint16" else 1)
        cells = [f"{samples / 1e6:.1f}"]
        for side, key in (
            ("wasmtime 1", "linear"),
            ("wasmtime all", "linear"),
            ("wasmtime 1", "rss"),
            ("native 1", "rss"),
        ):
            value = sides.get(side, {}).get(key)
            cells.append(f"{value / 1e6:.0f}" if value else "")
        linear = sides["wasmtime 1"]["linear"]
        cells.append(f"{linear / samples:.1f} ×")
        rows.append(f"| {case['name']} | {' | '.join(cells)} |")
    if rows:
        yield "### Peak memory"
        yield "\n".join(
            [
                "| case (MB) | samples | linear memory, 1 thread | linear memory, all cores"
                " | resident, wasmtime, 1 thread | resident, native, 1 thread | linear memory over samples |",
                "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
                *rows,
            ]
        )
        yield _browser_memory(run)


def _browser_memory(run: dict[str, Any]) -> str:
    cases = [case for case in run["cases"] if case["place"] == "browser"]
    sides = [
        side
        for side in dict.fromkeys(side for case in cases for side in case["sides"])
        if any(case["sides"].get(side, {}).get("rss") for case in cases)
    ]
    if not sides:
        return ""
    lines = [
        "| resident memory of the page's processes (MB) | "
        + " | ".join(TITLES.get(side, side) for side in sides)
        + " |",
        "| --- |" + " ---: |" * len(sides),
    ]
    for case in cases:
        peaks = [case["sides"].get(side, {}).get("rss") for side in sides]
        lines.append(
            f"| {case['name']} | " + " | ".join(f"{peak / 1e6:.0f}" if peak else "" for peak in peaks) + " |"
        )
    return "\n".join(lines)


def _throughput(run: dict[str, Any]) -> Iterator[str]:
    found = run.get("throughput")
    if not found:
        return
    yield "### Calls at the same time"
    lines = [
        "| what | callers | calls a second, one caller | calls a second, all callers | part of N × single |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, each in found.items():
        one, many = each["one"]["median"], each["all"]["median"]
        lines.append(f"| {name} | {each['cores']} | {one:.2f} | {many:.2f} | {each['part']:.2f} |")
    yield "\n".join(lines)


def _startup(run: dict[str, Any]) -> Iterator[str]:
    found = run.get("startup")
    if not found:
        return
    yield "### Start-up"
    if process := found.get("process"):
        titles = {
            "imported": "the package imported",
            "ready": "module ready",
            "answered": "first answer after that",
            "process": "whole process, start to end",
        }
        lines = ["| a process | compiled for the first time | compiled before |", "| --- | ---: | ---: |"]
        for key, title in titles.items():
            lines.append(f"| {title} | {_cell(process['cold'][key])} | {_cell(process['warm'][key])} |")
        yield "\n".join(lines)
    if pages := found.get("pages"):
        lines = [
            "| a page: from navigation | ready, first visit | first answer, first visit | ready, later visits"
            " | first answer, later visits |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for side, each in pages.items():
            if "absent" in each:
                continue
            first = each["first"]
            cells = [
                time(first["ready"]),
                time(first["seconds"]),
                _cell(each["ready"]),
                _cell(each["seconds"]),
            ]
            lines.append(f"| {TITLES.get(side, side)} | {' | '.join(cells)} |")
        yield "\n".join(lines)
    yield "\n".join(_first_calls(run))


def _first_calls(run: dict[str, Any]) -> Iterator[str]:
    """A table of first calls over later ones, as browsers compile well only what has run for a while."""
    yield "| first call of a case over its later ones, geometric mean | decode | encode |"
    yield "| --- | ---: | ---: |"
    for side in dict.fromkeys(side for case in run["cases"] for side in case["sides"]):
        cells = []
        for function in ("decode", "encode"):
            each = [
                case["sides"][side]["first"] / case["sides"][side]["median"]
                for case in run["cases"]
                if case["function"] == function and "median" in case["sides"].get(side, {})
            ]
            cells.append(f"{geometric_mean(each):.2f}" if each else "")
        if any(cells):
            yield f"| {TITLES.get(side, side)} | {' | '.join(cells)} |"


def _sizes(run: dict[str, Any]) -> Iterator[str]:
    found = run.get("sizes")
    if not found:
        return
    yield "### Sizes"
    lines = ["| module (bytes) | raw | gzip | brotli |", "| --- | ---: | ---: | ---: |"]
    for name, each in found.items():
        lines.append(f"| {name} | {each['raw']:,} | {each['gzip']:,} | {each['brotli']:,} |")
    yield "\n".join(lines)


def written(document: str, text: str) -> str:
    """Returns a document with `text` between its markers.

    Raises:
        ValueError: it does not have each marker once.
    """
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise ValueError(f"the document must have {BEGIN} and {END} once each")
    head, rest = document.split(BEGIN)
    return f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}"
