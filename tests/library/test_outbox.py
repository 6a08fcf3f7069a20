"""What is sent survives whatever ends in between, and arrives once: a service killed, a network cut."""

from __future__ import annotations

import os
import re
import time

from playwright.sync_api import Request, Route

from libraries.member import sha256
from support.images import picture, saved

from .conftest import Devices
from .stored import Stored

PNG = saved(picture(24, 10, 3), "PNG")
MIB = 1 << 20


def test_an_upload_goes_on_where_the_network_was_cut(devices: Devices, service: Stored) -> None:
    device = devices()
    tab = device.tab()
    tab.call("publish")
    tab.quiet()
    service.own(tab.remote())
    pieces: list[int] = []

    def cut(route: Route) -> None:
        pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) == 3:
            device.context.set_offline(True)
            route.abort()
        else:
            route.continue_()

    tab.page.route(
        "**/uploads/*", lambda route: cut(route) if route.request.method == "PATCH" else route.continue_()
    )
    data = os.urandom(5 * MIB)
    tab.add(("large.png", data))
    tab.until("!device.sync().online")
    (upload,) = [each for each in tab.sync()["commands"] if each["kind"] == "upload"]
    assert (upload["sent"], upload["of"], upload["about"]) == (2 * MIB, 5 * MIB, "large.png")
    # The page is closed and opened again before the network is back: all that is left is on the disk.
    tab.page.close()
    again = device.tab()
    offsets: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    again.page.on("request", note)
    device.context.set_offline(False)
    again.quiet()
    assert offsets == [2 * MIB, 3 * MIB, 4 * MIB]
    assert service.ask("GET", f"blobs/{sha256(data)}").body == data
    assert service.blobs() == 1


def test_a_service_that_dies_before_it_answers_has_done_it_once(devices: Devices, service: Stored) -> None:
    device = devices()
    tab = device.tab()
    (identity,) = tab.add(("a.png", PNG))["ids"]
    killed: list[str] = []

    def kill(route: Route) -> None:
        """Has the service do what is asked for, and die before the answer is there."""
        request = route.request
        kind = f"{request.method} {re.sub(r'[A-Za-z0-9_-]{22,}', '-', request.url.split('/', 3)[3])}"
        wanted = request.method == "POST" and kind not in killed
        if not wanted:
            route.continue_()
            return
        killed.append(kind)
        path = "/" + request.url.split("/", 3)[3]
        reply = service.server.request(request.method, path, request.post_data_buffer, request.headers)
        assert reply.status in (200, 201, 202), reply.body
        # A lost answer is the same to the client; what the service itself may lose, one of them shows.
        if kind.endswith("/jobs"):
            service.kill()
            service.start()
        route.abort()

    tab.page.route(
        "**/v1/**", lambda route: route.continue_() if route.request.url.endswith("/events") else kill(route)
    )
    tab.call("publish")
    made = tab.call("ask", identity, "transcode", {"to": "jxl"}, "service")
    tab.until("(id) => device.state().conversions[id].state === 'done'", made, seconds=90)
    tab.quiet(90)
    assert sorted(killed) == [
        "POST v1/jobs",
        "POST v1/libraries",
        "POST v1/libraries/-/blobs",
        "POST v1/libraries/-/docs/library/sync",
    ]
    tab.page.unroute_all(behavior="wait")
    service.own(tab.remote())
    # The picture and the result, each once; and one job.
    assert service.blobs() == 2
    assert service.jobs() == [made]
    reader = devices(remote=tab.remote()).tab()
    reader.quiet()
    assert reader.state() == tab.state()


def test_of_two_tabs_one_sends_and_the_other_takes_over(devices: Devices, service: Stored) -> None:
    device = devices()
    first, second = device.tab(), device.tab()
    first.call("publish")
    first.quiet()
    sent: list[str] = []
    by_second: list[str] = []
    first.page.on("request", lambda request: sent.append(f"{request.method} {request.url[-5:]}"))
    second.page.on("request", lambda request: by_second.append(request.url))
    device.context.set_offline(True)
    for number in range(4):
        tab = (first, second)[number % 2]
        tab.add((f"{number}.png", saved(picture(30 + number, 10, 3), "PNG")))
    # Both have all of it, before anything is sent.
    second.until("Object.keys(device.state().pictures).length === 4")
    first.until("Object.keys(device.state().pictures).length === 4")
    assert first.state() == second.state()
    device.context.set_offline(False)
    second.quiet()
    assert by_second == []
    assert sent.count("POST blobs") == 4
    # The one that sends is closed in the middle of it.
    second.call("publish")
    (identity, *_) = second.add(("last.png", PNG))["ids"]
    first.begin("ask", identity, "inspect", {}, "service")
    first.page.close(run_before_unload=False)
    second.call("caption", identity, "from the second")
    second.until("(id) => device.state().pictures[id].caption === 'from the second'", identity)
    second.quiet()
    service.own(second.remote())
    assert service.blobs() == 5
    reader = devices(remote=second.remote()).tab()
    reader.quiet()
    assert reader.state() == second.state()


def test_a_service_restored_from_a_backup_gets_everything_again(devices: Devices, service: Stored) -> None:
    device = devices()
    tab = device.tab()
    tab.call("publish")
    (first,) = tab.add(("a.png", PNG))["ids"]
    tab.quiet()
    service.own(tab.remote())
    other = devices(remote=tab.remote()).tab()
    data = saved(picture(50, 10, 3), "PNG")
    with service.backup():
        (second,) = tab.add(("b.png", data))["ids"]
        tab.call("caption", first, "after the backup")
        made = tab.call("ask", second, "inspect", {}, "service")
        tab.until("(id) => device.state().conversions[id].state === 'done'", made)
        tab.quiet()
        expected = tab.state()
        other.until("(id) => device.state().conversions[id]?.state === 'done'", made)
        other.quiet()
        device.context.set_offline(True)
    # It is the older one now. Who comes first has the document, and not the files.
    other.quiet()
    reader = devices(remote=tab.remote()).tab()
    reader.until("(id) => device.state().conversions[id]?.state === 'done'", made)
    assert service.ask("GET", f"blobs/{sha256(data)}").status == 404
    device.context.set_offline(False)
    end = time.monotonic() + 60
    while service.ask("GET", f"blobs/{sha256(data)}").status != 200:
        assert time.monotonic() < end
        time.sleep(0.1)
    tab.quiet()
    reader.quiet()
    assert reader.state() == tab.state() == other.state() == expected


def test_a_service_that_is_away_is_not_asked_all_the_time(devices: Devices, service: Stored) -> None:
    device = devices()
    tab = device.tab()
    (identity,) = tab.add(("a.png", PNG))["ids"]
    tab.call("publish")
    tab.quiet()
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.method))
    service.kill()
    # Two kinds of commands, neither of which may hurry the other.
    tab.call("caption", identity, "words")
    tab.add(("b.png", saved(picture(11, 24, 3), "PNG")))
    tab.until("device.sync().commands.every(({ attempts }) => attempts >= 2)")
    assert len(asked) < 20
    service.start()
    tab.quiet()
