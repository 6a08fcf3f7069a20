"""Frames of one file, decoded when they are wanted and, where they are wanted in order, several at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ..errors import CallError
from .calls import decoded
from .modes import sample_type

if TYPE_CHECKING:
    from ..codec import DecodeResult

AHEAD_BYTES = 64 << 20
"""Most bytes of samples that are decoded ahead."""

Picture = tuple[NDArray[Any], NDArray[Any] | None]
"""The colours of a frame and, of CMYK, its black."""


class Frames:
    """Decodes frames of a file.

    Frames may be laid on those before, and a call starts at the beginning. So that going through n of them
    does not take n times n decodes, each call in order decodes twice as many as the last.
    """

    def __init__(self, data: bytes, mode: str, count: int) -> None:
        """Makes one for a file.

        Args:
            data: the file.
            mode: of the images to be made.
            count: how many frames there are.
        """
        self._data = data
        self._mode = mode
        self._count = count
        self._ahead: dict[int, Picture] = {}
        self._next = -1
        self._last = 0
        self._bytes_each = 0

    def get(self, number: int) -> Picture:
        """Returns a frame.

        Raises:
            CallError: the file is damaged or ends early, or a limit was reached.
        """
        if number not in self._ahead:
            count = self._how_many(number)
            self._ahead = {}
            try:
                found = self._decode(number, count)
            except CallError:
                # What is wrong with a later one is told when that is wanted.
                if count == 1:
                    raise
                count, found = 1, self._decode(number, 1)
            self._ahead = {number + index: samples for index, samples in enumerate(self._split(found))}
            self._next, self._last = number + count, count
        return self._ahead.pop(number)

    def cut(self, number: int) -> Picture | None:
        """Returns what there is of a frame in a file that ends early; None where there is nothing.

        Raises:
            CallError: the file is damaged, or a limit was reached.
        """
        found = self._decode(number, 1, cut=True)
        return next(iter(self._split(found)), None)

    def _how_many(self, number: int) -> int:
        if number != self._next or self._last == 0:
            return 1
        size = max(1, self._bytes_each)
        return max(1, min(2 * self._last, AHEAD_BYTES // size, self._count - number))

    def _decode(self, number: int, count: int, *, cut: bool = False) -> DecodeResult:
        found = decoded(
            self._data,
            number,
            count,
            sample_type(self._mode),
            black=self._mode == "CMYK",
            cut=cut,
        )
        self._bytes_each = found.samples[0].nbytes if found.samples else 0
        return found

    def _split(self, found: DecodeResult) -> list[Picture]:
        blacks: list[NDArray[Any] | None] = [*found.extra] or [None] * len(found.samples)
        return list(zip(found.samples, blacks, strict=True))
