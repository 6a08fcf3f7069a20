"""JPEG files into JPEG XL and back, bit for bit."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eitherside import Codec
from eitherside.pillow import JxlImageFile
from support.images import picture


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A JPEG file."""
    path = tmp_path / "photo.jpg"
    Image.fromarray(picture(90, 70, 3)).save(path, quality=85, comment=b"kept")
    return path


def saved(image: Image.Image, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, "JXL", **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("options", [{}, {"effort": 3}, {"lossless": True}, {"compress_boxes": True}])
def test_there_and_back(photo: Path, options: dict[str, Any]) -> None:
    with Image.open(photo) as image:
        found = Image.open(saved(image, lossless_jpeg=True, **options))
    assert isinstance(found, JxlImageFile)
    assert found.original_jpeg() == photo.read_bytes()
    found.load()
    assert found.original_jpeg() == photo.read_bytes()
    # Two decoders of JPEG round differently.
    assert np.abs(np.asarray(found, int) - np.asarray(Image.open(photo), int)).mean() < 2


def test_by_default_pixels_are_saved(photo: Path) -> None:
    with Image.open(photo) as image:
        for options in ({}, {"lossless_jpeg": False}, {"lossless_jpeg": None}):
            found = Image.open(saved(image, **options))
            assert isinstance(found, JxlImageFile)
            with pytest.raises(ValueError, match="not made from a JPEG file"):
                found.original_jpeg()


def paste(image: Image.Image) -> None:
    image.paste((255, 0, 0), (0, 0, 20, 20))


def smaller(image: Image.Image) -> None:
    image.thumbnail((50, 50))


def grey(image: Image.Image) -> None:
    image.draft("L", None)


@pytest.mark.parametrize("change", [paste, smaller, grey])
def test_a_changed_image_is_refused(photo: Path, change: Callable[[Image.Image], None]) -> None:
    with Image.open(photo) as image:
        change(image)
        with pytest.raises(ValueError, match="no longer what its file shows"):
            saved(image, lossless_jpeg=True)


def test_a_changed_file_is_refused(photo: Path) -> None:
    with Image.open(photo) as image:
        image.load()
        Image.fromarray(picture(90, 70, 3, seed=2)).save(photo)
        with pytest.raises(ValueError, match="no longer what its file shows"):
            saved(image, lossless_jpeg=True)


def test_what_is_no_jpeg_file(photo: Path) -> None:
    with Image.open(photo) as image:
        for other in (image.copy(), image.convert("L"), Image.new("RGB", (3, 3))):
            with pytest.raises(ValueError, match="not opened from a JPEG file"):
                saved(other, lossless_jpeg=True)
    stream = Image.open(io.BytesIO(photo.read_bytes()))
    with pytest.raises(ValueError, match="opened from a stream"):
        saved(stream, lossless_jpeg=True)


def test_a_file_that_is_gone(photo: Path) -> None:
    with Image.open(photo) as image:
        image.load()
        photo.unlink()
        with pytest.raises(FileNotFoundError):
            saved(image, lossless_jpeg=True)


@pytest.mark.parametrize(
    "options", [{"quality": 90}, {"distance": 0}, {"exif": b"a"}, {"icc_profile": b"a"}, {"lossless": False}]
)
def test_options_that_contradict_it(photo: Path, options: dict[str, Any]) -> None:
    with Image.open(photo) as image, pytest.raises(ValueError, match=next(iter(options))):
        saved(image, lossless_jpeg=True, **options)


def test_an_option_misspelt(photo: Path) -> None:
    with Image.open(photo) as image, pytest.raises(TypeError, match="efort; did you mean effort"):
        saved(image, lossless_jpeg=True, efort=1)


def test_a_jpeg_file_that_cannot_be_carried(tmp_path: Path) -> None:
    path = tmp_path / "inks.jpg"
    Image.fromarray(picture(16, 16, 4), "CMYK").save(path)
    with Image.open(path) as image, pytest.raises(OSError, match="four components"):
        saved(image, lossless_jpeg=True)


def test_several_pictures_in_one_file(tmp_path: Path, codec: Codec) -> None:
    path = tmp_path / "two.jpg"
    first, second = (Image.fromarray(picture(40, 30, 3, seed=seed)) for seed in (1, 2))
    first.save(path, "MPO", save_all=True, append_images=[second])
    with Image.open(path) as image:
        assert image.format == "MPO"
        data = saved(image, lossless_jpeg=True).getvalue()
        assert codec.transcode(data, to="jpeg", jpeg="exact").image == path.read_bytes()
        image.seek(1)
        with pytest.raises(ValueError, match="no longer what its file shows"):
            saved(image, lossless_jpeg=True)
