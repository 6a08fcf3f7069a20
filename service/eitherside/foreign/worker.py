"""What runs in a process of its own: reads one request from standard input, writes one answer, ends.

Started by its path, not as part of the package, so nothing but the standard library and Pillow is loaded. It
is handed hostile files: before Pillow is touched, the process gives up what it does not need.
"""

from __future__ import annotations

import os
import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING or __package__:
    from . import frames
else:
    sys.path.insert(0, str(Path(__file__).parent))
    import frames

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION = 0x0112
NEW_SUBFILE_TYPE = 254
BITS_PER_SAMPLE = 258
TIFF_XMP = 700
EXIF_PREFIX = b"Exif\0\0"
XMP_KEYWORD = "XML:com.adobe.xmp"
COMPRESSIONS = {"deflate": "tiff_adobe_deflate", "lzw": "tiff_lzw", "packbits": "packbits", "none": None}
MODULES = {
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
}
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


class Refused(Exception):
    """The request cannot be answered: a code and a message."""

    def __init__(self, code: str, message: str, option: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.option = option


def limit(memory: int, seconds: int) -> None:
    """Limits this process: address space in bytes, processor time in seconds, no files, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def close_off() -> None:
    """Lets this process open nothing more: no file, no socket. What it needs is loaded."""
    from PIL import ImageChops, ImageCms, ImageOps, ImagePalette, ImageSequence  # noqa: F401

    # Codecs that are looked up by name when they are first used.
    for encoding in ("latin-1", "ascii", "utf-8", "utf-16", "unicode_escape"):
        "".encode(encoding)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def start_pillow(plugins: list[str], max_pixels: int) -> None:
    """Loads the named plugins and PNG's, no others; Pillow's warning about huge images becomes an error."""
    import importlib

    from PIL import Image, ImageFile

    # Pillow would otherwise load every plugin it has at the first file that none of the loaded ones claims.
    Image._initialized = 2
    wanted = {"PNG", *plugins}
    # Exif is read by code of the TIFF plugin, which must open no file where it was not asked for.
    for plugin in sorted(wanted | {"TIFF"}):
        importlib.import_module(f"PIL.{MODULES[plugin]}")
    for plugin in set(Image.ID) - wanted:
        Image.ID.remove(plugin)
        Image.OPEN.pop(plugin, None)
    Image.MAX_IMAGE_PIXELS = max_pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if "AVIF" in plugins:
        from PIL import AvifImagePlugin

        # Threads would share the processor time of this process, and cost address space each.
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def probe(plugins: list[str]) -> dict[str, Any]:
    """Tells Pillow's version, and which plugins this build of Pillow reads and writes."""
    import PIL
    from PIL import Image, features

    start_pillow(plugins, 1)
    libraries = {name: features.version(name) for name in ("webp", "avif", "libtiff") if features.check(name)}
    needs = {"WEBP": "webp", "AVIF": "avif", "TIFF": "libtiff"}
    usable = [
        name for name in plugins if name in Image.OPEN and (name not in needs or features.check(needs[name]))
    ]
    return {
        "version": PIL.__version__,
        "libraries": libraries,
        "reads": usable,
        "writes": [n for n in usable if n in Image.SAVE],
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
        raise Refused(code, f"the file cannot be read: {_plain(error)}") from None
    return image


def to_png(data: bytes, plugin: str, max_frames: int, max_pixels: int) -> tuple[dict[str, Any], bytes]:
    """Turns a file that `plugin` reads into a PNG (APNG where animated) with profile and metadata."""
    image = open_image(data, plugin)
    count = _frame_count(image, max_frames, max_pixels)
    icc, exif, xmp = _metadata(image)
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
    """Turns a PNG or APNG into a file that `plugin` writes, with profile and metadata."""
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
    icc, exif, xmp = _metadata(image)
    saved = BytesIO()
    arguments: dict[str, Any] = {"format": plugin, **options}
    if plugin == "TIFF":
        arguments["compression"] = COMPRESSIONS[options["compression"]]
    # The samples are upright already, so an orientation left in the Exif would turn them again.
    exif = _without_orientation(exif)
    metadata = {"icc_profile": icc, "exif": exif, "xmp": xmp}
    arguments |= {name: value for name, value in metadata.items() if value}
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


def _plain(error: Exception) -> str:
    """Returns an error's text on one line, without addresses or paths, short."""
    text = " ".join(str(error).split())
    return text[:200] if text and "<" not in text else type(error).__name__


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
            raise Refused("corrupt", f"frame {index} cannot be read: {_plain(error)}") from None
        durations.append(round(image.info.get("duration", 0)))
        pictures.append(_presentable(image))
    return pictures, durations


def _metadata(image: Image.Image) -> tuple[bytes, bytes, bytes]:
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
    return bytes(icc), _without_orientation(bytes(exif)), xmp.rstrip(b"\0")


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


def _without_orientation(exif: bytes) -> bytes:
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


def answer(head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Does what the request `head` asks."""
    if head["do"] == "probe":
        return probe(head["plugins"]), b""
    start_pillow([head["plugin"]], head["max_pixels"])
    close_off()
    limits = {"max_frames": head["max_frames"], "max_pixels": head["max_pixels"]}
    if head["do"] == "to_png":
        return to_png(body, head["plugin"], **limits)
    return from_png(body, head["plugin"], head["options"], **limits)


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Answers one request."""
    result: dict[str, Any]
    data = b""
    try:
        head, body = frames.read(source)
        limit(head["memory"], head["seconds"])
        result, data = answer(head, body)
    except Refused as refused:
        result = {"error": refused.code, "message": str(refused), "option": refused.option}
    except MemoryError:
        result = {"error": "memory_limit", "message": "the image needs more memory than Pillow may use"}
    except Exception as error:  # noqa: BLE001 -- the parent needs an answer, whatever it is
        result = {"error": "internal", "message": f"Pillow failed: {_plain(error)}"}
    for piece in frames.pack(result, data):
        target.write(piece)
    target.flush()


if __name__ == "__main__":
    # Whatever a library prints must not get into the answer.
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    main(sys.stdin.buffer, answers)
