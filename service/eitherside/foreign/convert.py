"""From a file of Pillow's to PNG, and from PNG to a file of Pillow's."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

if TYPE_CHECKING or __package__:
    from .metadata import TIFF_XMP, XMP_KEYWORD, metadata
    from .refused import Refused, plain
else:
    from metadata import TIFF_XMP, XMP_KEYWORD, metadata
    from refused import Refused, plain

NEW_SUBFILE_TYPE = 254
BITS_PER_SAMPLE = 258
COMPRESSIONS = {"deflate": "tiff_adobe_deflate", "lzw": "tiff_lzw", "packbits": "packbits", "none": None}
PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
# Modes that another one holds without losing anything.
EQUAL_MODES = {
    "RGBX": "RGB",
    "RGBa": "RGBA",
    "La": "LA",
    "PA": "RGBA",
    "YCbCr": "RGB",
    "I;16B": "I;16",
    "I;16L": "I;16",
    "I;16N": "I;16",
}


def open_image(data: bytes, plugin: str) -> Image.Image:
    """Opens `data` with one plugin and decodes its first frame.

    Raises:
        Refused: it is broken, cut off or too large.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(BytesIO(data), formats=[plugin])
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(
            "too_large", f"the image has more than the {Image.MAX_IMAGE_PIXELS} pixels that are allowed"
        ) from None
    except UnidentifiedImageError:
        raise Refused("corrupt", f"the file begins like {plugin} but cannot be read as such") from None
    except MemoryError:
        raise
    except EOFError:
        raise Refused("truncated", "the file ends before the image does") from None
    except Exception as error:  # noqa: BLE001 -- a hostile file may raise anything
        code = "truncated" if "truncated" in str(error) else "corrupt"
        raise Refused(code, f"the file cannot be read: {plain(error)}") from None
    return image


def to_png(data: bytes, plugin: str, max_frames: int, max_pixels: int) -> tuple[dict[str, Any], bytes]:
    """Turns a file that `plugin` reads into a PNG (APNG where animated) with profile and metadata."""
    image = open_image(data, plugin)
    count = _frame_count(image, max_frames, max_pixels)
    icc, exif, xmp = metadata(image)
    _check_depth(image)
    if count == 1:
        pictures, durations = [_presentable(image)], [0]
    else:
        pictures, durations = _all_frames(image, count)
    saved = BytesIO()
    options: dict[str, Any] = {"format": "PNG", "compress_level": 1}
    if icc and image.mode != "CMYK":
        options["icc_profile"] = icc
    if exif:
        options["exif"] = exif
    if xmp:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt(XMP_KEYWORD, xmp.decode("utf-8", "replace"))
        options["pnginfo"] = info
    if count > 1:
        options |= {
            "save_all": True,
            "append_images": pictures[1:],
            "duration": durations,
            "loop": image.info.get("loop", 0),
        }
    pictures[0].info.pop("icc_profile", None)
    pictures[0].save(saved, **options)
    return {"frames": count}, saved.getvalue()


def from_png(
    png: bytes, plugin: str, options: dict[str, Any], max_frames: int, max_pixels: int
) -> tuple[dict[str, Any], bytes]:
    """Turns a PNG or APNG into a file that `plugin` writes, upright, with profile and metadata."""
    from PIL import Image

    if plugin == "TIFF" and len(png) > 25 and png[24] == 16 and png[25] != 0:
        raise Refused(
            "unsupported",
            "the image has 16-bit colour samples, and Pillow writes colour TIFF with 8 bits alone",
        )
    image = open_image(png, "PNG")
    count = _frame_count(image, max_frames, max_pixels)
    if count > 1 and (plugin == "TIFF" or plugin not in Image.SAVE_ALL):
        raise Refused(
            "unsupported", f"the image is an animation of {count} frames, which {plugin} output cannot be"
        )
    icc, exif, xmp = metadata(image)
    saved = BytesIO()
    arguments: dict[str, Any] = {"format": plugin, **options}
    if plugin == "TIFF":
        arguments["compression"] = COMPRESSIONS[options["compression"]]
    found = {"icc_profile": icc, "exif": exif, "xmp": xmp}
    arguments |= {name: value for name, value in found.items() if value}
    if plugin == "TIFF" and xmp:
        from PIL import TiffImagePlugin

        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags.tagtype[TIFF_XMP] = 1
        tags[TIFF_XMP] = arguments.pop("xmp")
        arguments["tiffinfo"] = tags
    if count > 1:
        pictures, durations = _all_frames(image, count)
        arguments |= {
            "save_all": True,
            "append_images": pictures[1:],
            "duration": durations,
            "loop": image.info.get("loop", 0),
        }
        first = pictures[0]
    else:
        first = _upright(image)
    if plugin != "TIFF" and first.mode == "I;16":
        # Pillow's own conversion clips at 255 instead of scaling.
        first = first.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    first.save(saved, **arguments)
    return {"frames": count}, saved.getvalue()


