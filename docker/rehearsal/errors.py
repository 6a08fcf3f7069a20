"""The one way to fail."""

from __future__ import annotations


class RehearsalError(Exception):
    """A step failed, or a promise is not kept; the text says which."""
