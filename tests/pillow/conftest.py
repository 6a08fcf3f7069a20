"""Pillow with JPEG XL registered."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import eitherside.pillow
from eitherside import Codec
from eitherside.pillow import JxlImageFile
from pillow.files import write

Again = Callable[..., JxlImageFile]


@pytest.fixture(scope="package", autouse=True)
def _registered() -> Iterator[None]:
    """Has the plugin registered, with the process's own codec."""
    eitherside.pillow.register()
    yield
    eitherside.pillow.use(None)


@pytest.fixture(scope="package")
def files(codec: Codec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `pillow.files`."""
    folder = tmp_path_factory.mktemp("files")
    write(codec, folder)
    return folder


@pytest.fixture(scope="package")
def again() -> Again:
    """Saves an image, and opens what was saved."""

    def made(image: Image.Image, **options: Any) -> JxlImageFile:
        file = io.BytesIO()
        image.save(file, "JXL", **options)
        found = Image.open(file)
        assert isinstance(found, JxlImageFile)
        return found

    return made
