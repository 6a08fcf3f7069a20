"""What a call over HTTP costs beside the same call in this process: ``python tests/http/measure.py [RUNS]``.

A real service on the loopback, one connection that stays open, calls here and there in turns. Where the time
of a call went there, the service says itself (Server-Timing); all but `compute` is the cost of HTTP.
"""

from __future__ import annotations

import http.client
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from eitherside import Codec, Host
from server import Server, running_server

SIZES = {"10 kB": (64, 52), "1 MB": (720, 480), "20 MB": (3200, 2100)}
Case = tuple[str, str, dict[str, object], bytes, str]


def cases(host: Host) -> Iterator[Case]:
    """What is called: a label, function, options, the image, and what is accepted."""
    rng = np.random.default_rng(1)
    for label, (width, height) in SIZES.items():
        # Smooth with some noise, as photographs are.
        rows, columns = np.mgrid[0:height, 0:width]
        plane = 120 + 60 * np.sin(rows / 37) + 50 * np.cos(columns / 53)
        samples = np.clip(plane[..., None] + rng.normal(0, 4, (height, width, 3)), 0, 255).astype(np.uint8)
        pnm = f"P6\n{width} {height}\n255\n".encode() + samples.tobytes()
        jxl = bytes(host.call("transcode", {"to": "jxl", "effort": 3}, {"image": pnm}).outputs[0].data)
        yield f"inspect {label}", "inspect", {}, pnm, "application/json"
        yield f"decode to {label}", "decode", {"type": "u8"}, jxl, "application/octet-stream"
        yield f"transcode {label}, effort 1", "transcode", {"to": "jxl", "effort": 1}, pnm, "image/jxl"


def there(
    server: Server, connection: http.client.HTTPConnection, case: Case
) -> tuple[float, dict[str, float]]:
    """Makes the call there; returns its milliseconds as seen from here, and those that the service tells."""
    _, function, options, image, accept = case
    began = time.perf_counter()
    connection.request("POST", f"/v1/{function}?{urlencode(options)}", image, {"Accept": accept})
    answer = connection.getresponse()
    body = answer.read()
    took = 1000 * (time.perf_counter() - began)
    if answer.status != 200:
        raise AssertionError(f"{server.url}: {answer.status} {body[:300]!r}")
    told = re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"])
    return took, {name: float(value) for name, value in told}


def main() -> None:
    """Prints a line for each call."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print(f"{'median of ' + str(runs):28} {'here':>9} {'there':>9} {'HTTP':>8} {'least':>8}   milliseconds")
    with Codec() as codec, running_server() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        for case in cases(codec.host):
            label, function, options, image, _ = case
            here, seen, beside = [], [], []
            for _ in range(runs + 1):
                took, told = there(server, connection, case)
                began = time.perf_counter()
                codec.host.call(function, options, {"image": image})
                here.append(1000 * (time.perf_counter() - began))
                seen.append(took)
                beside.append(took - told["compute"])
            # The first of each brings memory and code into place.
            found = [statistics.median(times[1:]) for times in (here, seen, beside)]
            print(
                f"{label:28} {found[0]:9.2f} {found[1]:9.2f} {found[2]:8.2f} {min(beside[1:]):8.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
