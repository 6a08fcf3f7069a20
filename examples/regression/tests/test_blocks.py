"""The codec of this repository, and the files that it is fed with, are what they were."""

from __future__ import annotations

from pathlib import Path

import blocks
import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside.regression import Golden

PHOTO = Path(__file__).parents[1] / "photo.jxl"


@pytest.fixture
def photo(golden: Golden) -> NDArray[np.uint8]:
    """The photograph, by the pinned module."""
    samples: NDArray[np.uint8] = golden.codec.decode(PHOTO, type="u8").samples[0]
    return samples


def test_photo(golden: Golden) -> None:
    """The module reads the photograph as it always did, down to the last bit."""
    golden.decode(PHOTO)


def test_lossless(golden: Golden, photo: NDArray[np.uint8]) -> None:
    """What was written without loss comes back exactly: one pixel that differs fails this."""
    golden.check(blocks.read(blocks.write(photo, step=0)))


@pytest.mark.parametrize("step", [8, 24])
def test_lossy(golden: Golden, photo: NDArray[np.uint8], step: int) -> None:
    """Rounding may come out otherwise on another machine; nobody may see it."""
    golden.within(butteraugli=0.5, ssimulacra2=95).check(blocks.read(blocks.write(photo, step)))
