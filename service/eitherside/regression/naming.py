"""Where the golden of a check is: file names from node ids, which can hold anything."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

_PLAIN = re.compile(r"[a-z0-9_]{1,80}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_SHOWN = 60
_DIGITS = 12
# Names that Windows has for devices, whatever extension follows.
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(10)),
}


def file_name(text: str) -> str:
    """Returns a file name without extension for any text: letters, digits, ``_`` and ``-`` alone.

    Different texts have different names, also where case does not count. Text that is no plain lower-case
    name gets the beginning of its SHA-256 at its end; no plain name has the ``-`` before it.
    """
    if _PLAIN.fullmatch(text) and text not in _DEVICES:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    shown = _UNSAFE.sub("-", text).strip("-")[:_SHOWN].rstrip("-") or "check"
    return f"{shown}-{digest}"


def own_part(node_id: str) -> str:
    """Returns what a node id says after the file: classes, function and parameters."""
    return node_id.partition("::")[2] or node_id


def check_name(node_id: str, name: str | None, number: int) -> str:
    """Returns what tells a check from all others of its file.

    Args:
        node_id: of the test.
        name: the check's own, where it has one.
        number: which of the test's checks without a name it is, from 1.
    """
    test = own_part(node_id)
    if name is not None:
        return f"{test} {name}"
    return test if number == 1 else f"{test} #{number}"


def stem(folder: str, test_file: Path, check: str) -> Path:
    """Returns the path of a golden without its extension: ``<folder>/<test file>/<check>``, beside the test.

    Args:
        folder: name of the folder of goldens.
        test_file: path of the test's file.
        check: as `check_name` gives it.
    """
    return test_file.parent / folder / file_name(test_file.stem) / file_name(check)
