"""Modes of Pillow and samples of JPEG XL: which is which, both ways (docs/pillow.md has the table)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .calls import ALPHA, BLACK, SampleType
from .metadata import fits

if TYPE_CHECKING:
    from ..codec import InspectResult

_TYPES: dict[str, SampleType] = {"I;16": "u16", "F": "f32"}

AS_THEY_ARE = frozenset({"1", "L", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"})
"""Modes that come back as they were saved."""

EQUAL = {"RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB", "RGBa": "RGBA", "La": "LA"}
"""Modes that are converted first; RGB holds them, up to rounding."""

WIDE_GREY = frozenset({"I;16B", "I;16L", "I;16N", "I"})
PALETTES = frozenset({"P", "PA"})
FEW_COLOURS = PALETTES | {"1"}
"""Modes of pictures that loss would spoil, and that are small without it."""

_MOST = 65535
_HALF = 127


def mode_of(told: InspectResult) -> str:
    """Returns the mode that a file is opened in."""
    kinds = {channel["type"] for channel in told.extra_channels}
    if told.colour_channels != 1:
        if BLACK in kinds and fits(told.icc or b"", 4):
            return "CMYK"
        return "RGBA" if ALPHA in kinds else "RGB"
    if ALPHA in kinds:
        return "LA"
    if told.exponent_bits or told.bits_per_sample > 16:
        return "F"
    if told.bits_per_sample > 8:
        return "I;16"
    return "L" if told.bits_per_sample > 1 else "1"


def sample_type(mode: str) -> SampleType:
    """Returns the type of the samples that a mode is made of."""
    return _TYPES.get(mode, "u8")


def to_image(mode: str, samples: NDArray[Any], black: NDArray[Any] | None = None) -> Image.Image:
    """Makes an image of samples of the shape (height, width, channels).

    Args:
        mode: of the image.
        samples: in the type of `sample_type`; for CMYK without black, 0 being full ink.
        black: of the shape (height, width), for CMYK.
    """
    if mode == "CMYK" and black is not None:
        samples = 255 - np.concatenate((samples[..., :3], black[..., np.newaxis]), axis=2)
    elif mode == "1":
        # One byte for each pixel, as the raw mode has it.
        samples = np.where(samples > _HALF, np.uint8(255), np.uint8(0))
    height, width = samples.shape[:2]
    raw = "1;8" if mode == "1" else mode
    return Image.frombytes(mode, (width, height), np.ascontiguousarray(samples).data, "raw", raw)


@dataclass(frozen=True)
class Samples:
    """An image as the encoder takes it.

    Attributes:
        colours: of the shape (height, width, channels), or without the last axis.
        black: of the shape (height, width), for CMYK.
        options: what the encoder has to be told besides.
    """

    colours: NDArray[Any]
    black: NDArray[Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)


def storable(image: Image.Image) -> Image.Image:
    """Returns an image as a mode of `AS_THEY_ARE`, itself where it has one.

    Palettes and transparent colours become what they stand for.

    Raises:
        OSError: the mode has no counterpart, or a mode I has values that 16 bits do not hold.
    """
    mode = image.mode
    if "transparency" in image.info and mode in ("1", "L", "RGB"):
        return image.convert("RGBA" if mode == "RGB" else "LA")
    if mode in AS_THEY_ARE:
        return image
    if mode in PALETTES:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if mode in EQUAL:
        return image.convert(EQUAL[mode])
    if mode in WIDE_GREY:
        values = np.asarray(image)
        if values.size and not 0 <= values.min() <= values.max() <= _MOST:
            raise OSError(f"cannot write mode I as JPEG XL: it has values outside of 0 to {_MOST}")
        return to_image("I;16", values.astype("<u2")[..., np.newaxis])
    raise OSError(f"cannot write mode {mode} as JPEG XL")


def to_samples(image: Image.Image) -> Samples:
    """Returns the samples of an image whose mode is one of `AS_THEY_ARE`."""
    array = np.asarray(image)
    if image.mode == "1":
        return Samples(array.astype("u1"), options={"bits_per_sample": 1})
    if image.mode == "CMYK":
        # Pillow counts ink, JPEG XL light.
        array = 255 - array
        return Samples(array[..., :3], array[..., 3], {"extra_channels": [{"type": BLACK}]})
    return Samples(array)


def common_mode(modes: set[str]) -> str:
    """Returns the mode that frames of all these modes can be converted to.

    Raises:
        OSError: there is none that keeps them.
    """
    if len(modes) == 1:
        return next(iter(modes))
    if apart := sorted(modes & {"CMYK", "I;16", "F"}):
        others = ", ".join(sorted(modes - {apart[0]}))
        raise OSError(f"cannot write frames of mode {apart[0]} beside frames of mode {others}")
    has_alpha = any(mode.endswith("A") for mode in modes)
    if modes & {"RGB", "RGBA"}:
        return "RGBA" if has_alpha else "RGB"
    return "LA" if has_alpha else "L"
