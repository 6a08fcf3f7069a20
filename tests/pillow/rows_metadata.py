"""Metadata, JPEG files and options."""

from __future__ import annotations

import inspect
import io
import re
import sys
import warnings
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from pillow.plugin import NO, Plugin, Rows, image_of, yes

ROWS = Rows()


@ROWS.row("ICC profile of a file in Display P3")
def _icc_opened(plugin: Plugin) -> str:
    return "in `info`" if _is_p3(plugin, plugin.open("p3")) else NO


@ROWS.row("`icc_profile` is saved")
def _icc_saved(plugin: Plugin) -> str:
    profile = plugin.path("p3.icc").read_bytes()
    return yes(_is_p3(plugin, plugin.again(image_of("RGB"), icc_profile=profile)))


@ROWS.row("an image's own profile is saved")
def _icc_kept(plugin: Plugin) -> str:
    profile = plugin.path("p3.icc").read_bytes()
    image = image_of("RGB")
    image.info["icc_profile"] = profile
    return yes(_is_p3(plugin, plugin.again(image)))


def _is_p3(plugin: Plugin, image: Image.Image) -> bool:
    """Tells whether an image has a profile of the same colours; its bytes may differ."""
    found = image.info.get("icc_profile")
    if not found:
        return False
    profiles = [
        ImageCms.getOpenProfile(io.BytesIO(each)) for each in (found, plugin.path("p3.icc").read_bytes())
    ]
    corners = [np.array((each.profile.red_primary, each.profile.green_primary)) for each in profiles]
    return bool(np.abs(corners[0] - corners[1]).max() < 1e-3)


@ROWS.row("Exif of a file")
def _exif_opened(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    is_there = image.info.get("exif") == plugin.path("plain.exif").read_bytes()
    return "in `info`, `getexif()`" if is_there and image.getexif()[0x010F] == "Eitherside" else NO


@ROWS.row("`exif` is saved")
def _exif_saved(plugin: Plugin) -> str:
    exif = plugin.path("plain.exif").read_bytes()
    return yes(plugin.again(image_of("RGB"), exif=exif).info.get("exif") == exif)


@ROWS.row("Exif is saved without being passed")
def _exif_kept(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    return yes(plugin.again(image).getexif().get(0x010F), "no, as with WebP and AVIF")


@ROWS.row("a turned picture, after `exif_transpose`")
def _turned(plugin: Plugin) -> str:
    image = ImageOps.exif_transpose(plugin.open("turned"))
    right = plugin.expected("turned")
    is_right = image.size == right.shape[1::-1] and np.array_equal(np.asarray(image), right)
    return "upright" if is_right else "not upright"


@ROWS.row("… that has no Exif")
def _turned_alone(plugin: Plugin) -> str:
    image = ImageOps.exif_transpose(plugin.open("turned_alone"))
    return "upright" if image.size == plugin.expected("turned").shape[1::-1] else "not upright"


@ROWS.row("XMP of a file")
def _xmp_opened(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    is_there = image.info.get("xmp") == _xmp(plugin)
    return "in `info`, `getxmp()`" if is_there and "xmpmeta" in image.getxmp() else NO


@ROWS.row("`xmp` is saved")
def _xmp_saved(plugin: Plugin) -> str:
    return yes(_xmp(plugin) in plugin.save(image_of("RGB"), xmp=_xmp(plugin)))


def _xmp(plugin: Plugin) -> bytes:
    return plugin.path("plain.xmp").read_bytes()


@ROWS.row("Exif behind the pixels")
def _exif_behind(plugin: Plugin) -> str:
    return yes(plugin.open("behind").getexif().get(0x010F))


@ROWS.row("a JPEG file is carried without loss")
def _carried(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image:
        data = plugin.save(image, lossless_jpeg=True)
    return yes(_given_back(data) == plugin.path("photo.jpg").read_bytes())


def _given_back(data: bytes) -> bytes:
    from eitherside import Codec

    with Codec() as codec:
        return codec.transcode(data, to="jpeg", jpeg="exact").image


@ROWS.row("… and given back")
def _jpeg_back(plugin: Plugin) -> str:
    image: Any = plugin.open("jpeg")
    image.load()
    jpeg = plugin.path("photo.jpg").read_bytes()
    if plugin.is_ours:
        return "`original_jpeg()`" if image.original_jpeg() == jpeg else NO
    return yes(jpeg in [value for value in vars(image).values() if isinstance(value, bytes)])


@ROWS.row("… of an image changed since")
def _jpeg_changed(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image:
        image.paste((255, 0, 0), (0, 0, 60, 45))
        data = plugin.save(image, lossless_jpeg=True)
    return "the change is lost" if _given_back(data) == plugin.path("photo.jpg").read_bytes() else "changed"


@ROWS.row("an image of a JPEG file, by default")
def _jpeg_default(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        data = plugin.save(image)
    what = "the file" if b"jbrd" in data else "its pixels"
    return f"{what}, with a warning" if told else what


@ROWS.row("encoder options")
def _options(plugin: Plugin) -> str:
    if plugin.is_ours:
        from eitherside.pillow import calls

        return str(len(calls.encoder_options()))
    text = inspect.getsource(sys.modules["pillow_jxl.JpegXLImagePlugin"]._save)
    return str(len(set(re.findall(r'info\.get\("(\w+)"', text))))


@ROWS.row("`target_ssimulacra2=60`")
def _target(plugin: Plugin) -> str:
    image = image_of("RGB")
    return "ignored" if plugin.save(image, target_ssimulacra2=60) == plugin.save(image) else "searched"


@ROWS.row("an option misspelt: `qualty=5`")
def _misspelt(plugin: Plugin) -> str:
    try:
        plugin.save(image_of("RGB"), qualty=5)
    except TypeError as error:
        return "`TypeError`, naming it" if "qualty" in str(error) else "`TypeError`"
    return "ignored"


@ROWS.row("`quality=500`")
def _out_of_range(plugin: Plugin) -> str:
    plugin.save(image_of("RGB"), quality=500)
    return "accepted"
