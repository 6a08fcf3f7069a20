"""Pictures and files made of integers alone: the same bytes wherever and whenever they are made."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 48, 40


def noise(count: int, seed: int = 1) -> list[int]:
    """Bytes of xorshift32 (Marsaglia 2003, https://doi.org/10.18637/jss.v008.i14)."""
    state, found = 2463534242 + seed, []
    for _ in range(count):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        found.append(state & 0xFF)
    return found


def samples(
    channels: int, bits: int = 8, width: int = WIDTH, height: int = HEIGHT, seed: int = 1
) -> NDArray[np.int64]:
    """Integers of shape (height, width, channels) up to 2^bits - 1: ramps, squares, an edge, and noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    maximum = (1 << bits) - 1
    grain = np.array(noise(height * width * channels, seed), np.int64).reshape(height, width, channels)
    layers = []
    for channel in range(channels):
        ramp = (x * (3 + channel + seed) + y * (5 - channel)) * 256 // (width + height) % 256
        squares = np.where((x // 6 + y // 5 + channel) % 2 == 0, 40, 0)
        edge = np.where(x * height > y * width, 30, 0)
        layer = ramp // 2 + squares + edge + grain[..., channel] // 16
        if channel in (1, 3) and channel == channels - 1:
            layer = np.clip(300 - 10 * (abs(x - width // 2) + abs(y - height // 2)), 0, 255)
        layers.append(np.clip(layer, 0, 255) * maximum // 255)
    return np.stack(layers, axis=-1)


def raw(
    kind: str, channels: int, bits: int = 0, width: int = WIDTH, height: int = HEIGHT, seed: int = 1
) -> bytes:
    """Samples as the interface's sample types have them; floats are fractions of small denominator."""
    depth = bits or {"u8": 8, "u16": 16, "f16": 8, "f32": 12}[kind]
    found = samples(channels, depth, width, height, seed)
    if kind in ("f16", "f32"):
        # A power of two divides exactly, so no rounding mode has a part in it.
        return (found / (1 << depth)).astype("<f2" if kind == "f16" else "<f4").tobytes()
    return found.astype("<u1" if kind == "u8" else "<u2").tobytes()


def stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, 1951): no compressor's choices are in it."""
    blocks = [data[at : at + 65535] for at in range(0, len(data), 65535)] or [b""]
    body = b"".join(
        struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
        for number, block in enumerate(blocks, 1)
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rows(image: NDArray[np.int64], bits: int) -> bytes:
    dtype = ">u1" if bits == 8 else ">u2"
    return b"".join(b"\0" + row.astype(dtype).tobytes() for row in image)


def png(image: NDArray[np.int64], bits: int = 8, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of 8 or 16 bits, with further chunks before its data."""
    height, width, channels = image.shape
    header = struct.pack(">IIBBBBB", width, height, bits, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", stored(_rows(image, bits))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def apng(frames: Sequence[NDArray[np.int64]], loops: int = 2) -> bytes:
    """An animated PNG file; the second frame and later ones are a part of the picture, laid over it."""
    height, width, _ = frames[0].shape
    parts = [(b"acTL", struct.pack(">II", len(frames), loops))]
    number = 0
    for index, frame in enumerate(frames):
        high, wide, _ = frame.shape
        place = (0, 0) if index == 0 else (3, 2)
        control = struct.pack(">IIIIIHHBB", number, wide, high, *place, 1 + index, 20, 0, int(index > 0))
        parts.append((b"fcTL", control))
        number += 1
        data = stored(_rows(frame, 8))
        if index == 0:
            parts.append((b"IDAT", data))
            continue
        parts.append((b"fdAT", struct.pack(">I", number) + data))
        number += 1
    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[frames[0].shape[2]], 0, 0, 0)
    whole = [(b"IHDR", header), *parts, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in whole)


def pnm(image: NDArray[np.int64], maximum: int = 255) -> bytes:
    """A PGM or PPM file."""
    height, width, channels = image.shape
    kind = {1: "P5", 3: "P6"}[channels]
    dtype = ">u1" if maximum < 256 else ">u2"
    return f"{kind}\n{width} {height}\n{maximum}\n".encode() + image.astype(dtype).tobytes()


def pam(image: NDArray[np.int64]) -> bytes:
    """A PAM file with alpha."""
    height, width, channels = image.shape
    kind = {2: "GRAYSCALE_ALPHA", 4: "RGB_ALPHA"}[channels]
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL 255\nTUPLTYPE {kind}\nENDHDR\n"
    return head.encode() + image.astype("u1").tobytes()


def pfm(image: NDArray[np.int64] | NDArray[np.float64], bits: int) -> bytes:
    """A PFM file; rows go from the bottom to the top."""
    height, width, channels = image.shape
    kind = {1: "Pf", 3: "PF"}[channels]
    floats = (image / (1 << bits)).astype("<f4")
    return f"{kind}\n{width} {height}\n-1.0\n".encode() + floats[::-1].tobytes()


def gif(frames: Sequence[NDArray[np.int64]], loops: int = 0) -> bytes:
    """An animated GIF file with 16 colours; its LZW codes are cleared before the table grows."""
    height, width = frames[0].shape[:2]
    palette = bytes(value for level in range(16) for value in (level * 17, 255 - level * 17, level * 9))
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF3, 0, 0) + palette
    head += b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loops) + b"\0"
    body = b""
    for index, frame in enumerate(frames):
        body += b"\x21\xf9\x04" + struct.pack("<BHBB", 4, 5 + index, 0, 0)
        body += b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x04"
        data = _codes([int(value) >> 4 for value in frame[..., 0].flat])
        for at in range(0, len(data), 255):
            block = data[at : at + 255]
            body += bytes([len(block)]) + block
        body += b"\0"
    return head + body + b"\x3b"


def _codes(values: Sequence[int]) -> bytes:
    clear, end, width = 16, 17, 5
    codes = []
    for index, value in enumerate(values):
        # The decoder's table grows with each code but the first; at 32 entries codes would get longer.
        if index % 12 == 0:
            codes.append(clear)
        codes.append(value)
    codes.append(end)
    bits = sum(code << (width * index) for index, code in enumerate(codes))
    return bits.to_bytes(-(-len(codes) * width // 8), "little")
