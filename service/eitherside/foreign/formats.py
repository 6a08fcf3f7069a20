"""The formats that Pillow adds to the module's own, and what may be asked of Pillow when it writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..interface import Format

PNG = "image/png"
APNG = "image/apng"
"""Media types of the formats by which images go between Pillow and the module."""

Schema = dict[str, Any]


@dataclass(frozen=True)
class Foreign:
    """One format of Pillow's.

    Attributes:
        format: as the interface describes formats.
        plugin: name of Pillow's plugin, the only one that is started for it.
        animated: whether it holds animations.
        options: JSON Schema of each option of writing it, with Pillow's defaults.
        matches: tells the format by the file's first bytes.
    """

    format: Format
    plugin: str
    animated: bool
    matches: Callable[[bytes], bool]
    options: Mapping[str, Schema] = field(default_factory=dict)


HEAD = 64
"""How many bytes `Foreign.matches` needs to see."""


def _webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _avif(head: bytes) -> bool:
    if head[4:8] != b"ftyp":
        return False
    size = int.from_bytes(head[:4], "big")
    brands = head[8 : min(size, len(head))]
    # ISO/IEC 14496-12, 4.3: major brand, minor version, compatible brands.
    return any(brands[at : at + 4] in (b"avif", b"avis") for at in (0, *range(8, len(brands) - 3, 4)))


def _tiff(head: bytes) -> bool:
    return head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _quality(default: int, description: str) -> Schema:
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": 100,
        "default": default,
        "title": "Quality",
        "unit": "percent",
        "description": description,
    }


KNOWN: tuple[Foreign, ...] = (
    Foreign(
        Format(
            name="webp", title="WebP", media_type="image/webp", extensions=["webp"], read=True, write=True
        ),
        "WEBP",
        True,
        _webp,
        {
            "quality": _quality(80, "WebP output: quality where lossy; with lossless, how hard it tries."),
            "lossless": {
                "type": "boolean",
                "default": False,
                "title": "Lossless",
                "description": "WebP output: keep every 8-bit sample of visible pixels exactly.",
            },
            "method": {
                "type": "integer",
                "minimum": 0,
                "maximum": 6,
                "default": 4,
                "title": "Method",
                "description": "WebP output: 0 is fastest, 6 gives the smallest file.",
            },
        },
    ),
    Foreign(
        Format(
            name="avif", title="AVIF", media_type="image/avif", extensions=["avif"], read=True, write=True
        ),
        "AVIF",
        True,
        _avif,
        {
            "quality": _quality(75, "AVIF output: quality; 100 is best, and still not lossless."),
            "speed": {
                "type": "integer",
                "minimum": 0,
                "maximum": 10,
                "default": 6,
                "title": "Speed",
                "description": "AVIF output: 10 is fastest, 0 gives the smallest file.",
            },
            "subsampling": {
                "type": "string",
                "enum": ["4:4:4", "4:2:2", "4:2:0", "4:0:0"],
                "default": "4:2:0",
                "title": "Chroma subsampling",
                "description": "AVIF output: how coarsely chroma is stored; 4:0:0 is grey.",
            },
        },
    ),
    Foreign(
        Format(
            name="tiff",
            title="TIFF",
            media_type="image/tiff",
            extensions=["tif", "tiff"],
            read=True,
            write=True,
        ),
        "TIFF",
        False,
        _tiff,
        {
            "compression": {
                "type": "string",
                "enum": ["deflate", "lzw", "packbits", "none"],
                "default": "deflate",
                "title": "Compression",
                "description": "TIFF output: how the samples are packed, always without loss.",
            },
        },
    ),
)
