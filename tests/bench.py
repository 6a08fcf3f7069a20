"""Each function in WebAssembly against native libjxl of the same version, on one thread, side by side.

`make bench` runs it. Native code runs in another process, because it may leave a thread's vector registers in
a state that slows WebAssembly. Both sides take the best of several runs, in turns, so that a busy moment hits
both. What the two do is alike, not equal: the calls of the module copy samples in and out of its memory,
those of imagecodecs do not.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from eitherside import Codec

# Name, what is done, sample type, options of the module, options of imagecodecs.
CASES: list[tuple[str, str, str, dict[str, Any], dict[str, Any]]] = [
    ("encode d1 e3", "encode", "u8", {"distance": 1, "effort": 3}, {"distance": 1, "effort": 3}),
    ("encode d1 e5", "encode", "u8", {"distance": 1, "effort": 5}, {"distance": 1, "effort": 5}),
    ("encode d1 e7", "encode", "u8", {"distance": 1, "effort": 7}, {"distance": 1, "effort": 7}),
    ("encode lossless e1", "encode", "u8", {"lossless": True, "effort": 1}, {"lossless": True, "effort": 1}),
    ("encode lossless e3", "encode", "u8", {"lossless": True, "effort": 3}, {"lossless": True, "effort": 3}),
    ("encode lossless e3", "encode", "u16", {"lossless": True, "effort": 3}, {"lossless": True, "effort": 3}),
    ("decode d1", "decode", "u8", {"distance": 1, "effort": 5}, {}),
    ("decode lossless", "decode", "u8", {"lossless": True, "effort": 3}, {}),
    ("decode lossless", "decode", "u16", {"lossless": True, "effort": 3}, {}),
]


def photo(width: int, height: int, sample_type: str) -> NDArray[Any]:
    """An RGB picture with the spectrum of a photograph: amplitudes fall with frequency; some noise."""
    rng = np.random.default_rng(7)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1
    layers = []
    for _ in range(3):
        phase = rng.uniform(0, 2 * np.pi, frequency.shape)
        layers.append(np.fft.irfft2(np.exp(1j * phase) / frequency**1.2, (height, width)))
    luma = layers[0] / np.std(layers[0])
    planes = np.stack([luma + 0.3 * layer / np.std(layer) for layer in layers], axis=-1)
    planes = 0.5 + 0.18 * planes + rng.normal(0, 0.004, planes.shape)
    top = 255 if sample_type == "u8" else 65535
    return np.round(np.clip(planes, 0, 1) * top).astype(np.uint8 if sample_type == "u8" else np.uint16)


@dataclass(frozen=True)
class Row:
    """The seconds of one case on both sides."""

    case: str
    type: str
    wasm: float
    native: float

    @property
    def ratio(self) -> float:
        """How many times as long the WebAssembly took."""
        return self.wasm / self.native


class Native:
    """imagecodecs in a process of its own, which times itself."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--native"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def time(self, what: str, data: bytes, facts: dict[str, Any]) -> float:
        """Returns the seconds of one call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        head = json.dumps({"what": what, "size": len(data), **facts}).encode()
        self._process.stdin.write(head + b"\n" + data)
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def serve_native() -> None:
    """The other process: reads a line of JSON and data, makes the call, prints its seconds."""
    import imagecodecs

    while line := sys.stdin.buffer.readline():
        facts = json.loads(line)
        data = sys.stdin.buffer.read(facts["size"])
        if facts["what"] == "encode":
            samples = np.frombuffer(data, facts["dtype"]).reshape(facts["shape"])
            began = time.perf_counter()
            imagecodecs.jpegxl_encode(samples, numthreads=1, **facts["options"])
        else:
            began = time.perf_counter()
            imagecodecs.jpegxl_decode(data, numthreads=1)
        print(time.perf_counter() - began, flush=True)


def best(runs: int, *calls: Callable[[], float]) -> list[float]:
    """Returns the least seconds of each call, made in turns."""
    return [min(times) for times in zip(*([call() for call in calls] for _ in range(runs)), strict=True)]


def case(
    codec: Codec,
    native: Native,
    samples: NDArray[Any],
    what: str,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    runs: int,
) -> list[float]:
    """Times one case on both sides: ours, theirs."""
    facts = {"shape": samples.shape, "dtype": samples.dtype.str, "options": theirs}
    height, width, channels = samples.shape
    kind = "u8" if samples.itemsize == 1 else "u16"
    told = {"width": width, "height": height, "channels": channels, "type": kind}
    raw = samples.tobytes()
    if what == "encode":
        options, inputs, data = told | ours, {"samples": raw}, raw
    else:
        data = codec.encode(samples, **ours).image
        options, inputs = {"type": kind}, {"image": data}

    def call() -> float:
        return codec.host.call(what, options, inputs).ran

    return best(runs, call, lambda: native.time(what, data, facts))


def main() -> None:
    """Runs the cases and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--native", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=5, help="runs of each case; the best counts (default 5)")
    parser.add_argument("--size", type=int, nargs=2, default=(1536, 1024), metavar=("W", "H"))
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    if arguments.native:
        serve_native()
        return
    width, height = arguments.size
    rows = []
    native = Native()
    with Codec() as codec, Progress(console=Console(stderr=True)) as progress:
        codec.host.start()
        for name, what, kind, ours, theirs in progress.track(CASES, description="bench"):
            mine, other = case(codec, native, photo(width, height, kind), what, ours, theirs, arguments.runs)
            rows.append(Row(name, kind, mine, other))
    native.close()
    table = Table(title=f"{width} x {height} RGB, one thread, best of {arguments.runs}", box=None)
    for title in ("case", "type", "WebAssembly", "native", "ratio"):
        table.add_column(title, justify="left" if title in ("case", "type") else "right")
    for row in rows:
        times = (f"{row.wasm * 1000:.0f} ms", f"{row.native * 1000:.0f} ms", f"{row.ratio:.2f}")
        table.add_row(row.case, row.type, *times)
    mean = math.exp(sum(math.log(row.ratio) for row in rows) / len(rows))
    table.add_row("geometric mean", "", "", "", f"{mean:.2f}")
    Console().print(table)
    if arguments.json:
        arguments.json.write_text(
            json.dumps(
                {"size": [width, height], "mean": mean, "cases": [asdict(row) for row in rows]}, indent=2
            )
        )


if __name__ == "__main__":
    main()
