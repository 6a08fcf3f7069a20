"""Pictures made in code: with gradients, edges, texture and noise, so that no coding tool stays unused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DTYPES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}
MAXIMUM = {"u8": 255, "u16": 65535, "f16": 1.0, "f32": 1.0}


def picture(width: int, height: int, channels: int, sample_type: str = "u8", seed: int = 1) -> NDArray[Any]:
    """An array of shape (height, width, channels); the last of 2 or 4 channels is a soft-edged alpha."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    layers = []
    for channel in range(channels):
        layer = 0.5 + 0.3 * np.sin(9 * x + channel) * np.cos(7 * y - channel)
        layer += 0.2 * (((16 * x).astype(int) + (16 * y).astype(int)) % 2 == channel % 2) * (x > 0.5)
        layer += rng.normal(0, 0.02, (height, width))
        layers.append(layer)
    if channels in (2, 4):
        layers[-1] = np.clip(1.5 - 2 * np.hypot(x - 0.5, y - 0.5), 0, 1)
    samples: NDArray[Any] = np.clip(np.stack(layers, axis=-1), 0, 1)
    if sample_type in ("f16", "f32"):
        samples = samples.astype(DTYPES[sample_type])
    else:
        samples = np.round(samples * MAXIMUM[sample_type]).astype(DTYPES[sample_type])
    return samples


def saved(array: NDArray[Any], image_format: str, **options: Any) -> bytes:
    """An 8-bit array written by Pillow."""
    file = io.BytesIO()
    squeezed = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    Image.fromarray(squeezed).save(file, image_format, **options)
    return file.getvalue()


def animated(image_format: str, frames: int = 3, **options: Any) -> bytes:
    """An animation of RGB frames, 100 ms each, written by Pillow."""
    pictures = [Image.fromarray(picture(48, 32, 3, seed=seed)) for seed in range(frames)]
    if image_format == "GIF":
        pictures = [p.convert("P", palette=Image.Palette.ADAPTIVE) for p in pictures]
    file = io.BytesIO()
    pictures[0].save(
        file, image_format, save_all=True, append_images=pictures[1:], duration=100, loop=0, **options
    )
    return file.getvalue()
