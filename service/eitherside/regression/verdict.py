"""Whether an outcome is the golden one, or near enough, and where it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import CallError
from . import record as records
from .errors import GoldenError
from .metrics import Metric, Score, scores
from .outcome import Outcome, Part
from .pictures import Array, Pictures, about
from .record import Kept, Record

_MOST_FIELDS = 8
_MISSING = object()


@dataclass(frozen=True)
class Finding:
    """What is said of one output, or of the call where `part` is None.

    Attributes:
        name: of the output.
        faults: why it is not the golden one, nor within its bounds; none where it is.
        notes: what else there is to say.
        part: what came.
        expected: the golden picture as a file, where one is kept.
        scores: of the comparison, where there was one.
    """

    name: str
    faults: Sequence[str] = ()
    notes: Sequence[str] = ()
    part: Part | None = None
    expected: bytes | None = None
    scores: Sequence[Score] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """Compares outcomes with goldens.

    Attributes:
        pictures: the module's functions.
        known: gives the scores, which takes a while the first time.
        bounds: on scores, by name; none: outcomes must be equal.
    """

    pictures: Pictures
    known: Callable[[], Mapping[str, Metric]]
    bounds: Mapping[str, float]

    def judge(self, stem: Path, kept: Record, outcome: Outcome) -> list[Finding]:
        """Returns what there is to say, nothing where all is equal.

        Args:
            stem: path of the golden without extension.
            kept: the golden.
            outcome: what came.

        Raises:
            GoldenError: a picture that is kept is damaged, or none is kept where bounds need one.
        """
        found = _call(kept, outcome)
        if not self.bounds:
            found += _result(kept, outcome)
        # Under bounds only pictures count: profiles, metadata and the like have no score.
        expected = [(index, each) for index, each in enumerate(kept.outputs) if self._counts(each)]
        parts = [each for each in outcome.parts if not self.bounds or each.is_picture]
        if len(expected) != len(parts):
            found.append(
                Finding(_names(parts), [f"there are {len(parts)} outputs; the golden has {len(expected)}"])
            )
        for (index, each), part in zip(expected, parts, strict=False):
            finding = self._output(stem, index, each, part)
            if finding is not None:
                found.append(finding)
        return found

    def _counts(self, kept: Kept) -> bool:
        return not self.bounds or kept.picture is not None or kept.shape is not None

    def _output(self, stem: Path, index: int, kept: Kept, part: Part) -> Finding | None:
        if kept.name != part.name:
            return Finding(part.name, [f"the output is {part.name}; the golden has {kept.name}"], part=part)
        faults = _form(kept, part)
        if kept.sha256 == part.sha256 and not faults:
            return None
        expected = records.load_picture(stem, index, kept.picture) if kept.picture is not None else None
        if self.bounds and not faults:
            if expected is None:
                raise GoldenError(
                    f"{records.json_path(stem)} keeps no picture of {kept.name}, "
                    "which bounds are measured from"
                )
            return self._within(part, expected)
        notes = []
        if not faults:
            faults = [_changed(self.pictures, expected, part)]
        reached: list[Score] = []
        if expected is not None and part.is_picture:
            try:
                result = self.pictures.comparison(expected, part.file(self.pictures)).result
                reached = scores(result, self.known(), {})
                notes = [", ".join(map(str, reached))]
            except CallError as error:
                notes = [f"no scores: {error.message}"]
        return Finding(part.name, faults, notes, part, expected, reached)

    def _within(self, part: Part, expected: bytes) -> Finding:
        try:
            result = self.pictures.comparison(expected, part.file(self.pictures)).result
        except CallError as error:
            return Finding(part.name, [f"it cannot be compared: {error.message}"], (), part, expected)
        reached = scores(result, self.known(), self.bounds)
        broken = [score for score in reached if not score.holds]
        faults = [str(score) for score in broken]
        faults += [f"{each.metric.name}: {each.metric.description}" for each in broken if each.value is None]
        others = [str(score) for score in reached if score.holds]
        return Finding(part.name, faults, [", ".join(others)] if others else [], part, expected, reached)


def _names(parts: Sequence[Part]) -> str:
    return ", ".join(dict.fromkeys(part.name for part in parts)) or "outputs"


def _call(kept: Record, outcome: Outcome) -> list[Finding]:
    """Compares what was asked: a golden of another call says nothing."""
    faults = []
    if kept.function != outcome.function:
        faults.append(f"it is of {outcome.function or 'a check'}, the golden of {kept.function or 'a check'}")
    faults += [f"option {line}" for line in changes(kept.options, outcome.options)]
    for name in sorted({*kept.inputs, *outcome.inputs}):
        if kept.inputs.get(name) != outcome.inputs.get(name):
            faults.append(f"the input {name} is not the one that the golden was made from")
    return [Finding("call", faults)] if faults else []


def _result(kept: Record, outcome: Outcome) -> list[Finding]:
    faults = changes(kept.result or {}, outcome.result or {})
    return [Finding("result", faults)] if faults else []


def _form(kept: Kept, part: Part) -> list[str]:
    """Compares shape and sample type, which no bound is about."""
    if part.array is None:
        return [f"it is a file; the golden has samples of {kept.shape}"] if kept.shape is not None else []
    if kept.shape is None:
        return ["it is samples; the golden has a file"]
    if kept.shape != list(part.array.shape) or kept.dtype != part.array.dtype.name:
        shape = " x ".join(map(str, kept.shape))
        return [f"it is {about(part.array)}; the golden is {shape} of {kept.dtype}"]
    return []


def _changed(pictures: Pictures, expected: bytes | None, part: Part) -> str:
    """Says in one line by how much an output differs."""
    if part.array is None:
        text = f"the {len(part.data)} bytes have another SHA-256, {part.sha256[:12]}…"
    else:
        text = f"the samples have another SHA-256, {part.sha256[:12]}…"
    pair = arrays(pictures, expected, part)
    if pair is None:
        return text
    samples = described(*pair)
    return samples if part.array is not None else f"{text}: {samples}"


def arrays(pictures: Pictures, expected: bytes | None, part: Part) -> tuple[Array, Array] | None:
    """Returns the first picture of both sides, where both can be read and have one shape."""
    if expected is None or not part.is_picture:
        return None
    try:
        before = pictures.read(expected)[0]
        after = part.array if part.array is not None else pictures.read(part.data)[0]
    except (CallError, IndexError):
        return None
    after = after[..., np.newaxis] if after.ndim == 2 else after
    return (before, after) if before.shape == after.shape else None


def described(before: Array, after: Array) -> str:
    """Says how many samples differ, by how much, and where most: x from the left, y from the top."""
    apart = difference(before, after)
    count = int(np.count_nonzero(apart))
    if not count:
        return f"all {apart.size} samples are equal"
    y, x, channel = map(int, np.unravel_index(int(np.argmax(apart)), apart.shape))
    return (
        f"{count} of {apart.size} samples differ{'s' if count == 1 else ''}, most at x {x}, y {y}, channel "
        f"{channel}: {before[y, x, channel]:.6g} became {after[y, x, channel]:.6g}"
    )


def difference(before: Array, after: Array) -> Array:
    """Returns how far samples are apart, as float64; what is no number differs from all that is."""
    with np.errstate(invalid="ignore"):
        apart = np.abs(before.astype(np.float64) - after.astype(np.float64))
    odd = np.isnan(before) != np.isnan(after)
    found: Array = np.where(odd, np.inf, np.nan_to_num(apart, nan=0.0, posinf=np.inf))
    return found


def changes(before: Any, after: Any, path: str = "") -> list[str]:
    """Returns where two JSON values differ, as lines with JSON Pointers."""
    found = list(_changes(before, after, path))
    more = len(found) - _MOST_FIELDS
    return [*found[:_MOST_FIELDS], f"{more} more fields differ"] if more > 0 else found


def _changes(before: Any, after: Any, path: str) -> list[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found = []
        for name in dict.fromkeys([*before, *after]):
            step = str(name).replace("~", "~0").replace("/", "~1")
            found += _changes(before.get(name, _MISSING), after.get(name, _MISSING), f"{path}/{step}")
        return found
    if isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        return [
            line
            for index, (one, other) in enumerate(zip(before, after, strict=True))
            for line in _changes(one, other, f"{path}/{index}")
        ]
    # 1 and 1.0 are one number in JSON, 1 and true are not.
    if before is after or (before == after and isinstance(before, bool) == isinstance(after, bool)):
        return []
    return [f"{path or '/'}: {_shown(before)} became {_shown(after)}"]


def _shown(value: Any) -> str:
    text = "nothing" if value is _MISSING else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
