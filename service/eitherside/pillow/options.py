"""The options of `Image.save`: the encoder's by its own names, and those that Pillow's users know."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from PIL import Image

from .calls import carrying_options, encoder_options, how_lossy
from .metadata import PREFIX, fits, turned

# As WebP and AVIF have them; the encoder has some of them under other names and in other units.
ICC_PROFILE = "icc_profile"
LOSSLESS_JPEG = "lossless_jpeg"
ANIMATION = ("duration", "loop", "append_images")
# What opening gives and saving has no use for: `save(..., **image.info)` is usual.
OF_INFO = ("timestamp",)
_TWICE = {ICC_PROFILE: "icc", "duration": "durations", "loop": "loops"}


def encoding(given: Mapping[str, Any], info: Mapping[Any, Any], colours: int, *, few: bool) -> dict[str, Any]:
    """Returns what the encoder is told, by its own names; not what animations need.

    Args:
        given: what `save` was given.
        info: the image's, for its ICC profile.
        colours: colour channels of the image: 1, 3, or 4 for CMYK.
        few: whether it has few colours and is kept exactly where nothing else is asked for.

    Raises:
        TypeError: an option is unknown.
        ValueError: options contradict each other, or the profile is not one of such colours.
    """
    known = encoder_options()
    _check(given, [*known, ICC_PROFILE, LOSSLESS_JPEG, *ANIMATION, *OF_INFO])
    found = {name: value for name, value in given.items() if name in known and value is not None}
    if found.get("lossless"):
        # As WebP has it, where quality then has another meaning.
        found.pop("quality", None)
    elif few and not how_lossy() & set(found):
        found["lossless"] = True
    if icc := _profile(given, info, colours):
        found["icc"] = icc
    return found | _metadata(found)


def carrying(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the recompression of a JPEG file is told.

    Raises:
        TypeError: an option is unknown.
        ValueError: it is one that a picture that is kept exactly cannot have.
    """
    known = carrying_options()
    _check(given, [*encoder_options(), *known, ICC_PROFILE, LOSSLESS_JPEG, *ANIMATION, *OF_INFO])
    found = {name: value for name, value in given.items() if value is not None and name != LOSSLESS_JPEG}
    wrong = set(found) - set(known) | set(found) & how_lossy()
    # The file's own are kept in any case, so that what is true does no harm.
    harmless = {name for name in wrong if name in OF_INFO or (name == "lossless" and found[name])}
    if apart := sorted(wrong - harmless):
        raise ValueError(f"{LOSSLESS_JPEG} keeps the JPEG file as it is: {', '.join(apart)} cannot be given")
    return {name: value for name, value in found.items() if name not in wrong}


def _check(given: Mapping[str, Any], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"saving JPEG XL has no option {name}{hint}")
    for name, other in _TWICE.items():
        if given.get(name) is not None and given.get(other) is not None:
            raise ValueError(f"{name} and {other} say the same: give one of them")


def _profile(given: Mapping[str, Any], info: Mapping[Any, Any], colours: int) -> bytes | None:
    asked = given.get(ICC_PROFILE) or given.get("icc")
    if asked and not fits(asked, colours):
        raise ValueError(f"the {ICC_PROFILE} is not one of {_NAMES[colours]} colours, as the image has")
    if asked or any(name in given for name in (ICC_PROFILE, "icc", "colour")):
        return asked
    # A profile that was left behind by a conversion is no profile of this image.
    found = info.get(ICC_PROFILE)
    return found if found and fits(found, colours) else None


_NAMES = {1: "grey", 3: "RGB", 4: "CMYK"}


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    exif, xmp = given.get("exif") or b"", given.get("xmp") or b""
    exif = exif.tobytes() if isinstance(exif, Image.Exif) else bytes(exif)
    xmp = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    found = turned(exif.removeprefix(PREFIX), xmp)
    return {
        "exif": found.exif or None,
        "xmp": found.xmp or None,
        "orientation": given.get("orientation", found.orientation),
    }
