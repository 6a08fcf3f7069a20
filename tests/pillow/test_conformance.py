"""The bitstreams of the conformance suite as images of Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from eitherside import Codec
from eitherside.pillow import JxlImageFile
from eitherside.pillow.modes import sample_type, to_image
from support.conformance import conformance_cases, named


@conformance_cases()
def test_headers(conformance_case: Path, codec: Codec) -> None:
    file = conformance_case / "input.jxl"
    told = codec.inspect(file, contents=True)
    with Image.open(file) as image:
        assert isinstance(image, JxlImageFile)
        assert image.size == (told.width, told.height)
        assert image.n_frames == len(told.frames)
        assert image.info.get("icc_profile") in (told.icc, None)


@named("alpha_premultiplied", "blendmodes", "grayscale", "grayscale_jpeg", "cmyk_layers")
def test_pixels(conformance_case: Path, codec: Codec) -> None:
    file = conformance_case / "input.jxl"
    with Image.open(file) as image:
        kind = sample_type(image.mode)
        extra = ["black"] if image.mode == "CMYK" else []
        right = codec.decode(file, type=kind, alpha="straight", extra=extra)
        right_black = right.extra
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            black = right_black[number] if right_black else None
            assert frame.tobytes() == to_image(image.mode, right.samples[number], black).tobytes()
        # Pixels are described by the profile that was read from the header.
        assert image.info.get("icc_profile") in (right.icc, None)


@named("cmyk_layers")
def test_cmyk(conformance_case: Path) -> None:
    """Inks that make the picture that the suite shows."""
    with Image.open(conformance_case / "input.jxl") as image:
        assert image.mode == "CMYK"
        assert image.info["icc_profile"][16:20] == b"CMYK"
        inks = np.asarray(image)
    # Paper has no ink.
    assert (inks.sum(axis=2) == 0).mean() > 0.2


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("grayscale_jpeg", "L"),
        ("alpha_premultiplied", "RGBA"),
        ("lossless_pfm", "RGB"),
        ("bike", "RGB"),
        ("spot", "RGBA"),
    ],
)
def test_modes(conformance: Path, name: str, mode: str) -> None:
    with Image.open(conformance / name / "input.jxl") as image:
        assert image.mode == mode
