"""What a plugin does, row by row: a program that has one plugin registered and writes down what it found.

``python -m pillow.rows PLUGIN FOLDER`` prints a JSON object of a cell for each row; PLUGIN is
``eitherside.pillow`` or ``pillow_jxl``, FOLDER has the files of `pillow.files`. A process of its own, as both
register the same format.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import io
import json
import os
import pickle
import re
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile, ImageOps

from support.images import picture

OURS, PEER = "eitherside.pillow", "pillow_jxl"
NO = "no"

Row = Callable[["Plugin"], str]
ROWS: dict[str, Row] = {}
"""What is looked at, by the text of the table's first column."""


class Plugin:
    """A registered plugin and the folder of files."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.module = importlib.import_module(name)

    @property
    def is_ours(self) -> bool:
        return self.name == OURS

    def path(self, name: str) -> Path:
        return self.folder / name

    def open(self, name: str) -> Image.Image:
        return Image.open(self.path(f"{name}.jxl"))

    def expected(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = np.load(self.path(f"{name}.npy"))
        return found

    def save(self, image: Image.Image, **options: Any) -> bytes:
        file = io.BytesIO()
        image.save(file, "JXL", **options)
        return file.getvalue()

    def again(self, image: Image.Image, **options: Any) -> Image.Image:
        found = Image.open(io.BytesIO(self.save(image, **options)))
        found.load()
        return found

    def modules(self) -> Iterator[ModuleType]:
        for name, module in list(sys.modules.items()):
            if name == self.name or name.startswith(f"{self.name}."):
                yield module


def row(text: str) -> Callable[[Row], Row]:
    """Adds a row; an exception that it lets out is its cell."""

    def added(function: Row) -> Row:
        ROWS[text] = function
        return function

    return added


def outcome(work: Callable[[], str]) -> str:
    """Returns what `work` does, or the name of the exception that ends it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work()
    except Exception as error:  # noqa: BLE001 -- what it is goes into the table
        return f"`{type(error).__name__}`"


def yes(found: object, otherwise: str = NO) -> str:
    return "yes" if found else otherwise


