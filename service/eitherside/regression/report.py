"""The report: one HTML file with everything in it, which needs no script and fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from ..files import write_atomically
from ..report import data_url
from .parts import Entry, Parts

_TEMPLATE = Path(__file__).with_name("report.html")
# Of one, and of several.
_TITLES = {
    "failed": ("differs from its golden", "differ from their goldens"),
    "missing": ("has no golden", "have no golden"),
    "changed": ("golden changed", "goldens changed"),
    "new": ("new golden", "new goldens"),
}


def write(path: Path, entries: Sequence[Entry], parts: Parts) -> None:
    """Writes the report of `entries` to `path`, whole or not at all. One picture at a time is in memory.

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
    # Names and messages are anybody's: they are text wherever they stand.
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["picture"] = lambda figure: data_url(parts.picture(figure), "image/png")
    environment.globals["titles"] = _TITLES
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    counts = {kind: sum(entry["kind"] == kind for entry in entries) for kind in _TITLES}
    for piece in template.generate(entries=entries, counts=counts):
        # A lone surrogate, which a file's name can have, is no UTF-8.
        yield piece.encode("utf-8", "backslashreplace")
