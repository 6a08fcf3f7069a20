"""A token bucket: what may be spent is a share of what came in, and never more than it holds."""

from __future__ import annotations


class Budget:
    """Tokens of one purpose."""

    def __init__(self, share: float, most: float, tokens: float = 0.0) -> None:
        self._share = share
        self._most = most
        self._tokens = tokens

    def earn(self, amount: float, most: float | None = None) -> None:
        """Takes a share of `amount` in; `most` is what may be held at present, where that depends on it."""
        limit = max(self._most if most is None else most, self._tokens)
        self._tokens = min(limit, self._tokens + self._share * amount)

    def has(self, amount: float) -> bool:
        """Tells whether so much may be spent."""
        return self._share > 0 and self._tokens >= amount

    def spend(self, amount: float) -> bool:
        """Spends, and returns whether it could."""
        if not self.has(amount):
            return False
        self._tokens -= amount
        return True
