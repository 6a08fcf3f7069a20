"""What a report shows of an output: scores and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CallError
from .outcome import Part
from .parts import Figure, Parts, Row, Shown
from .pictures import Array, Pictures
from .verdict import Finding, arrays, difference

_RADIUS = 12


@dataclass(frozen=True)
class Exhibitor:
    """Draws what a report shows.

    Attributes:
        pictures: the module's functions.
        parts: where it is put.
        most_pixels: of a picture that is shown whole; larger ones lose rows and columns.
        most_bytes: of all pictures together; after that entries have none.
    """

    pictures: Pictures
    parts: Parts
    most_pixels: int
    most_bytes: int

    def shown(self, test: str, finding: Finding) -> Shown:
        """Returns what there is to show of a finding of a test."""
        rows: list[Row] = [
            {
                "title": score.metric.title,
                "value": score.metric.shown(score.value),
                "limit": score.limit,
                "holds": score.holds,
                "bounded": score.bound is not None,
            }
            for score in finding.scores
        ]
        shown: Shown = {
            "name": finding.name,
            "faults": list(finding.faults),
            # Scores have a table of their own.
            "notes": [] if finding.scores else list(finding.notes),
            "scores": rows,
            "figures": [],
        }
        if finding.part is None or not finding.part.is_picture:
            return shown
        if self.parts.size() > self.most_bytes:
            shown["notes"].append("no pictures: the report has as many bytes of them as it may have")
            return shown
        try:
            for figure in self._figures(test, finding.part, finding.expected):
                shown["figures"].append(figure)
        except CallError as error:
            shown["notes"].append(f"no picture: {error.message}")
        return shown

    def _figures(self, test: str, part: Part, expected: bytes | None) -> Iterator[Figure]:
        actual = part.file(self.pictures)
        pair = arrays(self.pictures, expected, part)
        mark = _place(*pair) if pair is not None else None
        if expected is not None:
            yield self._file(test, "Golden", expected, mark)
        yield self._file(test, "Now", actual, mark)
        if expected is None or pair is None or mark is None:
            return
        try:
            drawn = self.pictures.comparison(expected, actual, drawn=True).difference
        except CallError:
            drawn = None
        if drawn is not None:
            yield self._file(test, "Difference", drawn, mark, "as it is seen: black is none, white most")
        changed = np.where((difference(*pair) > 0).any(axis=-1), np.uint8(255), np.uint8(0))
        yield self._array(test, "Changed pixels", changed, {}, None, "white where any sample differs")
        yield from self._enlarged(test, pair, mark, part)

    def _enlarged(
        self, test: str, pair: tuple[Array, Array], mark: tuple[int, int], part: Part
    ) -> Iterator[Figure]:
        height, width = pair[0].shape[:2]
        if height <= 4 * _RADIUS and width <= 4 * _RADIUS:
            return
        (top, bottom), (left, right) = (
            _window(at, size) for at, size in zip(mark, (height, width), strict=True)
        )
        place = (mark[0] - top, mark[1] - left)
        note = f"x {left} to {right - 1}, y {top} to {bottom - 1}"
        for label, array in zip(("Golden", "Now"), pair, strict=True):
            crop = array[top:bottom, left:right]
            figure = self._array(test, f"{label}, enlarged", crop, dict(part.beside), place, note)
            figure["enlarged"] = True
            yield figure

    def _file(
        self, test: str, label: str, file: bytes, mark: tuple[int, int] | None, note: str = ""
    ) -> Figure:
        found, beside = self.pictures.open(file)
        height, width = found[0].shape[:2]
        if height * width > self.most_pixels:
            return self._array(test, label, found[0], beside, mark, note)
        return self._figure(test, label, self.pictures.png(file), (height, width), mark, note)

    def _array(
        self,
        test: str,
        label: str,
        array: Array,
        beside: dict[str, bytes],
        mark: tuple[int, int] | None,
        note: str = "",
    ) -> Figure:
        size = (array.shape[0], array.shape[1])
        step = 1
        while -(-size[0] // step) * -(-size[1] // step) > self.most_pixels:
            step += 1
        if step > 1:
            told = f"one row and column in {step} of {size[1]} x {size[0]} pixels"
            note = f"{note}; {told}" if note else told
        reduced = np.ascontiguousarray(array[::step, ::step])
        return self._figure(test, label, self.pictures.frame(reduced, beside), size, mark, note)

    def _figure(
        self,
        test: str,
        label: str,
        png: bytes,
        size: tuple[int, int],
        mark: tuple[int, int] | None,
        note: str,
    ) -> Figure:
        height, width = size
        place = None
        if mark is not None:
            place = [round(100 * (mark[1] + 0.5) / width, 3), round(100 * (mark[0] + 0.5) / height, 3)]
        return {
            "label": label,
            "note": note,
            "file": self.parts.add_picture(test, png),
            "width": width,
            "height": height,
            "enlarged": False,
            "mark": place,
        }


def _place(before: Array, after: Array) -> tuple[int, int] | None:
    """Returns row and column of the largest difference; None where all samples are equal."""
    apart = difference(before, after)
    if not apart.any():
        return None
    y, x, _ = map(int, np.unravel_index(int(np.argmax(apart)), apart.shape))
    return y, x


def _window(at: int, size: int) -> tuple[int, int]:
    first = max(0, min(at - _RADIUS, size - 2 * _RADIUS - 1))
    return first, min(size, first + 2 * _RADIUS + 1)


def facts(outcome: Any, module: str) -> list[list[str]]:
    """Returns what a report says of the call."""
    found = [["Module", module]]
    if outcome.function is not None:
        found.append(["Function", outcome.function])
    if outcome.options:
        found.append(["Options", ", ".join(f"{name}={value!r}" for name, value in outcome.options.items())])
    return found
