"""One comparison with a golden: what is said where it fails, and what is written to renew it."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from . import naming, record
from .errors import GoldenError
from .exhibit import facts
from .keep import Keeper
from .outcome import Outcome
from .parts import Entry, Kind
from .record import Record
from .session import Session
from .verdict import Finding, Judge

_DIGITS = 12


@dataclass(frozen=True)
class Owner:
    """The test that checks are of: its node id, its file, and how many there were so far.

    `root` is the folder that paths are shown from.
    """

    node_id: str
    file: Path
    root: Path
    shown: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    unnamed: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@dataclass(frozen=True)
class Check:
    """A check of a test.

    Attributes:
        session: the module.
        owner: the test.
        bounds: on scores; none: the outcome must be equal.
        name: its own, where it has one.
        key: what tells it from all others of its file.
        stem: path of its golden without extension.
    """

    session: Session
    owner: Owner
    bounds: Mapping[str, float]
    name: str | None
    key: str
    stem: Path

    @classmethod
    def of(cls, session: Session, owner: Owner, bounds: Mapping[str, float], name: str | None) -> Self:
        """Begins the next check of a test.

        Raises:
            GoldenError: its golden is another check's, too.
        """
        number = 1 if name is not None else next(owner.unnamed)
        key = naming.check_name(owner.node_id, name, number)
        stem = naming.stem(session.options.folder, owner.file, key)
        session.claim(stem, key)
        return cls(session, owner, bounds, name, key, stem)

    @cached_property
    def path(self) -> str:
        """Path of the golden as people read it: from the root of the tests where it is below."""
        path = record.json_path(self.stem)
        return (
            path.relative_to(self.owner.root).as_posix()
            if path.is_relative_to(self.owner.root)
            else str(path)
        )

    def settle(self, outcome: Outcome) -> None:
        """Compares an outcome with the golden, or makes it the golden.

        Raises:
            AssertionError: it differs, or there is none.
            GoldenError: the golden cannot be read or written.
        """
        __tracebackhide__ = True
        if self.bounds and not any(part.is_picture for part in outcome.parts):
            raise GoldenError("there is nothing to measure: the module reads no picture from it")
        if self.session.options.update:
            self._update(outcome)
            return
        kept = record.load(self.stem)
        if kept is None:
            self._report("missing", [Finding(part.name, part=part) for part in outcome.parts], outcome)
            raise AssertionError(f"there is no golden {self.path} yet\n  to make it: {self._advice}")
        self._verify(kept)
        wrong = self._wrong(kept, outcome)
        if wrong:
            self._report("failed", wrong, outcome)
            raise AssertionError(self._told(kept, wrong, outcome))

    @property
    def _advice(self) -> str:
        return f"pytest --golden-update {shlex.quote(self.owner.node_id)}"

    def _wrong(self, kept: Record, outcome: Outcome) -> list[Finding]:
        judge = Judge(self.session.pictures, lambda: self.session.known, self.bounds)
        return [finding for finding in judge.judge(self.stem, kept, outcome) if finding.faults]

    def _verify(self, kept: Record) -> None:
        if kept.check != self.key:
            raise GoldenError(
                f"the golden {self.path} is of {kept.check!r}, not of {self.key!r}: was it renamed or copied?"
            )
        pin = self.session.options.pin
        if pin is not None and kept.module != pin:
            raise GoldenError(
                f"the golden {self.path} was made with the module {kept.module}, but golden_module_sha256 "
                f"pins {pin}\n  to make it with the pinned one: {self._advice}"
            )

    def _told(self, kept: Record, wrong: Sequence[Finding], outcome: Outcome) -> str:
        what = outcome.function or "the picture"
        how = "is not within its bounds of" if self.bounds else "is not"
        lines = [f"{what} {how} the golden {self.path}", *_lines(wrong)]
        if kept.module != self.session.module:
            old, new = kept.module[:_DIGITS], self.session.module[:_DIGITS]
            lines.append(f"  it was made with the module {old}…, this is {new}…")
        return "\n".join([*lines, f"  to accept what came: {self._advice}"])

    def _report(self, kind: Kind, findings: Sequence[Finding], outcome: Outcome) -> None:
        title = outcome.function or "check"
        show = self.session.exhibitor.shown
        entry: Entry = {
            "test": self.owner.node_id,
            "number": next(self.owner.shown),
            "kind": kind,
            "title": f"{title}, {self.name}" if self.name is not None else title,
            "golden": self.path,
            "facts": facts(outcome, self.session.module),
            "outputs": [show(self.owner.node_id, finding) for finding in findings],
        }
        self.session.parts.add(entry)

    def _update(self, outcome: Outcome) -> None:
        """Makes an outcome the golden where it is not, and says so."""
        told: list[str] = []
        old: Record | None = None
        wrong = [Finding(part.name, part=part) for part in outcome.parts]
        try:
            old = record.load(self.stem)
            if old is not None:
                wrong = self._wrong(old, outcome)
        except GoldenError as error:
            told.append(f"it was replaced: {error}")
        if old is not None and not wrong and not told:
            self._refresh(old)
            return
        told += [line.strip() for line in _lines(wrong)]
        kind: Kind = "changed" if told else "new"
        if self.session.options.draw_changes:
            # Before the old pictures are gone.
            self._report(kind, wrong, outcome)
        told += self._keeper.write(self.stem, self.key, outcome, old, bounded=bool(self.bounds))
        self.session.parts.note(self.owner.node_id, kind, self.path, told)

    @property
    def _keeper(self) -> Keeper:
        options = self.session.options
        return Keeper(self.session.pictures, self.session.module, options.keep_all, options.picture_bytes)

    def _refresh(self, old: Record) -> None:
        """Notes another module or test in a golden that is right as it is."""
        now = {"module": self.session.module, "check": self.key}
        before = {name: getattr(old, name) for name in now}
        told = [f"{name}: {before[name]} became {new}" for name, new in now.items() if before[name] != new]
        if told:
            record.save(self.stem, old.model_copy(update=now), [None] * len(old.outputs))
            self.session.parts.note(self.owner.node_id, "changed", self.path, told)


def _lines(findings: Sequence[Finding]) -> list[str]:
    lines = []
    for finding in findings:
        lines += [f"  {finding.name}: {fault}" for fault in finding.faults]
        lines += [f"    {note}" for note in finding.notes]
    return lines
