"""The suite's test cases, as they lie in a folder (github.com/libjxl/conformance)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import EithersideError

BITSTREAM = "input.jxl"
_LEVEL = "_5"
_OF_LIMITS = ("rms_error", "peak_error")
_NOT_FACTS = ("sha256sums", "original_icc", "reconstructed_jpeg")


class SuiteError(EithersideError):
    """The folder is not the suite, or a test case of it is malformed."""


@dataclass(frozen=True)
class Limits:
    """Largest errors allowed in a frame of samples from 0 to 1: root of the mean square, and of any one."""

    rms: float
    peak: float


@dataclass(frozen=True)
class Case:
    """A test case.

    Attributes:
        name: of its folder.
        folder: with its references.
        bitstream: the file to decode; cases of level 5 alone have that of the case without the ending.
        expected: its test.json.
    """

    name: str
    folder: Path
    bitstream: Path
    expected: Mapping[str, Any]

    @property
    def frames(self) -> list[Limits]:
        """Limits of each frame."""
        return [_limits(self.name, frame) for frame in self.expected["frames"]]

    @property
    def preview(self) -> Limits | None:
        """Limits of the preview, where it is tested."""
        found = self.expected.get("preview")
        return _limits(self.name, found) if isinstance(found, Mapping) else None

    @property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of references, by file name."""
        found: Mapping[str, str] = self.expected.get("sha256sums", {})
        return found

    @property
    def original_icc(self) -> str | None:
        """SHA-256 of the original profile, where it is tested."""
        return self.hashes.get("original.icc") if "original_icc" in self.expected else None

    @property
    def jpeg(self) -> str | None:
        """SHA-256 of the JPEG file that is to be reconstructed, where it is tested."""
        return self.hashes.get("reconstructed.jpg") if "reconstructed_jpeg" in self.expected else None

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What is to be told of the file, by path: ``/frames/*/name`` for a list of objects."""
        found: dict[str, Any] = {}
        for key, value in self.expected.items():
            if key in _NOT_FACTS:
                continue
            if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
                names = {name for item in value for name in item} - set(_OF_LIMITS)
                found |= {f"/{key}/*/{name}": [item.get(name) for item in value] for name in sorted(names)}
            elif isinstance(value, Mapping):
                found |= {f"/{key}/{name}": item for name, item in value.items() if name not in _OF_LIMITS}
            else:
                found[f"/{key}"] = value
        return found


def read_suite(folder: Path) -> list[Case]:
    """Returns the test cases of a folder, or of the folder ``testcases`` in it, by name.

    Raises:
        SuiteError: there are none, or one is malformed.
    """
    for root in (folder / "testcases", folder):
        found = sorted(root.glob("*/test.json"))
        if found:
            return [_case(path) for path in found]
    raise SuiteError(f"{folder} has no test cases: no */test.json there, nor in its folder testcases")


def _case(path: Path) -> Case:
    folder = path.parent
    try:
        expected = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path} cannot be read: {error}") from None
    if not isinstance(expected, dict) or not isinstance(expected.get("frames"), list):
        raise SuiteError(f"{path} has no list of frames")
    bitstream = folder / BITSTREAM
    if not bitstream.is_file() and folder.name.endswith(_LEVEL):
        bitstream = folder.with_name(folder.name.removesuffix(_LEVEL)) / BITSTREAM
    if not bitstream.is_file():
        raise SuiteError(f"{folder} has no {BITSTREAM}")
    case = Case(folder.name, folder, bitstream, expected)
    _ = case.frames, case.preview
    return case


def _limits(name: str, found: Mapping[str, Any]) -> Limits:
    try:
        return Limits(float(found["rms_error"]), float(found["peak_error"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SuiteError(f"{name}: its limits cannot be read: {error}") from None
