"""What runs in a process of its own: reads one request from standard input, writes one answer, ends.

Started by its path, not as part of the package, so nothing but the standard library and Pillow is loaded. It
is handed hostile files: before Pillow is touched, the process gives up what it does not need.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING or __package__:
    from . import frames
    from .convert import from_png, to_png
    from .refused import Refused, plain
else:
    # Last, so that no file here stands in for one of the standard library.
    sys.path.append(str(Path(__file__).parent))
    import frames
    from convert import from_png, to_png
    from refused import Refused, plain

MODULES = {
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
}


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
        result = {"error": "internal", "message": f"Pillow failed: {plain(error)}"}
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
