"""The golden matrix: calls whose answers are the same bytes in every engine.

Most entries come from the interface: for each option of a function, on a base that the option has an effect
on, each value that its schema names. So a new option or value is a new entry, without a golden value until
somebody gives it one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eitherside.engines import Job
from eitherside.interface import Function, Interface
from support.conformance import CONFORMANCE

from .inputs import SUITE, data
from .pictures import HEIGHT, WIDTH

NOT_TOUCHED: Mapping[str, str] = {}
"""Options that no entry has, as ``function/option``, and why."""


@dataclass(frozen=True)
class Form:
    """How a module runs: with shared memory or not, and on how many threads; several always share memory."""

    shared: bool = False
    threads: int = 1

    def __str__(self) -> str:
        if self.threads > 1:
            return f"{self.threads} threads"
        return "shared memory" if self.shared else "shared bit cleared"


FORMS = (Form(), Form(shared=True), Form(threads=2), Form(threads=4))
"""The forms that all engines give the same bytes in."""


@dataclass(frozen=True)
class Entry:
    """A call: inputs are names of `inputs.data`; `pieces` as those of a job.

    Attributes:
        group: ``made`` for inputs that are always at hand, ``suite`` for bitstreams of the conformance suite.
    """

    function: str
    options: Mapping[str, Any]
    inputs: Mapping[str, Sequence[str]]
    pieces: tuple[int, ...] | None = None

    @property
    def id(self) -> str:
        """Its name in golden.json."""
        given = " ".join(name for names in self.inputs.values() for name in names)
        told = json.dumps(dict(self.options), separators=(",", ":")) if self.options else ""
        cut = "" if self.pieces is None else f"pushed {len(self.pieces) + 1} "
        return f"{self.function} {cut}{given} {told}".strip()

    @property
    def group(self) -> str:
        """Where its inputs are from."""
        names = [name for each in self.inputs.values() for name in each]
        return "suite" if any(name.startswith(SUITE) for name in names) else "made"

    def job(self, form: Form | None = None) -> Job:
        """Returns it as a job for an engine; in the form `Form()` where none is given."""
        form = form if form is not None else Form()
        given = {name: [data(each) for each in names] for name, names in self.inputs.items()}
        return Job(self.function, self.options, given, self.pieces, form.shared, threads=form.threads)


# Values of options whose schema names too many, or none that says much on a small picture.
_VALUES: Mapping[str, Sequence[Any]] = {
    "max_pixels": [100, 100_000],
    "max_frames": [1, 100],
    "distance": [0, 0.3, 4, 25],
    "quality": [10, 75, 100],
    "effort": [1, 2, 3, 4, 5, 6, 8, 9],
    "max_effort": [3, 10],
    "alpha_distance": [1, 8],
    "extra_distance": [1, 8],
    "photon_noise": [100, 6400],
    "intensity_target": [100, 1000],
    "bits_per_sample": [10, 12],
    "modular_palette_colours": [0, 64],
    "modular_global_palette_percent": [0, 80],
    "modular_group_palette_percent": [0, 80],
    "modular_colour_space": [0, 6, 41],
    "modular_tree_percent": [0, 100],
    "modular_previous_channels": [0, 2],
    "brotli_effort": [0, 11],
    "target_bytes": [700, 100_000],
    "target_butteraugli": [2],
    "target_ssimulacra2": [70],
    "group_order_centre": [[200, 100]],
    "extra_channels": [[{"type": "depth", "name": "far", "bits_per_sample": 5}]],
    "layers": [[{"name": "all"}]],
    "durations": [[0.25, 1, 0.04]],
    "loops": [7],
    "extra": [["*"], ["gold"], ["depth"]],
    "start": [1, 9],
    "count": [1, 2],
    "region": [[5, 7, 20, 11], [40, 30, 30, 30]],
    "crop": [[5, 7, 20, 11], [40, 30, 30, 30]],
    "exposure": [-1.5, 2],
    "metrics": [["psnr"], ["butteraugli", "ssimulacra2"], []],
    "orientation": [2, 3, 4, 5, 6, 7, 8],
}
_GIVEN = {"encode": {"width", "height", "channels", "type"}, "transcode": {"to"}, "edit": {"to"}}
_PIXELS = {"width": WIDTH, "height": HEIGHT}
_RGB: dict[str, Any] = {**_PIXELS, "channels": 3, "type": "u8"}
_QUALITIES: Sequence[dict[str, Any]] = ({"lossless": True}, {"distance": 1.5})


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


Base = tuple[dict[str, Any], dict[str, list[str]]]
_SAMPLES: Base = (_RGB, {"samples": ["raw:u8 3"]})
_ALPHA: Base = ({**_RGB, "channels": 4}, {"samples": ["raw:u8 4"]})
_LARGE: Base = ({**_RGB, "width": 280, "height": 264, "effort": 3}, {"samples": ["raw:u8 3 8 280 264"]})
_MOVING: Base = (
    {**_RGB, "durations": [0.1, 0.1, 0.1]},
    {"samples": [f"raw:u8 3 8 48 40 {n}" for n in (1, 2, 3)]},
)
_EXTRA: Base = (
    {**_RGB, "extra_channels": [{"type": "depth"}]},
    {"samples": ["raw:u8 3"], "extra": ["raw:u8 1 8 48 40 4"]},
)
_BOXES: Base = (
    {**_RGB, "compress_boxes": True},
    {"samples": ["raw:u8 3"], "exif": ["exif"], "xmp": ["xmp"], "jumbf": ["jumbf"]},
)
_FLOATS: Base = ({**_PIXELS, "channels": 3, "type": "u16", "lossless": True}, {"samples": ["raw:u16 3"]})
_LOSSLESS: Base = ({**_RGB, "lossless": True, "effort": 5}, {"samples": ["raw:u8 3"]})
_BRIGHT: Base = (
    {**_PIXELS, "channels": 3, "type": "u16", "colour": "rec2020_pq"},
    {"samples": ["raw:u16 3"]},
)

_ENCODE_BASES: Mapping[str, Base] = {
    "premultiplied": _ALPHA,
    "alpha_distance": _ALPHA,
    "keep_invisible": _ALPHA,
    "extra_distance": _EXTRA,
    "extra_resampling": _EXTRA,
    "extra_channels": _EXTRA,
    "bits_per_sample": _FLOATS,
    "intensity_target": _BRIGHT,
    "progressive": _LARGE,
    "progressive_dc": _LARGE,
    "progressive_ac": _LARGE,
    "group_order": _LARGE,
    "group_order_centre": ({**_LARGE[0], "group_order": "centre"}, _LARGE[1]),
    "buffering": _LARGE,
    "durations": _MOVING,
    "loops": _MOVING,
    "compress_boxes": _BOXES,
    "brotli_effort": _BOXES,
    "already_downsampled": ({**_RGB, "resampling": 2}, _SAMPLES[1]),
    "responsive": ({**_RGB, "mode": "modular", "distance": 2}, _SAMPLES[1]),
    "modular_lossy_palette": ({**_RGB, "mode": "modular", "distance": 2}, _SAMPLES[1]),
}
_DECODE_FILES: Mapping[str, Sequence[str]] = {
    "type": ("lossy.jxl", "lossless_f32.jxl", "lossless_grey12.jxl"),
    "range": ("lossless_grey12.jxl",),
    "channels": ("lossy_grey.jxl", "lossy_rgba.jxl"),
    "orientation": ("turned.jxl", "turned.jpg"),
    "colour": ("lossy.jxl", "p3.jxl", "pq.jxl", "lossless.jxl"),
    "intensity_target": ("pq.jxl", "hlg.jxl"),
    "alpha": ("premultiplied.jxl", "lossy_rgba.jxl"),
    "spot": ("channels.jxl",),
    "extra": ("channels.jxl",),
    "frames": ("animation.jxl", "anim.gif"),
    "start": ("animation.jxl",),
    "count": ("animation.jxl",),
    "coalesce": ("layers.jxl",),
    "region": ("lossy.jxl", "turned.jxl", "animation.jxl"),
    "prefix": ("half.jxl", "head.jxl", "lossy.jxl"),
    "detail": ("progressive.jxl", "lossy.jxl"),
}
_READ = _words("""
    lossy.jxl lossy_rgba.jxl lossy_grey.jxl lossless.jxl lossless_rgba16.jxl lossless_grey12.jxl
    lossless_f32.jxl lossless_f16.jxl modular.jxl premultiplied.jxl turned.jxl p3.jxl linear.jxl pq.jxl
    hlg.jxl animation.jxl layers.jxl channels.jxl boxes.jxl noisy.jxl smaller.jxl progressive.jxl
    squeezed.jxl from_jpeg.jxl rgb.jpg grey.jpg turned.jpg rgb.png rgba.png grey.png greya16.png
    rgb16.png anim.apng anim.gif grey.pgm rgb.ppm rgb10.ppm rgba.pam rgb.pfm grey.pfm
