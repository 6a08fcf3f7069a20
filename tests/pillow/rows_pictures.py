"""Opening, modes and animations."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pillow.plugin import NO, Counted, Plugin, Row, Rows, image_of, yes
from support.images import picture

ROWS = Rows()


@ROWS.row("`open` reads")
def _lazy(plugin: Plugin) -> str:
    file = Counted(plugin.path("large.jxl").read_bytes())
    Image.open(file)
    size = len(file.getvalue())
    return f"{file.count} of {size} bytes" if file.count < size else f"all {size} bytes"


@ROWS.row("pixels are decoded by")
def _decoded_by(plugin: Plugin) -> str:
    try:
        image = plugin.open("damaged")
    except Exception:  # noqa: BLE001
        return "`open`"
    try:
        image.load()
    except OSError:
        return "`load`"
    return "nothing: damage goes unseen"


OPENED = {
    "bits": "grey, 1 bit",
    "grey": "grey, 8 bits",
    "grey10": "grey, 10 bits",
    "grey16": "grey, 16 bits",
    "float": "grey, 32-bit floats",
    "grey_alpha": "grey and alpha, 8 bits",
    "rgb": "RGB, 8 bits",
    "rgb16": "RGB, 16 bits",
    "rgba": "RGB and alpha, 8 bits",
    "premultiplied": "RGB multiplied by alpha",
    "cmyk": "CMYK",
}


def _opens(name: str) -> Row:
    def found(plugin: Plugin) -> str:
        image = plugin.open(name)
        array = np.asarray(image)
        if not plugin.path(f"{name}.npy").exists():
            return image.mode
        right = plugin.expected(name)
        if array.shape != right.shape:
            return f"{image.mode}, not all channels" if image.mode != "L" else "L"
        if array.dtype.kind == right.dtype.kind and np.abs(array.astype(float) - right).max() <= 1:
            return image.mode
        return f"{image.mode}, other values" if array.dtype == right.dtype else image.mode

    return found


for _name, _text in OPENED.items():
    ROWS.row(f"opened as: {_text}")(_opens(_name))


def _saves(mode: str) -> Row:
    def found(plugin: Plugin) -> str:
        image = image_of(mode)
        options = {"icc_profile": plugin.path("cmyk.icc").read_bytes()} if mode == "CMYK" else {}
        again = plugin.again(image, lossless=True, **options)
        if again.mode == image.mode:
            same = again.tobytes() == image.tobytes()
        else:
            same = again.tobytes() == image.convert(again.mode).tobytes()
        how = "exactly" if same else "with loss"
        return how if again.mode == image.mode else f"{how}, as {again.mode}"

    return found


for _name in ("1", "L", "LA", "P", "P with transparency", "RGB", "RGBA", "CMYK", "I;16", "I", "F"):
    ROWS.row(f"mode {_name} is kept")(_saves(_name))


@ROWS.row("frames of an animation of 3")
def _frames(plugin: Plugin) -> str:
    image = plugin.open("animation")
    return f"{image.n_frames}"  # type: ignore[attr-defined]


@ROWS.row("`seek`, in any order")
def _seek(plugin: Plugin) -> str:
    image = plugin.open("animation")
    for number in (2, 0, 1, 1, 0, 2):
        image.seek(number)
        if image.tell() != number or not np.array_equal(
            np.asarray(image), plugin.expected("animation")[number]
        ):
            return NO
    return "yes"


@ROWS.row("durations and loops in `info`")
def _durations(plugin: Plugin) -> str:
    image = plugin.open("animation")
    if "duration" not in image.info:
        return NO
    found = []
    for number in range(3):
        image.seek(number)
        found.append(image.info["duration"])
    return f"{', '.join(map(str, found))} ms, {image.info['loop']} loops"


@ROWS.row("`save_all` with `duration` and `loop`")
def _save_all(plugin: Plugin) -> str:
    frames = [Image.fromarray(picture(31, 23, 3, seed=seed)) for seed in range(3)]
    options = {"save_all": True, "append_images": frames[1:], "duration": [10, 20, 30], "loop": 3}
    again = plugin.again(frames[0], lossless=True, **options)
    found = []
    for number, frame in enumerate(frames):
        again.seek(number)
        if again.tobytes() != frame.tobytes():
            return NO
        found.append(again.info["duration"])
    return yes(found == [10, 20, 30] and again.info["loop"] == 3)
