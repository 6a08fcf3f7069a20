"""JPEG files into JPEG XL without loss: the file's own bytes, not the pixels of the image opened from it."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from PIL import Image, JpegImagePlugin

from .options import LOSSLESS_JPEG


def jpeg_of(image: Image.Image) -> bytes:
    """Returns the JPEG file that an image was opened from.

    Raises:
        ValueError: it was not opened from one by its path, or is not what the file shows.
        OSError: the file cannot be read any more.
    """
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        raise ValueError(f"{LOSSLESS_JPEG}: the image was not opened from a JPEG file")  # noqa: TRY004
    if not image.filename:
        raise ValueError(f"{LOSSLESS_JPEG}: the image was opened from a stream; open the file by its path")
    data = Path(os.fsdecode(image.filename)).read_bytes()
    if not _shows(image, data):
        raise ValueError(f"{LOSSLESS_JPEG}: the image is no longer what its file shows; save it without")
    return data


def _shows(image: Image.Image, jpeg: bytes) -> bool:
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as again:
        if (again.mode, again.size) != (image.mode, image.size):
            return False
        return again.tobytes() == image.tobytes()