""")
_BAD = ("nothing", "text", "cut.png", "cut.jxl", "broken.jxl")
_SUITE = _words("""
    animation_icos4d animation_newtons_cradle cmyk_layers grayscale grayscale_jpeg lossless_pfm spot
    upsampling
""")


def values(name: str, schema: Mapping[str, Any]) -> list[Any]:
    """Returns the values of an option that are tried."""
    if "enum" in schema:
        return [value for value in schema["enum"] if value != schema.get("default")]
    if name in _VALUES:
        return list(_VALUES[name])
    if schema.get("type") == "boolean":
        return [not schema.get("default", False)]
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float):
        if schema.get("type") == "integer" and high - low <= 8:
            return [value for value in range(int(low), int(high) + 1) if value != schema.get("default")]
        return [low, high]
    return []


def matrix(interface: Interface) -> list[Entry]:
    """Returns the entries for a module's functions, those of the suite where it is at hand."""
    found: dict[str, Entry] = {}
    for entry in _entries(interface.functions):
        if entry.function in interface.functions:
            found.setdefault(entry.id, entry)
    return list(found.values())


def _entries(functions: Mapping[str, Function]) -> Iterator[Entry]:
    yield from _inspected()
    yield from _decoded(functions["decode"])
    yield from _encoded(functions["encode"])
    yield from _transcoded(functions["transcode"])
    if "compare" in functions:
        yield from _compared(functions["compare"])
    if "thumbnail" in functions:
        yield from _thumbnails(functions["thumbnail"])
    if "edit" in functions:
        yield from _edited(functions["edit"])
    if functions["decode"].pushed is not None:
        yield from _pushed()
    if CONFORMANCE.is_dir():
        yield from _of_suite()


