"""Pushed calls as Python has them: a context manager that takes pieces and gives results."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Generic, Self, TypeVar

from .host import Answer
from .push import Push
from .request import Buffer

R = TypeVar("R")
T = TypeVar("T")


class Stream(Generic[R]):
    """A call whose main input arrives in pieces, with a result whenever there is something new to show.

    Limits of bytes, memory and time hold for the whole of it. It begins when it is entered, or with the first
    piece, and ends with `finish`, with an error, or when it is left; its memory is then given back.

    Example:
        >>> with codec.decode.pushed(type="u8") as stream:  # doctest: +SKIP
        ...     for piece in source:
        ...         for result in stream.push(piece):
        ...             show(result)
        ...     last = stream.finish()
    """

    def __init__(self, begin: Callable[[], Push], shown: Callable[[Push, Answer], R]) -> None:
        """Makes one that is not yet begun; methods have it in their attribute `pushed`."""
        self._begin = begin
        self._shown = shown
        self._push: Push | None = None
        self._is_closed = False

    def push(self, data: Buffer) -> list[R]:
        """Gives the next bytes, and waits until they are worked off.

        Returns:
            What can be shown now and could not before: one result, as the function gives it, or none.

        Raises:
            CallError: as for a call. All but over_capacity, with which nothing was taken, end the stream.
            ValueError: it has ended already.
        """
        push = self._opened()
        answer = push.push(data)
        return [self._shown(push, answer)] if answer is not None else []

    def finish(self, data: Buffer = b"") -> R:
        """Gives the last bytes, if any are left, and returns the last result. The stream has then ended.

        Raises:
            CallError: as for a call; that the input ends too early is told here.
            ValueError: it has ended already.
        """
        push = self._opened()
        return self._shown(push, push.finish(data))

    def cancel(self) -> None:
        """Stops what runs, in any thread; that fails as cancelled. Does not wait."""
        self._is_closed = True
        if self._push is not None:
            self._push.cancel()

    def close(self) -> None:
        """Ends the stream wherever it is, and gives its memory back. To close it again does nothing."""
        self._is_closed = True
        if self._push is not None:
            self._push.close()

    def __enter__(self) -> Self:
        self._opened()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def apush(self, data: Buffer) -> list[R]:
        """As `push`, for asyncio: the event loop goes on. Cancelling the task ends the stream."""
        return await self._aside(lambda: self.push(data))

    async def afinish(self, data: Buffer = b"") -> R:
        """As `finish`, for asyncio."""
        return await self._aside(lambda: self.finish(data))

    async def __aenter__(self) -> Self:
        await self._aside(self._opened)
        return self

    async def __aexit__(self, *exception: object) -> None:
        # Shielded, as a task that is cancelled while it leaves would not wait for the end.
        await asyncio.shield(asyncio.to_thread(self.close))

    async def _aside(self, work: Callable[[], T]) -> T:
        with contextlib.ExitStack() as stack:
            stack.callback(self.cancel)
            found = await asyncio.to_thread(work)
            stack.pop_all()
            return found

    def _opened(self) -> Push:
        if self._is_closed:
            raise ValueError("the stream is closed")
        if self._push is None:
            self._push = self._begin()
        return self._push
