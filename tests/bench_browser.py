"""Whether the planner picks the faster place in a real browser whose machine and network are slowed.

`make bench-browser` runs it. For each condition a codec that has learned nothing makes calls with the
planner's choice until it is warm, then more that count, in a shuffled order. A second codec, whose planner
the first knows nothing of, makes each call at both places by turns: that tells which place is the faster.
Where the two differ by less than a tenth, neither is, and the pick isn't counted.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
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
from server import running_server
from support.chromium import chromium
from support.link import Link, slow_link
from support.throttle import Throttle, renderers, throttled

DOCUMENT = Path(__file__).parents[1] / "docs" / "placement.md"
BEGIN, END = "<!-- measured: make bench-browser -->", "<!-- end of bench-browser -->"
CLEAR = 1.1
WANTED = 0.9


@dataclass(frozen=True)
class Condition:
    """How slow the machine is, and its network: seconds of round trip, bytes a second up and down."""

    name: str
    slow: float
    link: Link


@dataclass(frozen=True)
class Task:
    """A call."""

    name: str
    function: str
    data: bytes
    options: dict[str, Any]


@dataclass
class Tally:
    """What was picked for one task under one condition, and what each place took."""

    picks: list[str] = field(default_factory=list)
    local: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    @property
    def faster(self) -> str | None:
        """The faster place; None where there is none."""
        local, server = statistics.median(self.local), statistics.median(self.server)
        if max(local, server) < CLEAR * min(local, server):
            return None
        return "local" if local < server else "server"

    @property
    def right(self) -> int:
        """Picks of the faster place."""
        return self.picks.count(self.faster or "")


CONDITIONS = [
    Condition("slow processor (1/6), fast network", 6, Link(0.004, 20e6, 50e6)),
    Condition("slow processor (1/6), 4G", 6, Link(0.080, 1e6, 3e6)),
    Condition("this machine, 3G", 1, Link(0.200, 0.1e6, 0.2e6)),
    Condition("this machine, fast network", 1, Link(0.004, 20e6, 50e6)),
]


def tasks() -> list[Task]:
    """Returns calls of very different work and size."""
    with Codec() as codec:
        small = codec.encode(photo(320, 240, "u8"), effort=3).image
        large = codec.encode(photo(1536, 1024, "u8"), distance=1.5, effort=3).image
    png = io.BytesIO()
    Image.fromarray(photo(640, 480, "u8")).save(png, "PNG")
    return [
        Task("decode 0.08 MP", "decode", small, {"type": "u8"}),
        Task("decode 1.6 MP", "decode", large, {"type": "u8"}),
        Task("encode 0.3 MP, effort 7", "transcode", png.getvalue(), {"to": "jxl", "distance": 1}),
        Task("inspect", "inspect", large, {}),
    ]


CALL = """async ([codec, fn, index, options, place]) => {
  const made = window.codecs[codec], began = performance.now();
  const { provenance } = await made[fn](window.files[index], options, { place });
  return [provenance.place, performance.now() - began];
}"""


def run(page: Page, condition: Condition, todo: list[Task], counted: int, rng: random.Random) -> list[Tally]:
    """Warms a new codec up and counts its picks."""
    page.evaluate(
        """async () => {
          const kept = () => { const map = new Map(); return {
            load: async (key) => map.get(key) ?? null,
            save: async (key, text) => void map.set(key, text),
            remove: async (key) => void map.delete(key) }; };
          for (const each of Object.values(window.codecs ?? {})) each.connection.close();
          window.codecs = { auto: await driver.make({ store: kept(), ask: "never" }),
                            truth: await driver.make({ store: kept(), ask: "never", probe: false }) };
        }"""
    )
    tallies = [Tally() for _ in todo]

    def call(codec: str, index: int, place: str) -> tuple[str, float]:
        task = todo[index]
        where, took = page.evaluate(CALL, [codec, task.function, index, task.options, place])
        return where, took

    order = list(range(len(todo)))
    for _ in range(4):
        rng.shuffle(order)
        for index in order:
            call("auto", index, "auto")
    for turn in range(counted):
        rng.shuffle(order)
        for index in order:
            tallies[index].picks.append(call("auto", index, "auto")[0])
            # The truth every other time: it costs two calls.
            if turn % 2 == 0:
                tallies[index].local.append(call("truth", index, "local")[1])
                tallies[index].server.append(call("truth", index, "server")[1])
    return tallies


def table(found: dict[str, list[Tally]], todo: list[Task]) -> str:
    """Returns the tallies as Markdown."""
    lines = [
        "| condition | call | local | server | faster | picked |",
        "| --- | --- | ---: | ---: | --- | ---: |",
    ]
    for condition, tallies in found.items():
        for task, tally in zip(todo, tallies, strict=True):
            local, server = statistics.median(tally.local), statistics.median(tally.server)
            picked = f"{tally.right} of {len(tally.picks)}" if tally.faster else "not counted"
            faster = tally.faster or "neither"
            lines.append(
                f"| {condition} | {task.name} | {local:.0f} ms | {server:.0f} ms | {faster} | {picked} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Runs all conditions; ends with 1 where the planner was right less often than 9 times in 10."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counted", type=int, default=10, help="calls of each kind that count (default 10)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/placement.md")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    todo = tasks()
    found: dict[str, list[Tally]] = {}
    link, throttle = Link(), Throttle()
    with (
        tempfile.TemporaryDirectory(prefix="eitherside-browser-") as profile,
        running_server(result_store=0) as server,
        chromium(profile) as context,
        slow_link(link, server.port) as url,
        throttled(throttle, lambda: renderers(profile)),
        Progress(console=Console(stderr=True)) as progress,
    ):
        page = context.new_page()
        page.set_default_timeout(600_000)
        page.goto(url)
        until(page, "document.querySelector('#about').textContent !== ''", seconds=300)
        page.evaluate(CONNECT, {})
        files = [base64.b64encode(task.data).decode() for task in todo]
        page.evaluate(
            "(texts) => { window.files = texts.map((text) => new Blob([driver.bytes(text)])) }", files
        )
        for condition in progress.track(CONDITIONS, description="conditions"):
            throttle.factor = condition.slow
            link.round_trip, link.up, link.down = (
                condition.link.round_trip, condition.link.up, condition.link.down,
            )  # fmt: skip
            time.sleep(0.5)
            found[condition.name] = run(page, condition, todo, arguments.counted, rng)
            throttle.factor = 1
    text = table(found, todo)
    counted = [tally for tallies in found.values() for tally in tallies if tally.faster]
    right, total = sum(tally.right for tally in counted), sum(len(tally.picks) for tally in counted)
    text += f"\n\nThe faster place was picked {right} times of {total} ({right / total:.1%})."
    print(text)
    print(
        json.dumps({name: [vars(tally) for tally in tallies] for name, tallies in found.items()}),
        file=sys.stderr,
    )
    if arguments.write:
        document = DOCUMENT.read_text()
        head, rest = document.split(BEGIN)
        temporary = DOCUMENT.with_suffix(".new")
        temporary.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
        temporary.replace(DOCUMENT)
    sys.exit(right < WANTED * total)


if __name__ == "__main__":
    main()
