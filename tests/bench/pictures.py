"""Pictures made up, the same at every run: photographs, a screenshot, line art, an animation, HDR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Samples = NDArray[Any]
Maker = Callable[[], Samples]


@dataclass(frozen=True)
class Picture:
    """A picture that cases are made of.

    Attributes:
        name: what it is called in tables.
        width, height, channels, frames: its shape.
        dtype: `numpy`'s name of its sample type.
        make: computes its samples, (frames, height, width, channels).
        colour: name of its colour space, as the module's interface has it.
    """

    name: str
    width: int
    height: int
    channels: int
    dtype: str
    make: Maker
    colour: str = "srgb"
    frames: int = 1

    @property
    def megapixels(self) -> float:
        """Millions of pixels of all frames together."""
        return self.width * self.height * self.frames / 1e6


def photo(width: int, height: int, sample_type: str) -> Samples:
    """An RGB picture with the spectrum of a photograph: amplitudes fall with frequency; some noise."""
    rng = np.random.default_rng(7)
    planes = 0.5 + 0.18 * _spectrum(rng, width, height)
    planes += rng.normal(0, 0.004, planes.shape)
    top = 255 if sample_type == "u8" else 65535
    return np.round(np.clip(planes, 0, 1) * top).astype(np.uint8 if sample_type == "u8" else np.uint16)


def _spectrum(rng: np.random.Generator, width: int, height: int) -> Samples:
    """Three planes whose amplitudes fall as those of photographs, of one standard deviation about 0."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1
    layers = []
    for _ in range(3):
        phase = rng.uniform(0, 2 * np.pi, frequency.shape)
        layers.append(np.fft.irfft2(np.exp(1j * phase) / frequency**1.2, (height, width)))
    luma = layers[0] / np.std(layers[0])
    return np.stack([luma + 0.3 * layer / np.std(layer) for layer in layers], axis=-1)


def mirrored(quarter: Samples) -> Samples:
    """Returns a picture of four times the size: a quarter and its three mirror images."""
    upper = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    return np.concatenate([upper, upper[::-1]], axis=0)