def _one(function: str, name: str, options: Mapping[str, Any] | None = None) -> Entry:
    return Entry(function, options or {}, {"image": [name]})


def _inspected() -> Iterator[Entry]:
    for name in (*_READ, *_BAD, "exif.png"):
        yield _one("inspect", name)
    for name in ("lossy.jxl", "rgb.jpg", "rgb.png", "anim.gif", "progressive.jxl", "text"):
        yield _one("measure", name)
    for name in ("half.jxl", "head.jxl", "cut.png", "animation.jxl"):
        yield _one("inspect", name, {"prefix": True})
    for name in ("boxes.jxl", "exif.png", "from_jpeg.jxl", "p3.jxl"):
        yield _one("inspect", name, {"contents": True})
    for option in ("max_pixels", "max_frames"):
        for value in _VALUES[option]:
            yield _one("inspect", "animation.jxl", {option: value})


def _decoded(function: Function) -> Iterator[Entry]:
    for name in (*_READ, *_BAD):
        yield _one("decode", name)
    for option, schema in function.properties.items():
        for name in _DECODE_FILES.get(option, ("animation.jxl",)):
            for value in values(option, schema):
                if option == "colour" and value == "profile":
                    continue
                yield _one("decode", name, {option: value})
    for name in ("lossy.jxl", "pq.jxl", "lossless.jxl"):
        yield Entry("decode", {"colour": "profile"}, {"image": [name], "profile": ["p3.icc"]})
    yield Entry("decode", {"colour": "profile"}, {"image": ["lossy.jxl"]})
    yield _one("decode", "hlg.jxl", {"colour": "srgb", "type": "u8"})
    yield _one("decode", "channels.jxl", {"spot": "keep", "extra": ["*"], "type": "f32"})
    yield _one("decode", "layers.jxl", {"coalesce": False, "type": "f16"})
    yield _one(
        "decode", "lossy_rgba.jxl", {"channels": 4, "alpha": "straight", "colour": "srgb", "type": "u8"}
    )
    yield _one("decode", "lossy.jxl", {"no_such_option": 1})


