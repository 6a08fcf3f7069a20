"""The fixture: calls and pictures that must be what they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from ..codec import Codec
from ..methods import Call
from .check import Check, Owner
from .metrics import checked
from .outcome import of_call, of_value
from .session import Session

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Golden:
    """Compares with stored results.

    Every function of the module is a method that calls it, compares what came with the golden, and returns
    it. `check` compares what another codec made.

    Example:
        >>> def test_pictures(golden):
        ...     golden.check(my_codec.read("photo.xyz"))
        ...     golden.within(psnr=40).named("small").check(my_codec.read("small.xyz"))
    """

    def __init__(
        self,
        session: Session,
        owner: Owner,
        bounds: Mapping[str, float] | None = None,
        name: str | None = None,
    ) -> None:
        self._session = session
        self._owner = owner
        self._bounds = bounds or {}
        self._name = name

    @property
    def codec(self) -> Codec:
        """The pinned module; its calls are compared with nothing."""
        return self._session.codec

    @property
    def scores(self) -> Sequence[str]:
        """The names of the scores that `within` takes bounds for."""
        return list(self._session.known)

    def within(self, **bounds: float) -> Self:
        """Returns this fixture with bounds: pictures need not be equal, only so near, by the module's scores.

        Args:
            bounds: by the names in `scores`: the most for a distance, the least for a quality.

        Raises:
            TypeError: there is no such score, or a bound is no finite number.
        """
        __tracebackhide__ = True
        found = checked(bounds, self._session.known)
        return type(self)(self._session, self._owner, {**self._bounds, **found}, self._name)

    def named(self, name: str) -> Self:
        """Returns this fixture with a name for the next check; those without one are numbered.

        Raises:
            ValueError: it has other characters than letters, digits, ``_``, ``.`` and ``-``.
        """
        __tracebackhide__ = True
        if not _NAME.fullmatch(name):
            raise ValueError(f"the name of a check has letters, digits, _, . and - alone, not {name!r}")
        return type(self)(self._session, self._owner, self._bounds, name)

    def check(self, picture: Any, *, icc: bytes | None = None) -> None:
        """Compares what any codec made with the golden.

        Args:
            picture: an array (uint8, uint16, float16 or float32; height, width[, channels]), a file as bytes
                or a path, a Pillow image, or a list of these. Files are compared byte for byte, or, within
                bounds, by what the module reads from them.
            icc: profile of arrays; sRGB where absent.

        Raises:
            AssertionError: it differs, or there is no golden.
            TypeError: it is none of these.
            GoldenError: the golden cannot be read.
        """
        __tracebackhide__ = True
        self._next().settle(of_value(picture, self._session.pictures, icc))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Returns the method for a function; it raises what `check` and the codec's method do."""
        call = None if name.startswith("_") else self._session.calls.get(name)
        if call is None:
            raise AttributeError(
                f"golden has no {name}, nor has the module such a function", name=name, obj=self
            )
        return self._method(call, getattr(self._session.codec, name))

    def _method(self, call: Call, method: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            given = call.bind(args, kwargs)
            result = method(*args, **kwargs)
            self._next().settle(of_call(call.function, self._session.pictures, given, result))
            return result

        made.__name__ = made.__qualname__ = call.function.name
        made.__doc__ = method.__doc__
        made.__signature__ = call.signature  # type: ignore[attr-defined]
        return made

    def _next(self) -> Check:
        return Check.of(self._session, self._owner, self._bounds, self._name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._session.calls})
