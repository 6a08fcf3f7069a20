"""Images of Pillow as JPEG XL files."""

from __future__ import annotations

from typing import IO, Any

from PIL import Image

from .animation import Animation
from .calls import carried, encoded
from .carrying import jpeg_of
from .errors import saving
from .modes import FEW_COLOURS, storable, to_samples
from .options import LOSSLESS_JPEG, carrying, encoding

_GREY = frozenset({"1", "L", "LA", "I;16", "F"})


def save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    """Writes the current frame of an image; what `Image.save` calls.

    Args:
        image: its `encoderinfo` has the options.
        file: to write to.
        filename: not used.

    Raises:
        TypeError: an option is unknown.
        ValueError: an option does not fit, or `lossless_jpeg` is not possible.
        OSError: the mode cannot be stored, or the codec failed.
    """
    given = image.encoderinfo
    if given.get(LOSSLESS_JPEG):
        options, jpeg = carrying(given), jpeg_of(image)
        with saving():
            file.write(carried(jpeg, options))
        return
    few = image.mode in FEW_COLOURS
    found = storable(image)
    options = encoding(given, image.info, _colours(found), few=few)
    file.write(_encoded([found], options))


def save_all(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    """Writes all frames of an image and of those in `append_images`; what `Image.save` calls for `save_all`.

    Args, Raises: as for `save`.
    """
    given = image.encoderinfo
    images = [image, *(given.get("append_images") or ())]
    if sum(getattr(each, "n_frames", 1) for each in images) == 1:
        save(image, file, filename)
        return
    if given.get(LOSSLESS_JPEG):
        raise ValueError(f"{LOSSLESS_JPEG}: an animation is not a JPEG file")
    animation = Animation(images, layers=bool(given.get("layers")))
    first = animation.frames[0]
    options = encoding(given, image.info, _colours(first), few=animation.has_few_colours)
    if given.get("layers"):
        options |= {"width": first.width, "height": first.height}
    elif "durations" not in options:
        options["durations"] = animation.seconds(given)
    if "loops" not in options:
        options["loops"] = _loops(given, image)
    file.write(_encoded(animation.frames, options))


def _loops(given: dict[str, Any], image: Image.Image) -> int:
    loops: int | None = given.get("loop")
    return loops if loops is not None else image.info.get("loop", 0)


def _colours(image: Image.Image) -> int:
    if image.mode == "CMYK":
        return 4
    return 1 if image.mode in _GREY else 3


def _encoded(frames: list[Image.Image], options: dict[str, Any]) -> bytes:
    found = [to_samples(frame) for frame in frames]
    blacks = [each.black for each in found if each.black is not None]
    if blacks:
        if "icc" not in options:
            raise OSError("cannot write mode CMYK as JPEG XL without a CMYK icc_profile; convert it to RGB")
        options = {"extra": blacks, **options}
    # What the caller says of the samples comes before what the mode says.
    with saving():
        return encoded([each.colours for each in found], found[0].options | options)
