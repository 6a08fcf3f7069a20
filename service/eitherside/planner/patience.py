"""Whether to start a cold place for later calls, whose number nobody knows: the ski rental problem."""

from __future__ import annotations

from .estimate import Rated

# A start is worth it once calls have waited this share of it longer elsewhere than it would have taken warm.
_SHARE = 0.5
_LONGEST = 60_000.0


class Patience:
    """Adds up what calls lose because a place is cold; at a share of the start, the start is paid for."""

    def __init__(self) -> None:
        self._lost = 0.0

    def discount(self, start: float) -> float:
        """Returns what of a start is not to be counted."""
        return min(start, self._lost / _SHARE)

    def missed(self, chosen: Rated, cold: Rated) -> None:
        """A call went to `chosen`, though `cold` would have been faster had it been warm."""
        warm = cold.cost + cold.discount - cold.parts.start
        self._lost = min(_LONGEST, self._lost + max(0.0, chosen.cost - warm))

    def started(self) -> None:
        """The place has been started."""
        self._lost = 0.0