def screenshot(width: int, height: int) -> Samples:
    """A desktop: flat areas, a gradient, windows full of small text, buttons, one photograph."""
    rng = np.random.default_rng(11)
    shade = np.linspace(0, 1, height)[:, None, None]
    ground = np.array([28, 60, 110]) * (1 - shade) + np.array([90, 120, 140]) * shade
    image = Image.fromarray(np.broadcast_to(ground, (height, width, 3)).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(image)
    # The bitmap font that Pillow brings: the same glyphs with every version of any library.
    font = ImageFont.load_default_imagefont()
    letters = list("aaaabcdeeeeefghiiijklmnnnoooprrssstttuuvwxyz")
    windows = [(0.02, 0.03, 0.55, 0.62), (0.30, 0.35, 0.97, 0.93), (0.60, 0.05, 0.96, 0.45)]
    for left, top, right, bottom in windows:
        x0, y0, x1, y1 = int(left * width), int(top * height), int(right * width), int(bottom * height)
        draw.rectangle((x0 + 4, y0 + 4, x1 + 4, y1 + 4), fill=(20, 30, 45))
        draw.rectangle((x0, y0, x1, y1), fill=(250, 250, 248), outline=(120, 120, 120))
        draw.rectangle((x0, y0, x1, y0 + 22), fill=(225, 228, 232))
        for index, colour in enumerate(((236, 95, 86), (245, 190, 80), (90, 195, 90))):
            draw.ellipse((x0 + 8 + 18 * index, y0 + 6, x0 + 18 + 18 * index, y0 + 16), fill=colour)
        for y in range(y0 + 30, y1 - 14, 14):
            words = ["".join(rng.choice(letters, rng.integers(2, 10))) for _ in range((x1 - x0) // 42)]
            ink = (30, 30, 30) if rng.random() < 0.85 else (30, 80, 190)
            draw.text((x0 + 10, y), " ".join(words)[: (x1 - x0 - 24) // 6], fill=ink, font=font)
    small = Image.fromarray(photo(width // 6, height // 6, "u8"), "RGB")
    image.paste(small, (int(0.76 * width), int(0.2 * height)))
    return np.asarray(image)


def line_art(width: int, height: int) -> Samples:
    """Black strokes on white, anti-aliased, one channel."""
    rng = np.random.default_rng(13)
    fine = 3
    image = Image.new("L", (width * fine, height * fine), 255)
    draw = ImageDraw.Draw(image)
    for _ in range(90):
        x, y = rng.integers(0, width * fine), rng.integers(0, height * fine)
        steps = rng.normal(0, 1, (160, 2)).cumsum(axis=0).cumsum(axis=0)
        points = [(float(x + 0.6 * dx), float(y + 0.6 * dy)) for dx, dy in steps]
        draw.line(points, fill=0, width=int(rng.integers(3, 12)), joint="curve")
    for _ in range(60):
        left, top = (float(each) for each in rng.integers(0, (width * fine, height * fine)))
        radius = float(rng.integers(20, 400))
        box = (left - radius, top - radius, left + radius, top + radius)
        draw.ellipse(box, outline=0, width=int(rng.integers(3, 9)))
    blocks = np.asarray(image, np.uint16).reshape(height, fine, width, fine).sum((1, 3), np.uint32)
    shades: Samples = (blocks // (fine * fine)).astype(np.uint8)[..., None]
    return shades


def animation(width: int, height: int, frames: int) -> Samples:
    """A photograph that is looked at through a window moving over it, and a ball that flies before it."""
    wide = photo(width + 4 * frames, height, "u8")
    rows, columns = np.mgrid[:height, :width]
    made = []
    for number in range(frames):
        frame = wide[:, 4 * number : 4 * number + width].copy()
        at = number / frames
        inside = (columns - at * width) ** 2 + (rows - height * (0.8 - 2 * at * (1 - at))) ** 2
        frame[inside < (height / 8) ** 2] = (230, 60, 40)
        made.append(frame)
    return np.stack(made)


def hdr(width: int, height: int) -> Samples:
    """A scene of 0.05 to 4000 cd/m², as 16-bit samples of Rec. 2100 with the PQ curve (SMPTE ST 2084)."""
    rng = np.random.default_rng(17)
    planes = _spectrum(rng, width, height)
    light = np.clip(40 * np.exp(1.3 * planes) * (1 + rng.normal(0, 0.01, planes.shape)), 0.05, 4000)
    power = (light / 10000) ** 0.1593017578125
    signal = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    return np.round(signal * 65535).astype(np.uint16)


def _photo(width: int, height: int, sample_type: str = "u8", name: str = "photo") -> Picture:
    dtype = "uint8" if sample_type == "u8" else "uint16"
    return Picture(name, width, height, 3, dtype, lambda: photo(width, height, sample_type)[None])


TINY = _photo(64, 64, name="tiny photo")
SMALL = _photo(640, 480)
MEDIUM = _photo(1632, 1224)
LARGE = _photo(4000, 3000)
HUGE = Picture("photo", 8192, 6144, 3, "uint8", lambda: mirrored(photo(4096, 3072, "u8"))[None])
DEEP = _photo(1632, 1224, "u16", "16-bit photo")
SCREENSHOT = Picture("screenshot", 1920, 1080, 3, "uint8", lambda: screenshot(1920, 1080)[None])
LINE_ART = Picture("line art", 1440, 1080, 1, "uint8", lambda: line_art(1440, 1080)[None])
ANIMATION = Picture("animation", 640, 480, 3, "uint8", lambda: animation(640, 480, 12), frames=12)
HDR = Picture("HDR", 1632, 1224, 3, "uint16", lambda: hdr(1632, 1224)[None], colour="rec2020_pq")
