"""What each place costs three kinds of client, measured: time, traffic, processor time of both sides.

`make bench-split` runs it: a real server, a real Chromium whose processes are slowed as a whole, a real
network made slow by a proxy. Every figure is the median of several runs in turns. It writes JSON and the
table of docs/split-compute.md.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page
from rich.console import Console
from rich.progress import Progress

from bench.pictures import photo
from browser.client import CONNECT
from browser.waiting import until
from eitherside import Codec
from server import Server, running_server
from support.chromium import chromium
from support.link import Link, slow_link
from support.throttle import Throttle, renderers, throttled

DOCUMENT = Path(__file__).parents[1] / "docs" / "split-compute.md"
FIGURES = Path(__file__).with_name("split.json")
BEGIN, END = "<!-- measured: make bench-split -->", "<!-- end -->"
BEGIN_WORKED = "<!-- computed: make bench-split -->"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Client:
    """A kind of client: how many times as slow as this machine, its network, what is assumed of its power.

    Attributes:
        computing, radio: watts that it takes while it computes and while it sends or receives.
        network: joules that the network takes for a megabyte.
    """

    name: str
    slow: float
    round_trip: float
    up: float
    down: float
    computing: float
    radio: float
    network: float


KWH_PER_GB = 3600.0
"""Joules a megabyte."""
CLIENTS = [
    Client("phone on 4G", 6, 0.080, 1.0e6, 3.0e6, 2.0, 1.5, 0.14 * KWH_PER_GB),
    Client("laptop on Wi-Fi", 2, 0.020, 4.0e6, 12.0e6, 10.0, 1.0, 0.03 * KWH_PER_GB),
    Client("workstation on a LAN", 1, 0.001, 100e6, 100e6, 20.0, 0.0, 0.0),
]
SERVER_WATTS = 15.0
"""Of a core that computes, its share of the machine and of the cooling included."""
CORE_HOUR, EGRESS = 0.04, 0.08
"""Price of an hour of a core, and of a gigabyte that leaves the server's network, in dollars."""


@dataclass(frozen=True)
class Task:
    """Something a user does: a function, its input, its options and settings."""

    name: str
    function: str
    data: bytes
    options: dict[str, Any]
    settings: dict[str, Any]
    places: tuple[str, ...] = ("local", "server")


@dataclass(frozen=True)
class Row:
    """Medians of one task at one place: seconds, bytes on the network, processor seconds of both sides."""

    client: str
    task: str
    place: str
    seconds: float
    up: int
    down: int
    client_cpu: float
    server_cpu: float


def tasks() -> list[Task]:
    """Returns the tasks; the pictures are synthetic photographs."""
    with Codec() as codec:
        large = photo(4000, 3000, "u8")
        jpeg = io.BytesIO()
        Image.fromarray(large).save(jpeg, "JPEG", quality=90)
        shown = codec.encode(large, distance=1.5, effort=3).image
        small = photo(1536, 1024, "u8")
        small_file = codec.encode(small, distance=1, effort=3).image
    png = io.BytesIO()
    Image.fromarray(small).save(png, "PNG", compress_level=1)
    everywhere = ("native", "local", "server")
    return [
        Task("look at 12 megapixels", "decode", shown, {}, {"as": "picture"}, everywhere),
        Task("read the samples of 1.6 megapixels", "decode", small_file, {"type": "u16"}, {}),
        Task("carry a 12-megapixel JPEG over", "transcode", jpeg.getvalue(), {"to": "jxl"}, {}),
        Task(
            "encode 1.6 megapixels, effort 7", "transcode", png.getvalue(), {"to": "jxl", "distance": 1}, {}
        ),
        Task("inspect a file", "inspect", shown, {}, {}),
    ]


