"""ICC profile, Exif and XMP of an image that Pillow opened, wherever its format keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

if TYPE_CHECKING or __package__:
    from .refused import Refused
else:
    from refused import Refused

ORIENTATION = 0x0112
TIFF_XMP = 700
EXIF_PREFIX = b"Exif\0\0"
XMP_KEYWORD = "XML:com.adobe.xmp"


def metadata(image: Image.Image) -> tuple[bytes, bytes, bytes]:
    """Returns ICC profile, Exif (from the TIFF header, without orientation) and XMP; empty where absent."""
    icc = image.info.get("icc_profile") or b""
    if icc[16:20] == b"CMYK" and image.mode != "CMYK":
        raise Refused("unsupported", f"the ICC profile is of CMYK, but the samples are {image.mode}")
    if image.format == "TIFF":
        exif = _tiff_exif(image)
        found = image.tag_v2.get(TIFF_XMP, b"")  # type: ignore[attr-defined]
    else:
        exif = image.info.get("exif") or _raw_profile(image.info.get("Raw profile type exif"))
        found = (
            image.info.get("xmp")
            or image.info.get(XMP_KEYWORD)
            or _raw_profile(image.info.get("Raw profile type xmp"))
        )
    xmp = found.encode() if isinstance(found, str) else bytes(found or b"")
    return bytes(icc), without_orientation(bytes(exif)), xmp.rstrip(b"\0")


def _tiff_exif(image: Image.Image) -> bytes:
    """Returns what of a TIFF's tags is about the picture, not about how its samples are stored."""
    from PIL import Image as Images

    source = image.getexif()
    kept = Images.Exif()
    # ImageDescription, Make, Model, resolution, Software, DateTime, Artist, Copyright.
    for tag in (270, 271, 272, 282, 283, 296, 305, 306, 315, 33432):
        if tag in source:
            kept[tag] = source[tag]
    for ifd in (0x8769, 0x8825):
        if nested := source.get_ifd(ifd):
            kept.get_ifd(ifd).update(nested)
            kept[ifd] = dict(nested)
    if not any(tag not in (282, 283, 296) for tag in kept):
        return b""
    return kept.tobytes()


def _raw_profile(text: object) -> bytes:
    """Decodes the hexadecimal form in which ImageMagick and others store metadata in PNG text chunks."""
    if not isinstance(text, str):
        return b""
    try:
        data = bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""
    return data


def without_orientation(exif: bytes) -> bytes:
    from PIL import Image

    exif = exif.removeprefix(EXIF_PREFIX)
    if not exif:
        return b""
    try:
        tags = Image.Exif()
        tags.load(exif)
        if ORIENTATION not in tags:
            return exif
        del tags[ORIENTATION]
        return tags.tobytes().removeprefix(EXIF_PREFIX) if len(tags) else b""
    except Exception:  # noqa: BLE001 -- hostile Exif may raise anything
        # Exif that cannot be read is no reason to refuse the picture.
        return b""
