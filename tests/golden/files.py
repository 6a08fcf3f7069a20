"""Makes the JPEG XL and JPEG files of the golden matrix: once, by hand (python -m golden.files, in tests/).

With another module other files come, and with them other golden values of what reads them. So the files are
kept, and this says what is in them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from eitherside import Host, Module, Settings
from eitherside.files import write_atomically

from . import inputs
from .pictures import HEIGHT, WIDTH

_PIXELS = {"width": WIDTH, "height": HEIGHT}
_RGB = {**_PIXELS, "channels": 3, "type": "u8"}
_LARGE = {"width": 280, "height": 264, "channels": 3, "type": "u8"}

# For each file the function, its options, and its inputs.
_FILES: Mapping[str, tuple[str, dict[str, Any], dict[str, list[str]]]] = {
    "lossy.jxl": ("encode", {**_RGB, "distance": 1}, {"samples": ["raw:u8 3"]}),
    "lossy_rgba.jxl": ("encode", {**_RGB, "channels": 4, "distance": 2}, {"samples": ["raw:u8 4"]}),
    "lossy_grey.jxl": ("encode", {**_RGB, "channels": 1, "distance": 1.5}, {"samples": ["raw:u8 1"]}),
    "lossless.jxl": ("encode", {**_RGB, "lossless": True}, {"samples": ["raw:u8 3"]}),
    "lossless_rgba16.jxl": (
        "encode",
        {**_PIXELS, "channels": 4, "type": "u16", "lossless": True},
        {"samples": ["raw:u16 4"]},
    ),
    "lossless_grey12.jxl": (
        "encode",
        {**_PIXELS, "channels": 1, "type": "u16", "bits_per_sample": 12, "lossless": True},
        {"samples": ["raw:u16 1 16"]},
    ),
    "lossless_f32.jxl": (
        "encode",
        {**_PIXELS, "channels": 3, "type": "f32", "lossless": True},
        {"samples": ["raw:f32 3"]},
    ),
    "lossless_f16.jxl": (
        "encode",
        {**_PIXELS, "channels": 3, "type": "f16", "lossless": True},
        {"samples": ["raw:f16 3"]},
    ),
    "modular.jxl": ("encode", {**_RGB, "mode": "modular", "distance": 2}, {"samples": ["raw:u8 3"]}),
    "premultiplied.jxl": (
        "encode",
        {**_RGB, "channels": 4, "premultiplied": True, "lossless": True},
        {"samples": ["raw:u8 4"]},
    ),
    "turned.jxl": ("encode", {**_RGB, "orientation": 6, "lossless": True}, {"samples": ["raw:u8 3"]}),
    "p3.jxl": ("encode", {**_RGB, "colour": "display_p3", "distance": 1}, {"samples": ["raw:u8 3"]}),
    "linear.jxl": (
        "encode",
        {**_PIXELS, "channels": 3, "type": "f32", "colour": "linear_srgb", "distance": 1},
        {"samples": ["raw:f32 3"]},
    ),
    "pq.jxl": (
        "encode",
        {
            **_PIXELS,
            "channels": 3,
            "type": "u16",
            "colour": "rec2020_pq",
            "distance": 1,
            "intensity_target": 4000,
        },
        {"samples": ["raw:u16 3"]},
    ),
    "hlg.jxl": (
        "encode",
        {**_PIXELS, "channels": 3, "type": "u16", "colour": "rec2020_hlg", "distance": 1},
        {"samples": ["raw:u16 3"]},
    ),
    "animation.jxl": (
        "encode",
        {**_RGB, "channels": 4, "durations": [0.1, 0.5, 0.25], "loops": 3, "distance": 1, "effort": 3},
        {"samples": ["raw:u8 4", "raw:u8 4 8 48 40 2", "raw:u8 4 8 48 40 3"]},
    ),
    "layers.jxl": (
        "encode",
        {
            **_RGB,
            "channels": 4,
            "lossless": True,
            "layers": [
                {"name": "ground", "save_as": 1},
                {"width": 20, "height": 18, "x": 5, "y": -3, "blend": "blend", "source": 1, "name": "above"},
            ],
        },
        {"samples": ["raw:u8 4", "raw:u8 4 8 20 18 2"]},
    ),
    "channels.jxl": (
        "encode",
        {
            **_RGB,
            "lossless": True,
            "extra_channels": [
                {"type": "depth", "name": "far"},
                {"type": "spot", "name": "gold", "spot": [0.8, 0.6, 0.1, 0.7]},
            ],
        },
        {"samples": ["raw:u8 3"], "extra": ["raw:u8 1 8 48 40 4", "raw:u8 1 8 48 40 5"]},
    ),
    "boxes.jxl": (
        "encode",
        {**_RGB, "distance": 3, "container": "always", "compress_boxes": True},
        {"samples": ["raw:u8 3"], "exif": ["exif"], "xmp": ["xmp"], "jumbf": ["jumbf"]},
    ),
    "noisy.jxl": ("encode", {**_RGB, "photon_noise": 3200, "distance": 1}, {"samples": ["raw:u8 3"]}),
    "smaller.jxl": ("encode", {**_RGB, "resampling": 2, "distance": 1}, {"samples": ["raw:u8 3"]}),
    "progressive.jxl": (
        "encode",
        {**_LARGE, "distance": 2, "progressive_dc": 1, "progressive_ac": "on"},
        {"samples": ["raw:u8 3 8 280 264"]},
    ),
    "squeezed.jxl": (
        "encode",
        {**_LARGE, "distance": 3, "mode": "modular", "responsive": "on", "effort": 4},
        {"samples": ["raw:u8 3 8 280 264"]},
    ),
    "rgb.jpg": ("transcode", {"to": "jpeg", "quality": 88}, {"image": ["rgb.png"]}),
    "grey.jpg": ("transcode", {"to": "jpeg", "quality": 70}, {"image": ["grey.png"]}),
    "turned.jpg": ("transcode", {"to": "jpeg", "quality": 80}, {"image": ["exif.png"]}),
    "p3.icc": ("decode", {}, {"image": ["p3.jxl"]}),
    "from_jpeg.jxl": ("transcode", {"to": "jxl"}, {"image": ["rgb.jpg"]}),
}


def main(names: list[str]) -> None:
    """Writes the named files, or those that are not there."""
    inputs.FILES.mkdir(exist_ok=True)
    with Host(Module.shipped(Settings.load().module), Settings.load()) as host:
        for name, (function, options, given) in _FILES.items():
            if (names and name not in names) or (not names and (inputs.FILES / name).exists()):
                continue
            buffers = {key: [inputs.data(each) for each in each_of] for key, each_of in given.items()}
            answer = host.call(function, options, buffers)
            # The profile is the last output of what decodes; others have one.
            found = answer.outputs[-1].data
            write_atomically(inputs.FILES / name, [found])
            print(name, len(found))


if __name__ == "__main__":
    main(sys.argv[1:])
