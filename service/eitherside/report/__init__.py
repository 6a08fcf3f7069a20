"""Reports as one HTML file: no script, nothing loaded, readable on any screen, safe for any text.

A report is a `page` of sections, which hold facts, tables, pictures and notes. All texts given are text,
never HTML; what these functions return is HTML that is safe to nest.
"""

from .page import page
from .parts import Picture, data_url, facts, note, pictures, section, table

__all__ = ["Picture", "data_url", "facts", "note", "page", "pictures", "section", "table"]
