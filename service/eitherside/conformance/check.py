"""The verdict on one test case in one engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from . import references as refs
from .decoded import CallFailed, Picture, Subject
from .description import Description
from .measure import Errors, Samples, errors, npy_hash
from .native import NativeError
from .pictures import read_picture
from .references import References
from .suite import Case, Limits

_TOLERANCE = 1e-4
"""Of facts that are fractions, as in the suite's own script."""


@dataclass
class Verdict:
    """What came of a test case.

    Attributes:
        case, engine: of what.
        frames: errors and limits of each frame; one more for the preview, where it is tested.
        against: what the samples were compared with.
        icc: SHA-256 of the samples' profile in the original colour space, lower-case hexadecimal.
        jpeg: SHA-256 of the reconstructed JPEG file, where that is tested.
        picture: largest difference to the suite's picture, where it has one in the profile of the samples.
        faults: why it fails; empty where it passes.
    """

    case: str
    engine: str
    frames: list[dict[str, float]] = field(default_factory=list)
    against: str = ""
    icc: str = ""
    jpeg: str = ""
    picture: float | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything is as the suite wants it."""
        return not self.faults

    def worst(self, name: str) -> float:
        """Returns the largest of a column of `frames`; infinite where there are no frames."""
        return max((frame[name] for frame in self.frames), default=float("inf"))

    def document(self) -> dict[str, Any]:
        """Returns it as JSON has it."""
        told = asdict(self)
        for frame in told["frames"]:
            frame.update({key: None for key, value in frame.items() if value == float("inf")})
        return {**told, "passed": self.passed}


def check(case: Case, engine: str, subject: Subject, description: Description, known: References) -> Verdict:
    """Checks a test case, every part of it even where one fails."""
    verdict = Verdict(case.name, engine)
    for part in (_check_samples, _check_picture, _check_original, _check_jpeg, _check_preview, _check_facts):
        try:
            part(case, subject, description, known, verdict)
        except (CallFailed, NativeError, ValueError, KeyError, OSError) as error:
            verdict.faults.append(str(error))
    return verdict


def _check_samples(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    ours, reference = _paired(case, subject, known, verdict)
    _compare(verdict, ours.samples, reference, case.frames)


def _paired(
    case: Case, subject: Subject, known: References, verdict: Verdict
) -> tuple[Picture, Samples | None]:
    """Returns our samples and a reference in their profile: none where they are the reference bit for bit."""
    expected = case.hashes.get(refs.ARRAY)
    ours = subject.picture()
    if expected is not None and npy_hash(ours.samples) == expected:
        verdict.against = "the suite's samples, bit for bit"
        return ours, None
    found = known.native(case.bitstream)
    # The native decoder is the one that made the references: its profile is theirs.
    ours = subject.in_profile(found.icc)
    if (given := refs.array(case)) is not None:
        verdict.against = "the suite's samples"
        return ours, given
    verdict.against = f"native floats ({found.version})"
    return ours, found.samples


def _compare(
    verdict: Verdict, ours: Samples, reference: Samples | None, limits: Sequence[Limits], name: str = "frame"
) -> None:
    if len(ours) != len(limits) or (reference is not None and len(reference) != len(limits)):
        verdict.faults.append(f"there are {len(ours)} {name}s, the suite has {len(limits)}")
        return
    for index, limit in enumerate(limits):
        found = errors(ours[index], reference[index]) if reference is not None else Errors(0.0, 0.0)
        verdict.frames.append(
            {"rms": found.rms, "peak": found.peak, "rms_limit": limit.rms, "peak_limit": limit.peak}
        )
        for what, value, most in (("rms", found.rms, limit.rms), ("peak", found.peak, limit.peak)):
            if not value <= most:
                verdict.faults.append(f"{name} {index}: {what} is {value:.3g}, more than {most:.3g}")


def _check_picture(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    """Compares with the suite's picture, which knows nothing of this machine's native decoder."""
    picture = read_picture(case.bitstream.parent)
    if picture is None or not picture.icc_hash:
        return
    if picture.icc_hash == case.hashes.get(refs.PROFILE):
        ours = subject.in_profile(known.native(case.bitstream).icc)
    elif picture.icc_hash == subject.picture().icc_hash:
        ours = subject.picture()
    else:
        return
    channels = picture.samples.shape[-1]
    if ours.samples.shape[:3] != picture.samples.shape[:3] or ours.samples.shape[3] < channels:
        raise ValueError(f"{picture.name} has the shape {picture.samples.shape}, not {ours.samples.shape}")
    theirs, step = picture.samples, picture.step
    if ours.premultiplied and channels in (2, 4):
        # PNG's colours are not multiplied by alpha; both of the product are rounded.
        theirs, step = theirs * np.where(np.arange(channels) < channels - 1, theirs[..., -1:], 1), 2 * step
    # A picture has no samples below 0 or above 1.
    inside = ours.samples[..., :channels].clip(0, 1)
    if ours.premultiplied and channels in (2, 4):
        inside = np.minimum(inside, inside[..., -1:])
    found = [errors(frame, reference) for frame, reference in zip(inside, theirs, strict=True)]
    verdict.picture = max(each.peak for each in found)
    for index, (each, limit) in enumerate(zip(found, case.frames, strict=True)):
        most = limit.peak + step
        if not each.peak <= most:
            verdict.faults.append(
                f"frame {index} differs from {picture.name} by {each.peak:.3g}, more than {most:.3g}"
            )


def _check_original(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    verdict.icc = subject.picture().icc_hash
    if case.original_icc is not None and verdict.icc != case.original_icc:
        verdict.faults.append(f"the original profile is {verdict.icc[:12]}, not {case.original_icc[:12]}")


def _check_jpeg(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    if case.jpeg is None:
        return
    verdict.jpeg = hashlib.sha256(subject.jpeg()).hexdigest()
    if verdict.jpeg != case.jpeg:
        verdict.faults.append(f"the reconstructed JPEG file is {verdict.jpeg[:12]}, not {case.jpeg[:12]}")


def _check_preview(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    if case.preview is None:
        return
    reference = refs.array(case, refs.PREVIEW_ARRAY)
    if reference is None:
        reference = known.native(case.bitstream).preview
    if reference is None:
        raise ValueError("the suite tests a preview, and there is no reference of it")
    _compare(verdict, subject.preview().samples, reference, [case.preview], "preview")


def _check_facts(
    case: Case, subject: Subject, description: Description, known: References, verdict: Verdict
) -> None:
    for path, expected in case.facts.items():
        where = description.facts.fields.get(path)
        if where is None:
            verdict.faults.append(f"the module's interface does not say where {path} is told")
            continue
        try:
            found = subject.fact(where)
        except KeyError as error:
            verdict.faults.append(f"{path} is not told: {error}")
            continue
        if not _agree(found, expected):
            verdict.faults.append(f"{path} is {found!r}, not {expected!r}")


def _agree(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return False
        return all(map(_agree, found, expected))
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(found - expected) <= _TOLERANCE
    return bool(found == expected)
