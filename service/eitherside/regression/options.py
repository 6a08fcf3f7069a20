"""What command line and configuration say. Every run of pytest imports this: nothing heavy here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = "golden"
PICTURE_BYTES = 16 << 20
REPORT_BYTES = 64 << 20
REPORT_PIXELS = 1 << 20

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ALWAYS, _BOUNDS = "always", "bounds"


@dataclass(frozen=True)
class Options:
    """The plugin's options.

    Attributes:
        update: write goldens instead of failing.
        report: where the report goes; None: into pytest's cache, and only where something failed.
        draw_changes: a report of what `update` changes is wanted.
        module: path of the module; None: the shipped one, or that of EITHERSIDE_MODULE.
        pin: SHA-256 that the module must have; None: any.
        folder: name of the folder of goldens beside each test.
        keep_all: keep a picture also of what is compared exactly.
        picture_bytes: of the largest picture that is kept.
        report_bytes: after so many bytes of pictures entries of the report have none.
        report_pixels: of the largest picture that the report shows whole.
    """

    update: bool
    report: Path | None
    module: Path | None
    pin: str | None
    folder: str
    keep_all: bool
    picture_bytes: int
    report_bytes: int
    report_pixels: int

    @property
    def draw_changes(self) -> bool:
        """Whether pictures of what `update` writes are wanted."""
        return self.report is not None

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """Reads them.

        Raises:
            pytest.UsageError: one cannot be used; the message names it.
        """
        update = bool(config.getoption("golden_update"))
        if update and in_ci() and not config.getoption("golden_update_in_ci"):
            raise pytest.UsageError(
                "--golden-update: CI is set in the environment, and goldens are not to be made where nobody "
                "looks at them; add --golden-update-in-ci if that is meant"
            )
        given = config.getoption("golden_report")
        beside = config.inipath.parent if config.inipath is not None else config.rootpath
        module = config.getini("golden_module")
        return cls(
            update=update,
            report=Path(config.invocation_params.dir, given) if given else None,
            module=Path(beside, module) if module else None,
            pin=_pin(config),
            folder=_folder(config),
            keep_all=_keep_all(config),
            picture_bytes=_count(config, "golden_picture_bytes", PICTURE_BYTES),
            report_bytes=_count(config, "golden_report_bytes", REPORT_BYTES),
            report_pixels=_count(config, "golden_report_pixels", REPORT_PIXELS),
        )


def add_options(parser: pytest.Parser) -> None:
    """Declares them."""
    group = parser.getgroup("golden", "regression tests of codecs (eitherside)")
    group.addoption(
        "--golden-update",
        action="store_true",
        help="Write missing and differing goldens, and say what changed.",
    )
    group.addoption(
        "--golden-update-in-ci", action="store_true", help="Allow --golden-update also where CI is set."
    )
    group.addoption(
        "--golden-report",
        metavar="FILE",
        help="Write the report of failures, an HTML file, here instead of into pytest's cache.",
    )
    parser.addini(
        "golden_module", "Path of the module, from the configuration file; the shipped one if empty."
    )
    parser.addini("golden_module_sha256", "SHA-256 that the module must have; any if empty.")
    parser.addini("golden_folder", "Name of the folder of goldens beside each test.", default=FOLDER)
    parser.addini(
        "golden_pictures",
        f"Of what pictures are kept: {_ALWAYS}, or {_BOUNDS} for those that bounds are measured from.",
        default=_ALWAYS,
    )
    parser.addini("golden_picture_bytes", f"Largest picture that is kept; {PICTURE_BYTES} if empty.")
    parser.addini("golden_report_bytes", f"Most bytes of pictures in a report; {REPORT_BYTES} if empty.")
    parser.addini("golden_report_pixels", f"Largest picture shown whole; {REPORT_PIXELS} pixels if empty.")


def in_ci() -> bool:
    """Returns whether this is a run of continuous integration, as its services tell by CI or BUILD_NUMBER."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no") or bool(
        os.environ.get("BUILD_NUMBER")
    )


def _pin(config: pytest.Config) -> str | None:
    pin = str(config.getini("golden_module_sha256")).strip().lower()
    if pin and not _DIGEST.fullmatch(pin):
        raise pytest.UsageError(f"golden_module_sha256: {pin!r} is no SHA-256, 64 hexadecimal digits")
    return pin or None


def _folder(config: pytest.Config) -> str:
    folder = str(config.getini("golden_folder"))
    if folder in ("", ".", "..") or Path(folder).name != folder or "\\" in folder or "\0" in folder:
        raise pytest.UsageError(f"golden_folder: {folder!r} is not the name of one folder")
    return folder


def _keep_all(config: pytest.Config) -> bool:
    found = config.getini("golden_pictures")
    if found not in (_ALWAYS, _BOUNDS):
        raise pytest.UsageError(f"golden_pictures: {found!r} is neither {_ALWAYS} nor {_BOUNDS}")
    return bool(found == _ALWAYS)


def _count(config: pytest.Config, name: str, default: int) -> int:
    text = str(config.getini(name) or default)
    if not text.isdecimal() or int(text) < 1:
        raise pytest.UsageError(f"{name}: {text!r} is no whole number from 1")
    return int(text)
