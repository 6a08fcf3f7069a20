"""Measures what calls really cost, for the simulation of placement (`make bench-placement`).

Each case is made at sizes of about 1 kB to 10 MB of input and called several times in wasmtime, one call at a
time on one thread. Written down are the facts from which the interface's `cost` is evaluated (options, sizes,
the measured record), the bytes that came out and the milliseconds of each run, so that the simulation has
real deviations from the formula and a real spread.

    python tests/placement/measure.py                            # writes tests/placement/costs.json
    python tests/placement/measure.py --add --largest 1000000    # later: more runs of the smaller ones

Other programs only ever make a call slower, and may do so for a while: so the simulation takes the best of
all runs for the cost, and runs of another time (`--add`) make that surer.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from eitherside import Codec

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.pictures import photo

HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
# No call of the measurement should take much longer than this, nor all runs of one.
MOST_SECONDS = 12.0


@dataclass(frozen=True)
class Case:
    """A function with options, and how its input is made from a picture: by encode, then by transcode."""

    name: str
    function: str
    options: dict[str, Any]
    source: dict[str, Any] | None
    then: dict[str, Any] | None = None


LOSSY: dict[str, Any] = {"distance": 1.5, "effort": 3}
LOSSLESS: dict[str, Any] = {"lossless": True, "effort": 2}
CASES = (
    Case("inspect jxl", "inspect", {}, LOSSY),
    Case("decode jxl lossy", "decode", {"type": "u8"}, LOSSY),
    Case("decode jxl lossless", "decode", {"type": "u8"}, LOSSLESS),
    Case("decode jpeg", "decode", {"type": "u8"}, LOSSY, {"to": "jpeg"}),
    Case("encode e3", "encode", {"distance": 1, "effort": 3}, None),
    Case("encode e7", "encode", {"distance": 1, "effort": 7}, None),
    Case("encode lossless e1", "encode", {"lossless": True, "effort": 1}, None),
    Case("jpeg to jxl, exact", "transcode", {"to": "jxl"}, LOSSY, {"to": "jpeg"}),
    Case("png to jxl e5", "transcode", {"to": "jxl", "distance": 1, "effort": 5}, LOSSLESS, {"to": "png"}),
    Case("jxl to png", "transcode", {"to": "png"}, LOSSY),
    Case("jxl to jpeg", "transcode", {"to": "jpeg"}, LOSSY),
)


def picture(pixels: float) -> NDArray[Any]:
    """Returns a picture of about so many pixels, 4 : 3; large ones repeat a smaller one."""
    height = max(8, round(math.sqrt(pixels * 3 / 4)))
    width = max(8, round(height * 4 / 3))
    tile = photo(min(width, 1600), min(height, 1200), "u8")
    repeats = (math.ceil(height / tile.shape[0]), math.ceil(width / tile.shape[1]), 1)
    return np.ascontiguousarray(np.tile(tile, repeats)[:height, :width])


def make(codec: Codec, case: Case, pixels: float) -> tuple[dict[str, Any], str, bytes]:
    """Makes the input of a case: options of the call, the input's name, its bytes."""
    samples = picture(pixels)
    if case.source is None:
        height, width, channels = samples.shape
        told = {"width": width, "height": height, "channels": channels, "type": "u8"}
        return told | case.options, "samples", samples.tobytes()
    data: bytes = codec.encode(samples, **case.source).image
    if case.then is not None:
        data = codec.transcode(data, **case.then).image
    return case.options, "image", data


def sized(codec: Codec, case: Case, size: int) -> tuple[dict[str, Any], str, bytes]:
    """Makes an input of about `size` bytes: the pixels are found from how many bytes fewer of them take."""
    pixels = size / 3.0
    made = make(codec, case, min(pixels, 400_000))
    for _ in range(0 if case.source is None and size <= 1_200_000 else 3):
        off = size / len(made[2])
        if 0.8 < off < 1.25:
            break
        options, _, data = made
        known = options["width"] * options["height"] if case.source is None else count(codec, data)
        made = make(codec, case, max(64, known * off))
    return made


def count(codec: Codec, data: bytes) -> float:
    """Returns the pixels of a file."""
    return float(codec.measure(data[:262144]).pixels)


def rows(codec: Codec, runs: int, largest: int, progress: Progress) -> Iterator[dict[str, Any]]:
    """Measures every case at every size up to the largest."""
    for case in progress.track(CASES, description="cases"):
        for size in (each for each in SIZES if each <= largest):
            options, name, data = sized(codec, case, size)
            measured = None
            if name == "image":
                measured = codec.host.call("measure", {}, {"image": data[:262144]}).result
            codec.host.call(case.function, options, {name: data})  # warms caches; not counted
            times: list[float] = []
            answer = None
            while len(times) < 3 or (len(times) < runs and sum(times) < MOST_SECONDS * 1000):
                answer = codec.host.call(case.function, options, {name: data})
                times.append(round(answer.ran * 1000, 3))
            assert answer is not None
            yield {
                "case": case.name,
                "function": case.function,
                "size": size,
                "options": options,
                "inputs": {name: [len(data)]},
                "measured": measured,
                "bytes_out": sum(len(output.data) for output in answer.outputs),
                "ms": times,
            }


def merged(file: dict[str, Any], rows: list[dict[str, Any]], module: str) -> list[dict[str, Any]]:
    """Adds the runs of some rows to those of a file, whose other rows stay."""
    if file["module"] != module:
        raise SystemExit("the file is of another module: measure everything anew")
    added = {(row["case"], row["size"]): row["ms"] for row in rows}
    return [row | {"ms": row["ms"] + added.get((row["case"], row["size"]), [])} for row in file["rows"]]


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs of each call (default 9)")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave larger inputs out")
    parser.add_argument(
        "--add", action="store_true", help="add the runs to those in the file, of the same module"
    )
    parser.add_argument("--out", type=Path, default=HERE / "costs.json")
    arguments = parser.parse_args()
    with Codec() as codec, Progress(console=Console(stderr=True)) as progress:
        codec.host.start()
        measured = list(rows(codec, arguments.runs, arguments.largest, progress))
        module = codec.host.module.sha256
    if arguments.add:
        measured = merged(json.loads(arguments.out.read_text()), measured, module)
    head = {
        "how": "python tests/placement/measure.py: wasmtime, one thread, one call at a time, several rounds",
        "machine": f"{platform.machine()}, {platform.system()}; other programs were running",
        "module": module,
    }
    lines = ",\n    ".join(json.dumps(row) for row in measured)
    text = json.dumps(head, indent=2)[:-2] + f',\n  "rows": [\n    {lines}\n  ]\n}}\n'
    temporary = arguments.out.with_suffix(".new")
    temporary.write_text(text)
    temporary.replace(arguments.out)


if __name__ == "__main__":
    main()
