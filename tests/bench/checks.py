"""Whether the sides did the same: a comparison of different work is worth nothing, so it fails the run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eitherside import Codec

from .cases import Case
from .task import THUMBNAIL, Output

DECODED_ALIKE = 42.0
"""Decibels (PSNR) that decoders of one lossy file must agree by: they may round and filter differently."""
ENCODED_ALIKE = 2.5
"""Decibels by which the quality of two encoders' files may differ at one distance and effort."""
SIZES_ALIKE = 1.5
"""How many times as large as another's an encoder's file may be."""
THUMBNAILS_ALIKE = 28.0


class Different(Exception):
    """Sides that were to do the same did not."""


def check(case: Case, outputs: Mapping[str, Output], source: NDArray[Any], given: Path, codec: Codec) -> None:
    """Compares what the sides gave, with each other and with the picture.

    Args:
        case: what they did.
        outputs: by the names of the sides.
        source: samples of the picture, (frames, height, width, channels).
        given: the file that went in.
        codec: reads files that they made.

    Raises:
        Different: two did not do the same.
    """
    match case.function:
        case "decode":
            _decoded(case, outputs, source)
        case "encode" | "transcode":
            _encoded(case, outputs, source, codec)
        case "recompress":
            for side, output in outputs.items():
                _reversible(side, output, given, codec)
        case "reconstruct":
            _same_bytes(outputs)
        case "thumbnail":
            _thumbnails(outputs)
        case _:
            raise AssertionError(case.function)


def _decoded(case: Case, outputs: Mapping[str, Output], source: NDArray[Any]) -> None:
    samples = {side: pixels(output) for side, output in outputs.items()}
    first, reference = next(iter(samples.items()))
    for side, found in samples.items():
        if found.shape[:3] != source.shape[:3]:
            raise Different(f"{side} gave {found.shape} for {source.shape}")
        if case.coding.distance is None:
            _identical(side, found, source)
        elif (decibels := psnr(found, reference)) < DECODED_ALIKE:
            raise Different(f"{side} and {first} decoded differently: PSNR {decibels:.1f} dB")


def _identical(side: str, found: NDArray[Any], source: NDArray[Any]) -> None:
    if found.dtype != source.dtype:
        if psnr(found, source) < DECODED_ALIKE:
            raise Different(f"{side} did not give the picture at its sample type")
    elif not np.array_equal(*_comparable(found, source)):
        raise Different(f"{side} did not give the samples of a lossless file")


def _encoded(case: Case, outputs: Mapping[str, Output], source: NDArray[Any], codec: Codec) -> None:
    sizes, qualities = {}, {}
    kind = {1: "u8", 2: "u16"}[source.itemsize]
    for side, output in outputs.items():
        data = output.data()
        answer = codec.host.call("decode", {"type": kind}, {"image": data})
        told = answer.result
        planes = [part.data for part in answer.outputs if part.name == "samples"]
        shape = (len(planes), told["height"], told["width"], told["channels"])
        found = np.frombuffer(b"".join(planes), source.dtype).reshape(shape)
        if found.shape[:3] != source.shape[:3]:
            raise Different(f"{side} encoded {found.shape} of {source.shape}")
        if case.coding.distance is None and not np.array_equal(*_comparable(found, source)):
            raise Different(f"{side} did not encode losslessly")
        sizes[side], qualities[side] = len(data), psnr(found, source)
    worst, best = min(qualities, key=qualities.__getitem__), max(qualities, key=qualities.__getitem__)
    if case.coding.distance is not None and qualities[best] - qualities[worst] > ENCODED_ALIKE:
        raise Different(f"{best} and {worst} encoded at different quality: {qualities}")
    if max(sizes.values()) > SIZES_ALIKE * min(sizes.values()):
        raise Different(f"files of very different sizes: {sizes}")


def _reversible(side: str, output: Output, given: Path, codec: Codec) -> None:
    answer = codec.host.call("transcode", {"to": "jpeg", "jpeg": "exact"}, {"image": output.data()})
    if answer.outputs[0].data != given.read_bytes():
        raise Different(f"{side} did not keep the JPEG file")


def _same_bytes(outputs: Mapping[str, Output]) -> None:
    if len({output.data() for output in outputs.values()}) != 1:
        raise Different(f"{', '.join(outputs)} gave different files")


def _thumbnails(outputs: Mapping[str, Output]) -> None:
    images = {side: Image.open(BytesIO(output.data())).convert("RGB") for side, output in outputs.items()}
    first, reference = next(iter(images.items()))
    for side, image in images.items():
        if max(image.size) != THUMBNAIL or image.size != reference.size:
            raise Different(f"{side} made a thumbnail of {image.size}, {first} one of {reference.size}")
        decibels = psnr(np.asarray(image)[None], np.asarray(reference)[None])
        if decibels < THUMBNAILS_ALIKE:
            raise Different(f"{side} and {first} made different thumbnails: PSNR {decibels:.1f} dB")


def pixels(output: Output) -> NDArray[Any]:
    """Returns the samples of an output, from its PNG file where it is one."""
    if output.shape is not None:
        return output.samples()
    image = np.asarray(Image.open(output.path))
    return image.reshape(1, *image.shape[:2], -1)


def _comparable(a: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns samples with as many colours each: opaque alpha left out, one grey as three."""
    a, b = (each[..., :3] if each.shape[-1] == 4 else each for each in (a, b))
    if a.shape[-1] != b.shape[-1]:
        a, b = (
            np.broadcast_to(each[..., :1], (*each.shape[:3], 3)) if each.shape[-1] < 3 else each
            for each in (a, b)
        )
    return a, b


def psnr(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Returns the peak signal-to-noise ratio of two pictures in decibels; infinite where they are equal."""
    a, b = _comparable(a, b)
    tops = [np.iinfo(each.dtype).max for each in (a, b)]
    total = 0.0
    # In rows, as a whole picture of 50 megapixels in double precision takes gigabytes.
    for start in range(0, a.shape[1], 256):
        rows = [
            each[:, start : start + 256].astype(np.float32) / top
            for each, top in zip((a, b), tops, strict=True)
        ]
        total += float(np.sum(np.square(rows[0] - rows[1]), dtype=np.float64))
    return 10 * math.log10(a.size / total) if total else math.inf
