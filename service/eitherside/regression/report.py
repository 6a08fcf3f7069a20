"""The report: one HTML file with everything in it, which needs no script and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from .. import report
from ..files import write_atomically
from .parts import Entry, Figure, Parts, Row, Shown

# Of one, and of several.
_TITLES = {
    "failed": ("differs from its golden", "differ from their goldens"),
    "missing": ("has no golden", "have no golden"),
    "changed": ("golden changed", "goldens changed"),
    "new": ("new golden", "new goldens"),
}


def write(path: Path, entries: Sequence[Entry], parts: Parts) -> None:
    """Writes the report of `entries` to `path`, whole or not at all. One check's pictures are in memory.

    Args:
        path: of the HTML file.
        entries: what to show, in this order.
        parts: have the pictures.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(path, rendered(entries, parts), durable=False)


def rendered(entries: Sequence[Entry], parts: Parts) -> Iterator[bytes]:
    """Yields the report piece by piece."""
    for piece in report.pieces("Golden report", _parts(entries, parts), lead=_lead(entries)):
        # A lone surrogate, which a file's name can have, is no UTF-8.
        yield piece.encode("utf-8", "backslashreplace")


def _lead(entries: Sequence[Entry]) -> str:
    counts = {kind: sum(entry["kind"] == kind for entry in entries) for kind in _TITLES}
    told = [f"{count} {_TITLES[kind][count > 1]}" for kind, count in counts.items() if count]
    return ", ".join(told) if told else "No check differs from its golden."


def _parts(entries: Sequence[Entry], parts: Parts) -> Iterator[Markup]:
    if entries:
        rows = [(_anchor(index), entry["test"], _about(entry)) for index, entry in enumerate(entries)]
        yield report.contents(rows, name="Checks")
    for index, entry in enumerate(entries):
        rows = [("Golden", entry["golden"], ""), *((name, value, "") for name, value in entry["facts"])]
        shown = [
            part
            for number, output in enumerate(entry["outputs"])
            for part in _shown(output, f"{_anchor(index)}-{number}", parts)
        ]
        head = (report.note(_about(entry)), report.facts(rows, long=True))
        yield report.section(entry["test"], *head, *shown, anchor=_anchor(index))


def _anchor(index: int) -> str:
    return f"check-{index + 1}"


def _about(entry: Entry) -> str:
    return f"{entry['title']}: {_TITLES[entry['kind']][0]}"


def _shown(output: Shown, name: str, parts: Parts) -> Iterator[Markup]:
    """Yields what there is to show of an output; `name` is no other's on the page."""
    yield report.heading(output["name"])
    if output["faults"]:
        yield report.faults(output["faults"])
    for text in output["notes"]:
        yield report.note(text)
    if output["scores"]:
        yield _scores(output["scores"])
    if output["figures"]:
        yield report.pictures([_picture(figure, parts) for figure in output["figures"]], name=name)


def _scores(rows: Sequence[Row]) -> Markup:
    header, limits = ["Score", "reached"], [""] * len(rows)
    if any(row["bounded"] for row in rows):
        header.append("bound")
        limits = [
            f"{row['limit']}: {'held' if row['holds'] else 'broken'}" if row["bounded"] else "none"
            for row in rows
        ]
    texts = [
        [row["title"], row["value"], limit][: len(header)] for row, limit in zip(rows, limits, strict=True)
    ]
    broken = [index for index, row in enumerate(rows) if not row["holds"]]
    return report.table(header, texts, caption="Scores", marked=broken)


def _picture(figure: Figure, parts: Parts) -> report.Picture:
    mark = figure["mark"]
    return report.Picture(
        figure["label"],
        parts.picture(figure),
        note=figure["note"] or f"{figure['width']} x {figure['height']}",
        size=(figure["width"], figure["height"]),
        mark=(mark[0], mark[1]) if mark is not None else None,
        enlarged=figure["enlarged"],
    )
