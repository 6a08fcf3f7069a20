"""How hard tests try: made-up examples of a kind, few in each run, all where THOROUGH=1 asks for it."""

from __future__ import annotations

import os

FEWER = 4
LEAST = 10


def examples(most: int) -> int:
    """Returns how many examples to make up where `most` are worth it; what failed before is tried first."""
    return most if os.environ.get("THOROUGH") == "1" else max(min(most, LEAST), most // FEWER)