def _encoded(function: Function) -> Iterator[Entry]:
    for kind in ("u8", "u16", "f16", "f32"):
        for channels in (1, 2, 3, 4):
            for more in _QUALITIES:
                options = {**_PIXELS, "channels": channels, "type": kind, **more}
                yield Entry("encode", options, {"samples": [f"raw:{kind} {channels}"]})
    for option, schema in function.properties.items():
        if option in _GIVEN["encode"]:
            continue
        base = _ENCODE_BASES.get(option, _LOSSLESS if option.startswith("modular_") else _SAMPLES)
        for value in values(option, schema):
            yield Entry("encode", {**base[0], option: value}, base[1])
    yield Entry("encode", {**_RGB, "effort": 10, "max_effort": 10}, _SAMPLES[1])
    yield Entry("encode", {**_RGB, "width": 47}, _SAMPLES[1])
    yield Entry("encode", _RGB, {**_SAMPLES[1], "icc": ["p3.icc"]})
    yield Entry("encode", _RGB, {**_SAMPLES[1], "gain_map": ["gain_map"]})
    spot = [{"type": "spot", "name": "gold", "spot": [0.8, 0.6, 0.1, 0.7]}, {"type": "depth", "dim_shift": 1}]
    yield Entry(
        "encode",
        {**_RGB, "extra_channels": spot, "extra_resampling": 2},
        {"samples": ["raw:u8 3"], "extra": ["raw:u8 1 8 48 40 4", "raw:u8 1 8 48 40 5"]},
    )
    for blend in ("replace", "add", "blend", "muladd", "mul"):
        above = {"width": 20, "height": 18, "x": 5, "y": -3, "blend": blend, "source": 1, "clamp": True}
        options = {**_ALPHA[0], "lossless": True, "layers": [{"save_as": 1, "name": "ground"}, above]}
        yield Entry("encode", options, {"samples": ["raw:u8 4", "raw:u8 4 8 20 18 2"]})


def _transcoded(function: Function) -> Iterator[Entry]:
    for to in ("jxl", "png", "apng", "jpeg", "pnm", "pfm"):
        for name in (
            "rgb.png",
            "rgba.png",
            "grey.png",
            "greya16.png",
            "rgb.jpg",
            "anim.gif",
            "lossy.jxl",
            "rgb.pfm",
        ):
            yield _one("transcode", name, {"to": to})
    for name in (
        "turned.jpg",
        "anim.apng",
        "animation.jxl",
        "layers.jxl",
        "channels.jxl",
        "boxes.jxl",
        "pq.jxl",
    ):
        yield _one("transcode", name, {"to": "jxl", "effort": 3})
    yield _one("transcode", "from_jpeg.jxl", {"to": "jpeg"})
    others = {"jpeg": "rgb.jpg", "metadata": "turned.jpg", "max_frames": "anim.gif"}
    for option, schema in function.properties.items():
        if option in _GIVEN["transcode"]:
            continue
        found = values(option, schema)
        # The encoder is the same as encode's, whose entries try every value.
        for value in found if option in others else found[-1:]:
            more: dict[str, Any] = {"lossless": True} if option.startswith("modular_") else {}
            more |= {"group_order": "centre"} if option == "group_order_centre" else {}
            yield _one("transcode", others.get(option, "rgba.png"), {"to": "jxl", **more, option: value})


def _compared(function: Function) -> Iterator[Entry]:
    pairs = [
        ("rgb.png", "lossy.jxl"), ("rgb.png", "rgb.jpg"), ("rgb.png", "rgb2.png"),
        ("rgb.png", "lossless.jxl"),
        ("rgba.png", "lossy_rgba.jxl"), ("grey.png", "lossy_grey.jxl"), ("pq.jxl", "pq.jxl"),
        ("animation.jxl", "animation.jxl"), ("rgb.png", "large.png"), ("rgb.png", "text"),
        ("anim.gif", "anim.apng"),
    ]  # fmt: skip
    for a, b in pairs:
        yield Entry("compare", {}, {"a": [a], "b": [b]})
    for option, schema in function.properties.items():
        given = {"a": ["rgb.png"], "b": ["lossy.jxl"]}
        if option in ("frames", "max_frames"):
            given = {"a": ["animation.jxl"], "b": ["animation.jxl"]}
        for value in values(option, schema):
            yield Entry("compare", {option: value}, given)


