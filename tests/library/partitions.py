"""Three clients and a service, cut off, reloaded, crashed, killed and put back at random: all agree at last.

``make partitions`` runs 500 operations; ``ARGS="--seed 7 --operations 2000"`` others. The same seed makes the
same choices; how they meet is the machine's affair.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Error

from support.images import saved

from .device import Device, Tab
from .expected import Expected, identity
from .stored import Stored

CLIENTS = 3
LIMITS = {"pause": 1000, "answer": 10_000}
"""Of the clients: nobody wants to wait for long in a test."""


class Partitions:
    """The clients, the service, and what was done so far."""

    def __init__(self, browser: Browser, service: Stored, seed: int, log: Callable[[str], None]) -> None:
        """Makes the library, and opens it everywhere."""
        self.random = random.Random(seed)  # noqa: S311
        self.noise = np.random.default_rng(seed)
        self.service = service
        self.log = log
        self.browser = browser
        headers = dict(service.server.get("/").headers)
        self.headers = {
            name: headers[name] for name in headers if name.startswith(("content-security", "cross-origin"))
        }
        self.expected = Expected()
        self.number = 0
        self.is_down = self.is_restored = False
        self.saved: Path | None = None
        first = self.device()
        tab = first.tab()
        tab.call("publish")
        tab.quiet()
        self.remote = tab.remote()
        service.own(self.remote)
        self.devices = [first, *(self.device(remote=self.remote) for _ in range(CLIENTS - 1))]
        self.tabs = [tab, *(device.tab() for device in self.devices[1:])]
        # By client: its own pictures, which nobody else rates, and those that will be removed.
        self.own: list[list[str]] = [[] for _ in self.devices]
        self.doomed: list[list[str]] = [[] for _ in self.devices]
        self.given: list[bytes] = []

    def device(self, **options: object) -> Device:
        """Makes a client."""
        return Device(self.browser, self.service.server.url, self.headers, limits=LIMITS, **options)

    def close(self) -> None:
        """Ends the clients."""
        for device in self.devices:
            device.close()

    def run(self, operations: int) -> None:
        """Does so many operations, one after the other."""
        choices = {
            self.add: 14,
            self.write: 24,
            self.rate: 8,
            self.option: 8,
            self.collect: 5,
            self.doom: 5,
            self.take_back: 5,
            self.convert: 6,
            self.cut: 8,
            self.reload: 5,
            self.close_in_mid_write: 5,
            self.crash: 3,
            self.stop_or_start: 5,
            self.back_up_or_restore: 1,
        }
        # Drawn before any of them is done, so that a seed tells what happens however the machine does it.
        drawn = self.random.choices(list(choices), list(choices.values()), k=operations)
        for count, operation in enumerate(drawn):
            client = self.random.randrange(CLIENTS)
            self.log(f"{count}: client {client} {operation.__name__}")
            operation(client)

    # What clients do

    def picture(self) -> bytes:
        """Returns a picture that nobody has."""
        return saved(self.noise.integers(0, 255, (6, 6, 3), np.uint8), "PNG")

    def add(self, client: int) -> None:
        """Adds a picture; sometimes one that another client has, too."""
        if self.given and self.random.random() < 0.2:
            data = self.random.choice(self.given)
        else:
            data = self.picture()
            self.given.append(data)
            self.own[client].append(identity(data))
        self.tabs[client].add((f"{identity(data)[:6]}.png", data))
        self.expected.pictures[identity(data)] = data

    def seen(self, client: int) -> str | None:
        """Returns a picture that a client sees and nobody will remove."""
        found = sorted(self.tabs[client].state()["pictures"].keys() & self.expected.pictures.keys())
        return self.random.choice(found) if found else None

    def word(self) -> str:
        """Returns a word of its own."""
        self.number += 1
        return f"w{self.number}"

    def write(self, client: int) -> str | None:
        """Adds a word to a caption."""
        picture = self.seen(client)
        if picture is None:
            return None
        word, tab = self.word(), self.tabs[client]
        tab.call("caption", picture, f"{tab.state()['pictures'][picture]['caption']} {word} ")
        self.expected.words[word] = picture
        return word

    def rate(self, client: int) -> None:
        """Rates a picture of its own."""
        if self.own[client]:
            picture, stars = self.random.choice(self.own[client]), self.random.randrange(6)
            self.tabs[client].call("rate", picture, stars)
            self.expected.ratings[picture] = {stars}

    def option(self, client: int) -> None:
        """Sets an option of a recipe that is the client's own, of a picture that need not be."""
        picture = self.seen(client)
        if picture is not None:
            name, value = f"option{client}", self.random.randrange(1000)
            self.tabs[client].call("recipe", picture, {name: value})
            self.expected.options[picture, name] = {value}

    def collect(self, client: int) -> None:
        """Makes a collection with a picture in it."""
        picture = self.seen(client)
        title = self.word()
        made = self.tabs[client].call("makeCollection", title)
        if picture is not None:
            self.tabs[client].call("put", [picture], made)
        self.expected.collections[made] = (title, set() if picture is None else {picture})

    def doom(self, client: int) -> None:
        """Removes a picture of its own, or adds one that it will remove."""
        if self.doomed[client]:
            picture = self.doomed[client].pop()
            self.tabs[client].call("remove", [picture])
            self.expected.removed.add(picture)
        else:
            data = self.picture()
            self.tabs[client].add(("doomed.png", data))
            self.doomed[client].append(identity(data))

    def take_back(self, client: int) -> None:
        """Writes a word and takes it back."""
        picture = self.seen(client)
        if picture is not None:
            # Words within a second are one step, but not with something else in between.
            self.tabs[client].call("recipe", picture, {})
        word = self.write(client)
        if word is not None:
            assert self.tabs[client].call("undo") is True
            del self.expected.words[word]
            self.expected.undone.add(word)

    def convert(self, client: int) -> None:
        """Asks for a job of the service."""
        picture = self.seen(client)
        if picture is not None:
            self.expected.jobs.add(self.tabs[client].call("ask", picture, "inspect", {}, "service"))

    # What happens to them

    def cut(self, client: int) -> None:
        """Takes a client's network away, or gives it back."""
        self.devices[client].context.set_offline(self.random.random() < 0.6)

    def reload(self, client: int) -> None:
        """Loads a client's page again."""
        self.tabs[client].open()
        self.check(client)

    def close_in_mid_write(self, client: int) -> None:
        """Closes a client's page while it writes."""
        self.begin(client)
        self.tabs[client].page.close(run_before_unload=False)
        self.reopen(client)

    def crash(self, client: int) -> None:
        """Has a client's page crash while it writes."""
        self.begin(client)
        with suppress(Error):
            self.tabs[client].page.goto("chrome://crash")
        with suppress(Error):
            self.tabs[client].page.close()
        self.reopen(client)

    def begin(self, client: int) -> None:
        """Begins changes that may or may not happen."""
        tab = self.tabs[client]
        if self.own[client]:
            picture, stars = self.random.choice(self.own[client]), self.random.randrange(6)
            tab.begin("rate", picture, stars)
            self.expected.ratings[picture] = {*self.expected.ratings[picture], stars}
        picture_seen = self.seen(client)
        if picture_seen is not None:
            name, value = f"option{client}", self.random.randrange(1000)
            tab.begin("recipe", picture_seen, {name: value})
            self.expected.options[picture_seen, name].add(value)

    def reopen(self, client: int) -> None:
        self.tabs[client] = self.devices[client].tab()
        self.check(client)

    def check(self, client: int) -> None:
        """What a client was told is kept, is there when it is opened again, with or without a network."""
        state = self.tabs[client].state()
        for picture in self.own[client]:
            if picture in self.expected.pictures:
                assert picture in state["pictures"], f"client {client} has lost {picture}"

    def stop_or_start(self, _: int) -> None:
        """Kills the service, or starts it again."""
        if self.is_down:
            self.service.start()
        else:
            self.service.kill()
        self.is_down = not self.is_down

    def back_up_or_restore(self, _: int) -> None:
        """Copies the service's data, or has it lose all that came since."""
        if self.saved is None:
            self.saved = self.service.save()
            return
        if not self.is_down:
            self.service.kill()
        self.service.restore(self.saved)
        self.saved, self.is_restored = None, True
        self.service.start()
        self.is_down = False

    # How it ends

    def settle(self, seconds: float = 120) -> list[str]:
        """Gives everybody the network back, waits until nothing is left to be sent, returns what is wrong."""
        if self.is_down:
            self.service.start()
            self.is_down = False
        for device in self.devices:
            device.context.set_offline(False)
        reader = self.device(remote=self.remote)
        try:
            return self.settled([*self.tabs, reader.tab()], time.monotonic() + seconds)
        finally:
            reader.close()

    def settled(self, tabs: list[Tab], end: float) -> list[str]:
        """Waits until all tabs have the same state, with all jobs done."""
        while True:
            for tab in tabs:
                tab.quiet(max(1, end - time.monotonic()))
            states = [tab.state() for tab in tabs]
            is_same = all(state == states[0] for state in states)
            asked = states[0]["conversions"]
            if is_same and all(each["state"] == "done" for each in asked.values()):
                break
            if time.monotonic() > end:
                return [f"the clients do not agree: {states}"]
            time.sleep(0.1)
        found = self.expected.lacking(states[0])
        jobs = self.service.jobs()
        # One that was done before the service lost it is done: nobody asks for it again.
        is_each_once = len(set(jobs)) == len(jobs) and set(jobs) <= set(asked)
        if not is_each_once or (len(jobs) < len(asked) and not self.is_restored):
            found.append(f"jobs {sorted(jobs)} are not one for each of {sorted(asked)}")
        for picture, data in self.expected.pictures.items():
            digest = states[0]["pictures"].get(picture, {"sha256": ""})["sha256"]
            if self.service.ask("GET", f"blobs/{digest}").body != data:
                found.append(f"the service does not have {picture}")
        return found + [error for device in self.devices for error in device.errors]


def main() -> int:
    """Runs it by itself."""
    from playwright.sync_api import sync_playwright

    from support.chromium import FLAGS, installed, sandbox

    from .conftest import free_port

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--operations", type=int, default=500)
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.operations} operations", flush=True)
    path = installed()
    if path is None:
        print("no Chromium on the PATH", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = Stored(Path(folder) / "data", port=free_port(), job_lease=2)
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox()])
        try:
            partitions = Partitions(browser, service, given.seed, lambda text: print(text, flush=True))
            begun = time.monotonic()
            partitions.run(given.operations)
            problems = partitions.settle(600)
        finally:
            browser.close()
            service.close()
    for problem in problems:
        print(problem, file=sys.stderr)
    expected = partitions.expected
    print(
        f"{len(expected.pictures)} pictures, {len(expected.words)} words, {len(expected.jobs)} jobs,"
        f" {len(problems)} problems, {time.monotonic() - begun:.0f} s"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