def _frame_count(image: Image.Image, max_frames: int, max_pixels: int) -> int:
    frames = int(getattr(image, "n_frames", 1))
    if image.format == "TIFF":
        _one_page(image, frames)
        return 1
    if frames > max_frames:
        raise Refused(
            "too_large", f"the image has {frames} frames, more than the {max_frames} that are allowed"
        )
    # All frames are held at once, so the limit of pixels is one of their sum.
    if frames * image.width * image.height > max_pixels:
        raise Refused(
            "too_large",
            f"the {frames} frames have more than the {max_pixels} pixels together that are allowed",
        )
    return frames


def _one_page(image: Image.Image, frames: int) -> None:
    """Refuses a TIFF of several pages: which one was meant is not ours to guess. Thumbnails do not count."""
    if frames == 1:
        return
    pages = 0
    for index in range(min(frames, 64)):
        image.seek(index)
        pages += not int(image.tag_v2.get(NEW_SUBFILE_TYPE, 0)) & 5  # type: ignore[attr-defined]
        if pages > 1:
            raise Refused("unsupported", "the TIFF has several pages; give one of them")
    image.seek(0)
    image.load()


def _check_depth(image: Image.Image) -> None:
    """Refuses samples that Pillow would silently cut to 8 bits."""
    if image.format == "TIFF":
        bits = image.tag_v2.get(BITS_PER_SAMPLE, (8,))  # type: ignore[attr-defined]
        deepest = max(bits if isinstance(bits, tuple) else (bits,))
        if deepest > 8 and image.mode not in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
            raise Refused(
                "unsupported",
                f"the TIFF has {deepest} bits for each colour sample, of which Pillow would keep 8",
            )


def _presentable(image: Image.Image) -> Image.Image:
    """Returns the frame upright and in a mode that PNG has.

    Raises:
        Refused: PNG has no such samples.
    """
    upright = _upright(image)
    mode = upright.mode
    if mode in PNG_MODES:
        return upright
    if mode == "CMYK":
        return _from_cmyk(upright)
    if mode in EQUAL_MODES:
        return upright.convert(EQUAL_MODES[mode])
    raise Refused("unsupported", f"samples of the kind {mode} cannot be carried over")


def _from_cmyk(image: Image.Image) -> Image.Image:
    icc = image.info.get("icc_profile")
    if not icc:
        raise Refused("unsupported", "the image is CMYK without an ICC profile, so its colours are not known")
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(icc))
        return (
            ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            or image
        )
    except ImageCms.PyCMSError:
        raise Refused("corrupt", "the image's ICC profile cannot be used") from None


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _all_frames(image: Image.Image, count: int) -> tuple[list[Image.Image], list[int]]:
    from PIL import Image as Images

    pictures: list[Image.Image] = []
    durations: list[int] = []
    for index in range(count):
        try:
            image.seek(index)
            image.load()
        except MemoryError:
            raise
        except (EOFError, OSError, SyntaxError, ValueError, Images.DecompressionBombError) as error:
            raise Refused("corrupt", f"frame {index} cannot be read: {plain(error)}") from None
        durations.append(round(image.info.get("duration", 0)))
        pictures.append(_presentable(image))
    return pictures, durations
