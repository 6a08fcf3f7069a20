"""Reports as one HTML file: no script, nothing loaded, readable on any screen, safe for any text.

A report is a `page` of sections, which hold facts, tables, pictures and notes. All texts given are text,
never HTML; what these functions return is HTML that is safe to nest.
"""

from .page import page, pieces
from .parts import (
    Picture,
    contents,
    data_url,
    facts,
    faults,
    heading,
    note,
    pictures,
    section,
    table,
)

__all__ = [
    "Picture",
    "contents",
    "data_url",
    "facts",
    "faults",
    "heading",
    "note",
    "page",
    "pictures",
    "pieces",
    "section",
    "table",
]