class Counted(io.BytesIO):
    """A file that counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


@row("`open` reads")
def _lazy(plugin: Plugin) -> str:
    file = Counted(plugin.path("large.jxl").read_bytes())
    Image.open(file)
    size = len(file.getvalue())
    return f"{file.count} of {size} bytes" if file.count < size else f"all {size} bytes"


@row("pixels are decoded by")
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
    row(f"opened as: {_text}")(_opens(_name))


def _image(mode: str) -> Image.Image:
    if mode == "CMYK":
        return Image.fromarray(picture(31, 23, 4), "CMYK")
    if mode == "1":
        return Image.fromarray(picture(31, 23, 1)[..., 0] > 127)
    if mode == "I;16":
        return Image.fromarray(picture(31, 23, 1, "u16")[..., 0])
    if mode == "I":
        return Image.fromarray(picture(31, 23, 1, "u16")[..., 0].astype("i4"))
    if mode == "F":
        return Image.fromarray(picture(31, 23, 1, "f32")[..., 0])
    if mode == "P":
        return Image.fromarray(picture(31, 23, 3)).quantize(40)
    if mode == "P with transparency":
        image = Image.fromarray(picture(31, 23, 3)).quantize(40)
        image.info["transparency"] = 3
        return image
    return Image.fromarray(picture(31, 23, len(mode)).squeeze(), mode)


def _saves(mode: str) -> Row:
    def found(plugin: Plugin) -> str:
        image = _image(mode)
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
    row(f"mode {_name} is kept")(_saves(_name))


@row("frames of an animation of 3")
def _frames(plugin: Plugin) -> str:
    image = plugin.open("animation")
    return f"{image.n_frames}"  # type: ignore[attr-defined]


@row("`seek`, in any order")
def _seek(plugin: Plugin) -> str:
    image = plugin.open("animation")
    for number in (2, 0, 1, 1, 0, 2):
        image.seek(number)
        if image.tell() != number or not np.array_equal(
            np.asarray(image), plugin.expected("animation")[number]
        ):
            return NO
    return "yes"


@row("durations and loops in `info`")
def _durations(plugin: Plugin) -> str:
    image = plugin.open("animation")
    if "duration" not in image.info:
        return NO
    found = []
    for number in range(3):
        image.seek(number)
        found.append(image.info["duration"])
    return f"{', '.join(map(str, found))} ms, {image.info['loop']} loops"


@row("`save_all` with `duration` and `loop`")
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


@row("ICC profile of a file in Display P3")
def _icc_opened(plugin: Plugin) -> str:
    return "in `info`" if _is_p3(plugin, plugin.open("p3")) else NO


@row("`icc_profile` is saved")
def _icc_saved(plugin: Plugin) -> str:
    profile = plugin.path("p3.icc").read_bytes()
    return yes(_is_p3(plugin, plugin.again(_image("RGB"), icc_profile=profile)))


@row("an image's own profile is saved")
def _icc_kept(plugin: Plugin) -> str:
    profile = plugin.path("p3.icc").read_bytes()
    image = _image("RGB")
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


@row("Exif of a file")
def _exif_opened(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    is_there = image.info.get("exif") == plugin.path("plain.exif").read_bytes()
    return "in `info`, `getexif()`" if is_there and image.getexif()[0x010F] == "Eitherside" else NO


@row("`exif` is saved")
def _exif_saved(plugin: Plugin) -> str:
    exif = plugin.path("plain.exif").read_bytes()
    return yes(plugin.again(_image("RGB"), exif=exif).info.get("exif") == exif)


@row("Exif is saved without being passed")
def _exif_kept(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    return yes(plugin.again(image).getexif().get(0x010F), "no, as with WebP and AVIF")


@row("a turned picture, after `exif_transpose`")
def _turned(plugin: Plugin) -> str:
    image = ImageOps.exif_transpose(plugin.open("turned"))
    right = plugin.expected("turned")
    is_right = image.size == right.shape[1::-1] and np.array_equal(np.asarray(image), right)
    return "upright" if is_right else "not upright"


@row("… that has no Exif")
def _turned_alone(plugin: Plugin) -> str:
    image = ImageOps.exif_transpose(plugin.open("turned_alone"))
    return "upright" if image.size == plugin.expected("turned").shape[1::-1] else "not upright"


@row("XMP of a file")
def _xmp_opened(plugin: Plugin) -> str:
    image = plugin.open("metadata")
    is_there = image.info.get("xmp") == _xmp(plugin)
    return "in `info`, `getxmp()`" if is_there and "xmpmeta" in image.getxmp() else NO


@row("`xmp` is saved")
def _xmp_saved(plugin: Plugin) -> str:
    return yes(_xmp(plugin) in plugin.save(_image("RGB"), xmp=_xmp(plugin)))


def _xmp(plugin: Plugin) -> bytes:
    return plugin.path("plain.xmp").read_bytes()


@row("Exif behind the pixels")
def _exif_behind(plugin: Plugin) -> str:
    return yes(plugin.open("behind").getexif().get(0x010F))


@row("a JPEG file is carried without loss")
def _carried(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image:
        data = plugin.save(image, lossless_jpeg=True)
    return yes(_given_back(data) == plugin.path("photo.jpg").read_bytes())


def _given_back(data: bytes) -> bytes:
    from eitherside import Codec

    with Codec() as codec:
        return codec.transcode(data, to="jpeg", jpeg="exact").image


@row("… and given back")
def _jpeg_back(plugin: Plugin) -> str:
    image: Any = plugin.open("jpeg")
    image.load()
    jpeg = plugin.path("photo.jpg").read_bytes()
    if plugin.is_ours:
        return "`original_jpeg()`" if image.original_jpeg() == jpeg else NO
    return yes(jpeg in [value for value in vars(image).values() if isinstance(value, bytes)])


@row("… of an image changed since")
def _jpeg_changed(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image:
        image.paste((255, 0, 0), (0, 0, 60, 45))
        data = plugin.save(image, lossless_jpeg=True)
    return "the change is lost" if _given_back(data) == plugin.path("photo.jpg").read_bytes() else "changed"


@row("an image of a JPEG file, by default")
def _jpeg_default(plugin: Plugin) -> str:
    with Image.open(plugin.path("photo.jpg")) as image, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        data = plugin.save(image)
    what = "the file" if b"jbrd" in data else "its pixels"
    return f"{what}, with a warning" if told else what


@row("encoder options")
def _options(plugin: Plugin) -> str:
    if plugin.is_ours:
        from eitherside.pillow import calls

        return str(len(calls.encoder_options()))
    text = inspect.getsource(sys.modules["pillow_jxl.JpegXLImagePlugin"]._save)
    return str(len(set(re.findall(r'info\.get\("(\w+)"', text))))


@row("`target_ssimulacra2=60`")
def _target(plugin: Plugin) -> str:
    image = _image("RGB")
    return "ignored" if plugin.save(image, target_ssimulacra2=60) == plugin.save(image) else "searched"


@row("an option misspelt: `qualty=5`")
def _misspelt(plugin: Plugin) -> str:
    try:
        plugin.save(_image("RGB"), qualty=5)
    except TypeError as error:
        return "`TypeError`, naming it" if "qualty" in str(error) else "`TypeError`"
    return "ignored"


@row("`quality=500`")
def _out_of_range(plugin: Plugin) -> str:
    plugin.save(_image("RGB"), quality=500)
    return "accepted"


@row("a file that is cut off")
def _truncated(plugin: Plugin) -> str:
    plugin.open("truncated").load()
    return "a picture"


@row("… with `LOAD_TRUNCATED_IMAGES`")
def _cut(plugin: Plugin) -> str:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = plugin.open("truncated").convert("RGB")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    right = np.asarray(plugin.open("whole").convert("RGB"), int)
    top = np.abs(np.asarray(image, int) - right)[:128].mean()
    return "what there is" if top < 8 else "a blank picture"


@row("a file that is no picture")
def _bad(plugin: Plugin) -> str:
    try:
        plugin.open("bad")
    except OSError as error:
        has_reason = bool(re.search(r"\.jxl'?: \w", str(error)))
        return f"`{type(error).__name__}`" + (", with the reason" if has_reason else "")
    return "opened"


@row("`verify()` of a file that is cut off")
def _verified(plugin: Plugin) -> str:
    plugin.open("truncated").verify()
    return "nothing"


@row("more than twice `MAX_IMAGE_PIXELS`")
def _bomb(plugin: Plugin) -> str:
    usual, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, 512 * 512 // 2 - 1
    try:
        plugin.open("large")
        return "opened"
    except Image.DecompressionBombError:
        # Where the damaged pixels of such a picture are what fails, they were decoded first.
        try:
            plugin.open("damaged")
        except Image.DecompressionBombError:
            return "refused before decoding"
        except Exception:  # noqa: BLE001
            return "refused after decoding"
        return "opened"
    finally:
        Image.MAX_IMAGE_PIXELS = usual


@row("a picture of 27 MB, a ceiling of 24 MiB")
def _ceiling(plugin: Plugin) -> str:
    if plugin.is_ours:
        from eitherside import Codec, Settings
        from eitherside.pillow import use

        with Codec(settings=Settings.load(memory_per_call="24MiB")) as small:
            use(small)
            try:
                plugin.open("flat").load()
            except OSError as error:
                return "`OSError`" if "memory" in str(error) else str(error)
            finally:
                use(None)
        return "decoded"
    # From here on the peak is counted anew.
    Path("/proc/self/clear_refs").write_text("5")
    before = _peak()
    plugin.open("flat").load()
    took = _peak() - before
    return "no ceiling" if took > 24 << 20 else "less was taken"


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


@row("the decoder runs")
def _where(plugin: Plugin) -> str:
    native = [
        each for each in plugin.modules() if str(getattr(each, "__file__", "")).endswith((".so", ".pyd"))
    ]
    return "as native code of the process" if native else "in WebAssembly"


@row("8 threads")
def _threads(plugin: Plugin) -> str:
    def opened(_: int) -> bool:
        return np.array_equal(np.asarray(plugin.open("large")), plugin.expected("large"))

    with ThreadPoolExecutor(8) as threads:
        return yes(all(threads.map(opened, range(16))))


@row("Python goes on while pixels are decoded")
def _gil(plugin: Plugin) -> str:
    # Held in all of three tries, or it is not held.
    return yes(any(_goes_on(plugin) for _ in range(3)))


def _goes_on(plugin: Plugin) -> bool:
    times: list[float] = []

    def decode() -> None:
        began = time.perf_counter()
        plugin.open("flat").load()
        times.append(time.perf_counter() - began)

    thread = threading.Thread(target=decode)
    longest, last = 0.0, time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest < times[0] / 2


@row("after a fork")
def _forked(plugin: Plugin) -> str:
    plugin.open("rgb").load()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            same = np.array_equal(np.asarray(plugin.open("rgb")), plugin.expected("rgb"))
            os._exit(0 if same else 1)
        except BaseException:  # noqa: BLE001 -- nothing may go on in the child
            os._exit(2)
    return yes(os.waitpid(child, 0)[1] == 0)


@row("pickling an image")
def _pickled(plugin: Plugin) -> str:
    again = pickle.loads(pickle.dumps(plugin.open("rgb")))  # noqa: S301 -- ours
    return yes(np.array_equal(np.asarray(again), plugin.expected("rgb")))


@row("functions with types for all they take and give")
def _typed(plugin: Plugin) -> str:
    found = {}
    for module in plugin.modules():
        for owner in (module, *(each for each in vars(module).values() if inspect.isclass(each))):
            for each in vars(owner).values():
                plain = (
                    each.fget
                    if isinstance(each, property)
                    else inspect.unwrap(each)
                    if callable(each)
                    else each
                )
                # Not what dataclasses make for themselves.
                if inspect.isfunction(plain) and plain.__code__.co_filename == module.__file__:
                    found[f"{plain.__module__}.{plain.__qualname__}"] = _is_typed(plain)
    return f"{sum(found.values())} of {len(found)}" if not all(found.values()) else "all"


def _is_typed(function: Any) -> bool:
    told = inspect.signature(function)
    items = [item for item in told.parameters.values() if item.name not in ("self", "cls")]
    empty = inspect.Parameter.empty
    return told.return_annotation is not empty and all(item.annotation is not empty for item in items)


_DISTRIBUTIONS = {OURS: "eitherside", PEER: "pillow-jxl-plugin"}


@row("runs on Python")
def _python(plugin: Plugin) -> str:
    return (
        importlib.metadata.metadata(_DISTRIBUTIONS[plugin.name])["Requires-Python"].removeprefix(">=")
        + " or later"
    )


@row("packages that it needs")
def _needs(plugin: Plugin) -> str:
    needed = importlib.metadata.requires(_DISTRIBUTIONS[plugin.name]) or []
    names = {re.split(r"[^\w-]", each)[0] for each in needed if "extra ==" not in each}
    return str(len(names | {"pillow"}))


def main() -> None:
    """Prints the cells of all rows."""
    plugin = Plugin(sys.argv[1], Path(sys.argv[2]))
    cells = {text: outcome(lambda work=work: work(plugin)) for text, work in ROWS.items()}  # type: ignore[misc]
    print(json.dumps(cells, ensure_ascii=False))


if __name__ == "__main__":
    main()
