"""The calls that the plugin makes: the one place where it names functions of the module.

Names of functions and options are held to the interface by the type checker (codec.pyi); ranges, defaults and
lists of options are read from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from numpy.typing import NDArray

from ..interface import Format
from ..signatures import Parameter, parameters
from .sharing import interface, shared

if TYPE_CHECKING:
    from ..codec import DecodeResult, InspectResult

TRUNCATED = "truncated"
TOO_LARGE = "too_large"
BAD_OPTION = "bad_option"
BAD_INPUT = "bad_input"
UNKNOWN = ("unknown_format", "corrupt", "unsupported", TRUNCATED)
"""Errors of a file's beginning that say that it is no such file, or a broken one."""

BLACK = "black"
ALPHA = "alpha"
EXIF = "Exif"
XMP = "xml "
EXACT: Literal["exact"] = "exact"

SampleType = Literal["u8", "u16", "f32"]


def own_format() -> Format:
    """Returns the format that the encoder writes, as the interface describes it."""
    described = interface()
    written = described.functions["encode"].outputs[0].media_type
    return next(item for item in described.formats.values() if item.media_type == written)


def looked(data: bytes, *, whole: bool = False) -> InspectResult:
    """Returns what a file, or its beginning, says about itself, and its metadata.

    Args:
        data: the bytes.
        whole: they are all that there is, so that a file that ends early is an error.

    Raises:
        CallError: they are no image, or end before its size.
    """
    return shared().inspect(data, prefix=not whole, contents=True, **_most("inspect"))


def decoded(
    data: bytes,
    start: int,
    count: int,
    sample_type: SampleType,
    *,
    black: bool = False,
    cut: bool = False,
) -> DecodeResult:
    """Returns frames as samples: upright, alpha not multiplied in.

    Args:
        data: the file.
        start, count: which frames.
        sample_type: of the samples.
        black: whether the black channel of CMYK is wanted beside them.
        cut: whether a file that ends early gives what there is.

    Raises:
        CallError: the file is damaged, or a limit was reached.
    """
    return shared().decode(
        data,
        start=start,
        count=count,
        type=sample_type,
        alpha="straight",
        extra=[BLACK] if black else [],
        prefix=cut,
        **_most("decode"),
    )


def encoded(samples: Sequence[NDArray[Any]], options: Mapping[str, Any]) -> bytes:
    """Returns a file of these samples, one array for each frame; `options` have the encoder's names.

    Raises:
        CallError: an option is wrong, or does not fit the samples.
    """
    return shared().encode(samples, **options).image


def carried(jpeg: bytes, options: Mapping[str, Any]) -> bytes:
    """Returns a file that gives `jpeg` back bit for bit.

    Raises:
        CallError: an option is wrong, or the JPEG file is of a kind that cannot be carried.
    """
    return shared().transcode(jpeg, to="jxl", jpeg=EXACT, **options).image


def given_back(data: bytes) -> bytes:
    """Returns the JPEG file that `data` was made from, bit for bit.

    Raises:
        CallError: there is none in it, or it is damaged.
    """
    return shared().transcode(data, to="jpeg", jpeg=EXACT).image


def encoder_options() -> dict[str, Parameter]:
    """Returns what an encode can be told by name: all but the samples and what arrays tell of themselves."""
    return _told("encode", "samples")


def carrying_options() -> dict[str, Parameter]:
    """Returns what can be said when a JPEG file is carried: all but what that itself decides."""
    chosen = _told("transcode", "image")
    return {name: item for name, item in chosen.items() if name not in ("to", "jpeg")}


def how_lossy() -> frozenset[str]:
    """Returns the options that decide how much is lost: distance, quality, and every target."""
    names = ("distance", "quality", "lossless")
    return frozenset(name for name in encoder_options() if name in names or name.startswith("target_"))


def _told(function: str, main: str) -> dict[str, Parameter]:
    described = interface().functions[function]
    arrays = (item.array for item in described.inputs if item.array is not None)
    filled = {name for array in arrays for name in (*array.shape, array.dtype)}
    return {
        item.name: item
        for item in parameters(described)
        if item.name != main and item.described not in filled
    }


def _most(function: str) -> dict[str, Any]:
    """Returns the limits of size at their greatest: Pillow's own check decides what is too large."""
    properties = interface().functions[function].properties
    return {name: properties[name]["maximum"] for name in ("max_pixels", "max_frames")}