def cpu(processes: list[int]) -> float:
    """Returns the processor seconds that processes have used, children that ended included."""
    total = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def family(root: int) -> list[int]:
    """Returns a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, new = [root], [root]
    while new:
        new = [child for parent in new for child in parents.get(parent, [])]
        found += new
    return found


CALL = """async ([fn, options, settings]) => {
  const began = performance.now();
  const { picture } = await driver.codec[fn](window.held, options, settings);
  const took = performance.now() - began;
  picture?.close();
  return took / 1000;
}"""


def once(page: Page, server: Server, link: Link, profile: str, task: Task, place: str) -> tuple[float, ...]:
    """Makes one call: seconds, bytes up and down, processor seconds of both sides."""
    mine, theirs = renderers(profile), family(server.process.pid)
    before = cpu(mine), cpu(theirs), link.sent_up, link.sent_down
    seconds = page.evaluate(CALL, [task.function, task.options, {"place": place, **task.settings}])
    moved = link.sent_up - before[2], link.sent_down - before[3]
    return seconds, *moved, cpu(mine) - before[0], cpu(theirs) - before[1]


def measure(client: Client, server: Server, todo: list[Task], runs: int, progress: Progress) -> list[Row]:
    """Measures all tasks for one kind of client."""
    rows = []
    link = Link(client.round_trip, client.up, client.down)
    throttle = Throttle()
    with (
        tempfile.TemporaryDirectory(prefix="eitherside-split-") as profile,
        chromium(profile) as context,
        slow_link(link, server.port) as url,
    ):
        page = context.new_page()
        page.set_default_timeout(600_000)
        page.goto(url)
        until(page, "document.querySelector('#about').textContent !== ''", seconds=300)
        page.evaluate(CONNECT, {"ask": "never"})
        with throttled(throttle, lambda: renderers(profile)):
            for task in progress.track(todo, description=client.name):
                page.evaluate(
                    "(text) => { window.held = new Blob([driver.bytes(text)]) }",
                    base64.b64encode(task.data).decode(),
                )
                taken: dict[str, list[tuple[float, ...]]] = {place: [] for place in task.places}
                for run in range(runs + 1):
                    for place, times in taken.items():
                        throttle.factor = client.slow
                        found = once(page, server, link, profile, task, place)
                        throttle.factor = 1
                        # The first call of each pays for starting workers.
                        if run:
                            times.append(found)
                for place, times in taken.items():
                    middle = [statistics.median(each) for each in zip(*times, strict=True)]
                    rows.append(
                        Row(
                            client.name, task.name, place,
                            round(middle[0], 4), int(middle[1]), int(middle[2]),
                            round(middle[3], 3), round(middle[4], 3),
                        )
                    )  # fmt: skip
    return rows


def table(rows: list[Row]) -> str:
    """Returns the rows as Markdown."""
    lines = [
        "| client | task | place | time | up | down | client's processor | server's processor |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.client} | {row.task} | {row.place} | {row.seconds:.2f} s | {row.up / 1e6:.2f} MB "
        f"| {row.down / 1e6:.2f} MB | {row.client_cpu:.2f} s | {row.server_cpu:.2f} s |"
        for row in rows
    ]
    return "\n".join(lines)


def worked(rows: list[Row]) -> str:
    """Returns what the rows mean in money and energy, as Markdown."""
    clients = {client.name: client for client in CLIENTS}
    lines = [
        "| client | task | place | service pays for 1000 calls | client's energy | energy in all |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        client = clients[row.client]
        money = 1000 * (row.server_cpu / 3600 * CORE_HOUR + row.down / 1e9 * EGRESS)
        moving = row.up / client.up + row.down / client.down
        own = row.client_cpu * client.slow * client.computing + moving * client.radio
        everything = own + (row.up + row.down) / 1e6 * client.network + row.server_cpu * SERVER_WATTS
        lines.append(
            f"| {row.client} | {row.task} | {row.place} | ${money:.3f} | {own:.1f} J | {everything:.1f} J |"
        )
    return "\n".join(lines)


def write(path: Path, rows: list[Row]) -> None:
    """Puts the tables into the document, between their marks."""
    text = path.read_text()
    for begin, made in ((BEGIN, table(rows)), (BEGIN_WORKED, worked(rows))):
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{made}\n{END}{rest.split(END, 1)[1]}"
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.replace(path)


def main() -> None:
    """Measures and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each that count (default 3)")
    parser.add_argument(
        "--write", action="store_true", help="write docs/split-compute.md and tests/split.json"
    )
    arguments = parser.parse_args()
    rows: list[Row] = []
    todo = tasks()
    with running_server(result_store=0) as server, Progress(console=Console(stderr=True)) as progress:
        for client in CLIENTS:
            rows += measure(client, server, todo, arguments.runs, progress)
    print(table(rows), worked(rows), sep="\n\n")
    if arguments.write:
        write(DOCUMENT, rows)
        figures = {
            "clients": [asdict(client) for client in CLIENTS],
            "tasks": [{"name": task.name, "bytes": len(task.data)} for task in todo],
            "rows": [asdict(row) for row in rows],
        }
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
