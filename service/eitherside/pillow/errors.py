"""Errors of calls as those that Pillow's users catch; the cause of each is the error of the call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from ..errors import BAD_CALL, CallError
from .calls import BAD_INPUT, BAD_OPTION, TOO_LARGE, UNKNOWN


@contextmanager
def opening(name: str) -> Iterator[None]:
    """Reading a header: what is no image cannot be identified."""
    try:
        yield
    except CallError as error:
        if error.code in UNKNOWN:
            raise UnidentifiedImageError(f"cannot identify image file {name}: {error.message}") from error
        raise _reading(error) from error


@contextmanager
def loading() -> Iterator[None]:
    """Decoding pixels."""
    try:
        yield
    except CallError as error:
        raise _reading(error) from error


@contextmanager
def saving() -> Iterator[None]:
    """Encoding: options that do not fit are a ValueError, all else is an OSError."""
    try:
        yield
    except CallError as error:
        if error.code in (BAD_OPTION, BAD_INPUT, BAD_CALL):
            where = f" (option {error.option.strip('/')})" if error.option else ""
            raise ValueError(f"{error.message}{where}") from error
        raise OSError(f"cannot write the image: {error}") from error


def _reading(error: CallError) -> Exception:
    if error.code == TOO_LARGE:
        return Image.DecompressionBombError(error.message)
    return OSError(f"cannot read the image: {error}")
