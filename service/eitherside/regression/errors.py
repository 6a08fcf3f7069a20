"""What is wrong with a golden or with how it is used, other than that a result differs."""

from __future__ import annotations

from ..errors import EithersideError


class GoldenError(EithersideError):
    """A golden cannot be read or kept, or a check cannot be made; the message names it."""
