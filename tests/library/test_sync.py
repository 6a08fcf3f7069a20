"""Several clients of one library: each sees what the others do; nothing is sent before it is asked for."""

from __future__ import annotations

import time

from libraries.member import sha256
from support.images import picture, saved

from .conftest import Devices
from .stored import Stored

PNG = saved(picture(20, 10, 3), "PNG")


def test_two_devices_have_one_library(devices: Devices, service: Stored) -> None:
    first = devices().tab()
    (identity,) = first.add(("a.png", PNG))["ids"]
    first.call("caption", identity, "mine")
    assert (first.sync()["remote"], first.sync()["commands"]) == (None, [])
    first.call("publish")
    first.quiet()
    link = first.page.evaluate("library.link(new URL('/', location.href)).href")
    remote = first.page.evaluate("(link) => device.remoteOf(link)", link)
    assert remote == first.remote()
    second = devices(remote=remote).tab()
    second.quiet()
    assert second.state() == first.state()
    # The original comes when it is asked for, and is checked.
    digest = second.state()["pictures"][identity]["sha256"]
    assert second.page.evaluate("(name) => device.digestOf(name)", digest) == sha256(PNG) == digest
    second.call("caption", identity, "ours")
    first.until("(id) => device.state().pictures[id].caption === 'ours'", identity)
    first.call("rate", identity, 5)
    second.until("(id) => device.state().pictures[id].rating === 5", identity)
    # Undo is each client's own.
    assert first.call("undo") is True
    second.until("(id) => device.state().pictures[id].rating === 0", identity)
    assert first.state()["pictures"][identity]["caption"] == "ours"
    service.own(remote)
    assert service.blobs() == 1


def test_jobs_of_the_service_are_asked_for_and_come_back(devices: Devices) -> None:
    tab = devices().tab()
    (identity,) = tab.add(("a.png", PNG))["ids"]
    tab.call("publish")
    begun = time.monotonic()
    made = tab.call("ask", identity, "transcode", {"to": "jxl"}, "service")
    failed = tab.call("ask", identity, "transcode", {"to": "jxl", "effort": 99}, "service")
    wrong = tab.call("ask", identity, "transcode", {}, "service")
    tab.until("(id) => device.state().conversions[id].state === 'done'", made)
    found = tab.state()["conversions"][made]
    assert (found["place"], found["result"]["type"]) == ("server", "image/jxl")
    assert found["milliseconds"] < (time.monotonic() - begun) * 1000
    assert tab.page.evaluate("(name) => device.digestOf(name)", found["result"]["sha256"])
    tab.until("(id) => device.state().conversions[id].state === 'failed'", failed)
    assert tab.state()["conversions"][failed]["problem"]["code"] == "bad_option"
    # What the service refuses is shown, and can be given up.
    tab.until("device.sync().commands.some(({ state }) => state === 'refused')")
    (refused,) = [each for each in tab.sync()["commands"] if each["state"] == "refused"]
    assert (refused["kind"], refused["problem"]["status"], refused["problem"]["code"]) == (
        "job",
        400,
        "bad_option",
    )
    tab.call("discard", refused["key"])
    assert tab.state()["conversions"][wrong]["state"] == "cancelled"
    tab.quiet()


def test_room_is_made_by_what_the_service_has_too(devices: Devices) -> None:
    device = devices()
    tab = device.tab()
    tab.call("publish")
    there = tab.add(("a.png", PNG))["ids"][0]
    tab.quiet()
    device.context.set_offline(True)
    here = tab.add(("b.png", saved(picture(21, 10, 3), "PNG")))["ids"][0]
    pictures = tab.state()["pictures"]
    # Without the service nobody knows what it has.
    tab.until("library.freeUp().then(() => false, ({ code }) => code === 'unreachable')")
    device.context.set_offline(False)
    tab.quiet()
    device.context.set_offline(True)
    last = tab.add(("c.png", saved(picture(22, 10, 3), "PNG")))["ids"][0]
    device.context.set_offline(False)
    tab.page.route("**/blobs", lambda route: route.abort())
    # The route keeps the last one here; the others are at the service, and come back when they are asked for.
    freed = sum(pictures[each]["bytes"] for each in (there, here))
    assert tab.call("freeUp") == freed
    assert tab.call("freeUp") == 0
    for each in (there, here, last):
        digest = tab.state()["pictures"][each]["sha256"]
        assert tab.page.evaluate("(name) => device.digestOf(name)", digest) == digest
    tab.page.unroute_all(behavior="wait")
    tab.quiet()