def _thumbnails(function: Function) -> Iterator[Entry]:
    size = {"width": 16, "height": 20}
    for name in (
        "rgb.png",
        "lossy.jxl",
        "turned.jpg",
        "rgba.png",
        "grey.png",
        "progressive.jxl",
        "animation.jxl",
        "pq.jxl",
    ):
        yield _one("thumbnail", name, size)
    for option, schema in function.properties.items():
        if option in size:
            yield _one("thumbnail", "rgb.png", {option: 7})
            continue
        name = "progressive.jxl" if option == "source" else "rgb.png"
        box = {"width": 100, "height": 90} if option == "upscale" else size
        for value in values(option, schema)[:4]:
            yield _one("thumbnail", name, {**box, option: value})


def _edited(function: Function) -> Iterator[Entry]:
    exact = {"to": "jxl", "lossless": True, "effort": 3}
    for name in (
        "rgb.png",
        "rgba.png",
        "greya16.png",
        "rgb10.ppm",
        "rgb.pfm",
        "turned.jpg",
        "lossy.jxl",
        "lossless_rgba16.jxl",
        "lossless_f16.jxl",
        "premultiplied.jxl",
        "p3.jxl",
        "pq.jxl",
        "hlg.jxl",
        "animation.jxl",
        "anim.gif",
        "channels.jxl",
        "text",
    ):
        yield _one("edit", name, {**exact, "crop": [5, 7, 30, 20], "rotate": 90})
        yield _one("edit", name, {**exact, "exposure": 0.75})
        yield _one("edit", name, {**exact, "width": 18, "height": 30})
    everything = {"crop": [4, 3, 40, 30], "rotate": 270, "mirror": True, "exposure": -0.5, "height": 25}
    for to in ("jxl", "png", "apng", "jpeg", "pnm", "pfm"):
        for name in ("rgba.png", "animation.jxl", "pq.jxl"):
            yield _one("edit", name, {"to": to, **everything})
    for option, schema in function.properties.items():
        if option in _GIVEN["edit"]:
            continue
        if option in ("width", "height", "filter", "upscale"):
            box = {"height": 60} if option == "upscale" else {"height": 21}
            for value in [22] if option in ("width", "height") else values(option, schema):
                yield _one("edit", "rgb.png", {**exact, **box, option: value})
            continue
        found = values(option, schema)
        # The encoder is the same as encode's, whose entries try every value.
        steps = option in ("crop", "rotate", "mirror", "exposure")
        for value in found if steps else found[-1:]:
            more: dict[str, Any] = {"lossless": True} if option.startswith("modular_") else {"mirror": True}
            more |= {"group_order": "centre"} if option == "group_order_centre" else {}
            name = (
                "anim.gif" if option == "max_frames" else "turned.jpg" if option == "metadata" else "rgba.png"
            )
            yield _one("edit", name, {"to": "jxl", "effort": 3, **more, option: value})


def _pushed() -> Iterator[Entry]:
    for name, pieces in (
        ("progressive.jxl", (100, 2000, 3000, 4000)),
        ("squeezed.jxl", (50, 1000, 5000)),
        ("lossy.jxl", (1, 1, 1, 500)),
        ("animation.jxl", (1000, 1500, 1500)),
        ("boxes.jxl", (300,)),
        ("cut.jxl", (700,)),
        ("broken.jxl", (900,)),
        ("rgb.png", (3000,)),
        ("lossless_rgba16.jxl", ()),
    ):
        yield Entry("decode", {}, {"image": [name]}, pieces)
    options = {"type": "u8", "channels": 4, "colour": "srgb"}
    yield Entry("decode", options, {"image": ["progressive.jxl"]}, tuple([1500] * 12))
    yield Entry("decode", {"frames": "first", "type": "f16"}, {"image": ["animation.jxl"]}, (2000,))


def _of_suite() -> Iterator[Entry]:
    for name in _SUITE:
        for options in (
            {},
            {"type": "u8", "channels": 4, "colour": "srgb"} if name != "cmyk_layers" else {"type": "f32"},
        ):
            yield _one("decode", SUITE + name, {**options, "frames": "first"})
        yield _one("inspect", SUITE + name, {"contents": True})
    yield _one("transcode", f"{SUITE}grayscale_jpeg", {"to": "jpeg"})
