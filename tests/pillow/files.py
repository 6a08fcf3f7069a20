"""The files that both plugins are given, made by the codec alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from eitherside import Codec
from support.boxes import box, container
from support.images import picture, saved
from support.profiles import cmyk_profile

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
MAKE, ORIENTATION = 0x010F, 0x0112
DURATIONS = (100, 200, 300)
LOOPS = 2
TURNED = 6


def exif(orientation: int = 1) -> bytes:
    """Exif with a maker and an orientation, from its TIFF header on."""
    tags = Image.Exif()
    tags[MAKE] = "Eitherside"
    tags[ORIENTATION] = orientation
    return tags.tobytes().removeprefix(b"Exif\0\0")


def damaged(data: bytes) -> bytes:
    """A file whose header is whole and whose pixels are not."""
    at = len(data) // 2
    return data[:at] + bytes(each ^ 0xA5 for each in data[at : at + 400]) + data[at + 400 :]


class Writer:
    """Writes files into a folder, with the pixels that they must show as `.npy`."""

    def __init__(self, codec: Codec, folder: Path) -> None:
        self.codec = codec
        self.folder = folder

    def add(self, name: str, samples: Any, shown: Any = None, **options: Any) -> bytes:
        """Writes `name`.jxl without loss, and what it shows."""
        data = self.codec.encode(samples, lossless=True, effort=1, **options).image
        self.put(f"{name}.jxl", data)
        if shown is not None:
            np.save(self.folder / f"{name}.npy", shown)
        return data

    def put(self, name: str, data: bytes) -> None:
        """Writes a file."""
        (self.folder / name).write_bytes(data)


def write(codec: Codec, folder: Path) -> None:
    """Writes all files."""
    writer = Writer(codec, folder)
    _modes(writer)
    _metadata(writer)
    _animation(writer)
    _broken(writer)
    jpeg = saved(picture(120, 90, 3), "JPEG", quality=90)
    writer.put("photo.jpg", jpeg)
    writer.put("jpeg.jxl", codec.transcode(jpeg, to="jxl").image)


def _modes(writer: Writer) -> None:
    grey, rgb, rgba = picture(31, 23, 1), picture(31, 23, 3), picture(31, 23, 4)
    bits = (grey > 127).astype("u1")
    ten = (picture(31, 23, 1, "u16") >> 6).astype("<u2")
    writer.add("bits", bits, bits[..., 0].astype(bool), bits_per_sample=1)
    writer.add("grey", grey, grey[..., 0])
    writer.add("grey_alpha", picture(31, 23, 2), picture(31, 23, 2))
    writer.add("rgb", rgb, rgb)
    writer.add("rgba", rgba, rgba)
    scaled = np.round(ten[..., 0] * (65535 / 1023)).astype("<u2")
    writer.add("grey10", ten, scaled, bits_per_sample=10)
    writer.add("grey16", picture(31, 23, 1, "u16"), picture(31, 23, 1, "u16")[..., 0])
    writer.add("rgb16", picture(31, 23, 3, "u16"))
    writer.add("float", picture(31, 23, 1, "f32"), picture(31, 23, 1, "f32")[..., 0])
    inks = np.dstack((rgb, grey))
    black = {"extra": [inks[..., 3]], "extra_channels": [{"type": "black"}], "icc": cmyk_profile()}
    writer.add("cmyk", inks[..., :3], 255 - inks, **black)
    # Colours are stored multiplied by alpha; Pillow's RGBA has them as they are.
    half = np.full((23, 31, 4), (100, 50, 25, 128), "u1")
    writer.add("premultiplied", half, np.full((23, 31, 4), (199, 100, 50, 128), "u1"), premultiplied=True)


def _metadata(writer: Writer) -> None:
    rgb = picture(31, 23, 3)
    wide = writer.add("p3", rgb, rgb, colour="display_p3")
    profile = writer.codec.inspect(wide, contents=True).icc
    writer.put("p3.icc", profile or b"")
    writer.put("cmyk.icc", cmyk_profile())
    writer.put("plain.exif", exif())
    writer.put("plain.xmp", XMP)
    writer.add("metadata", rgb, rgb, exif=exif(), xmp=XMP)
    # The encoder itself sets the orientation of Exif to 1; not every program does.
    turned = writer.add("turned", rgb, np.rot90(rgb, 3), orientation=TURNED, container="never")
    writer.put("turned.jxl", container(box(b"Exif", bytes(4) + exif(TURNED)), box(b"jxlc", turned)))
    behind = box(b"Exif", bytes(4) + exif()), box(b"xml ", XMP)
    writer.add("turned_alone", rgb, orientation=TURNED)
    large = writer.codec.encode(picture(64, 64, 3), lossless=True, effort=1, container="never").image
    writer.put("behind.jxl", container(box(b"jxlc", large), *behind))


def _animation(writer: Writer) -> None:
    frames = [picture(40, 30, 3, seed=seed) for seed in range(3)]
    writer.add(
        "animation", frames, np.stack(frames), durations=[each / 1000 for each in DURATIONS], loops=LOOPS
    )


def _broken(writer: Writer) -> None:
    large = writer.add("large", picture(512, 512, 3), picture(512, 512, 3))
    lossy = writer.codec.encode(picture(512, 512, 3), distance=1, effort=3).image
    writer.put("whole.jxl", lossy)
    writer.put("truncated.jxl", lossy[: len(lossy) * 7 // 10])
    writer.put("damaged.jxl", damaged(large))
    writer.put("bad.jxl", b"\xff\x0a" + bytes(range(256)))
    side = 3000
    flat = np.full((side, side, 3), 77, "u1")
    writer.add("flat", flat)
