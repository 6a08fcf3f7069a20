"""The client library's promises: every call settles, nothing runs on the page's main thread."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Route

from server import Server
from support.images import picture, saved

from .client import Client, Noise
from .waiting import until

SMALL = saved(picture(40, 30, 3), "PNG")
LARGE = Noise(1500 * 1200 * 3)
SLOW: dict[str, Any] = {
    "width": 1500,
    "height": 1200,
    "channels": 3,
    "type": "u8",
    "distance": 0.5,
    "effort": 9,
}


@pytest.fixture
def page(bare: Page) -> Page:
    """The viewer, too, would have the module compiled and measured: seconds for each test."""
    return bare


def test_methods_come_from_the_interface(client: Client, server: Server) -> None:
    functions = [each["name"] for each in server.get("/v1/interface").json["interface"]["functions"]]
    methods = client.page.evaluate(
        "Object.keys(driver.codec).filter((name) => typeof driver.codec[name] === 'function')"
    )
    assert methods == [*functions, "explain"]


def test_results_have_the_arrays_that_the_interface_describes(client: Client) -> None:
    for sample_type, array in (("u8", "Uint8Array"), ("u16", "Uint16Array"), ("f32", "Float32Array")):
        outcome = client.call("decode", SMALL, options={"type": sample_type, "channels": 3})
        assert outcome["kinds"]["samples"] == [[array, 40 * 30 * 3]]
        assert (outcome["fields"]["width"], outcome["fields"]["height"]) == (40, 30)


def test_provenance_tells_where_and_how_long(client: Client, server: Server) -> None:
    module = server.get("/v1/interface").json["module"]["sha256"]
    for place in ("local", "server"):
        told = client.call("transcode", SMALL, options={"to": "jxl"}, place=place)["fields"]["provenance"]
        assert (told["place"], told["function"], told["module"]) == (place, "transcode", module)
        assert told["bytes"]["in"] == len(SMALL)
        assert told["times"]["compute"] > 0
        assert told["outputs"]["image"][0]["mediaType"] == "image/jxl"


def test_inputs_of_every_kind(client: Client) -> None:
    sizes = client.page.evaluate(
        """async (text) => {
          const { codec, bytes } = driver;
          const array = bytes(text);
          const padded = new Uint8Array(array.length + 7);
          padded.set(array, 3);
          const inputs = [array, array.buffer, new Blob([array]), new File([array], "a.png"),
            padded.subarray(3, 3 + array.length)];
          const widths = [];
          for (const input of inputs) widths.push((await codec.inspect(input)).width);
          const pixels = new ImageData(5, 4);
          widths.push((await codec.encode(pixels, { lossless: true })).width);
          const isUsable = array.length > 0;
          await codec.inspect(array, {}, { transfer: true });
          return [widths, isUsable, array.length];
        }""",
        base64.b64encode(SMALL).decode(),
    )
    assert sizes == [[40, 40, 40, 40, 40, 5], True, 0]


def test_work_is_done_in_a_worker_and_the_page_goes_on(client: Client) -> None:
    client.page.evaluate("window.ticks = 0; (function tick() { ticks += 1; requestAnimationFrame(tick); })()")
    smaller = {**SLOW, "width": 900, "height": 600, "effort": 7}
    client.start("slow", "encode", [Noise(900 * 600 * 3)], options=smaller)
    client.until("slow", "running")
    before = client.page.evaluate("ticks")
    # The page itself answers and draws while the call runs.
    until(client.page, "(before) => ticks >= before + 5", arg=before)
    assert "slow" not in client.page.evaluate("driver.outcomes")
    assert any("worker-" in worker.url for worker in client.page.workers)
    assert "error" not in client.outcome("slow")


def test_cancel_stops_one_call_and_no_other(client: Client) -> None:
    client.page.evaluate("(async () => { driver.codec = await driver.make({ workers: 1 }); })()")
    client.start("stopped", "encode", [LARGE], options=SLOW)
    client.start("queued", "inspect", SMALL)
    client.until("stopped", "running")
    client.abort("stopped")
    error = client.outcome("stopped")["error"]
    assert (error["code"], error["name"]) == ("cancelled", "AbortError")
    assert client.outcome("queued")["fields"]["width"] == 40


def test_time_limit(client: Client) -> None:
    error = client.call("encode", [LARGE], options=SLOW, timeLimit=200)["error"]
    assert (error["code"], error["name"]) == ("time_limit", "TimeoutError")
    assert client.call("inspect", SMALL)["fields"]["width"] == 40


def test_memory_limit(client: Client) -> None:
    mebibyte = 1 << 20
    for limit in (1, 20 * mebibyte):
        error = client.call("encode", [LARGE], options=SLOW, memoryLimit=limit)["error"]
        assert error["code"] == "memory_limit"
    assert "error" not in client.call("decode", SMALL, memoryLimit=64 * mebibyte)


def test_queue_limit(client: Client) -> None:
    client.page.evaluate(
        "(async () => { driver.codec = await driver.make({ workers: 1, queueLimit: 1, probe: false }); })()"
    )
    client.start("running", "encode", [LARGE], options=SLOW)
    client.until("running", "running")
    client.start("queued", "inspect", SMALL)
    assert client.call("inspect", SMALL)["error"]["code"] == "over_capacity"
    client.page.evaluate("driver.codec.connection.close()")
    assert client.outcome("running")["error"]["code"] == "cancelled"
    assert client.outcome("queued")["error"]["code"] == "cancelled"


def test_an_instance_is_used_again_after_errors_and_traps(client: Client) -> None:
    client.page.evaluate("(async () => { driver.codec = await driver.make({ workers: 1 }); })()")
    first = client.digests("transcode", SMALL, options={"to": "jxl"})
    for data in (SMALL[:50], SMALL[:-30], SMALL[:41] + bytes(200), b"\xff\xd8\xff\xe0" + bytes(100)):
        assert client.call("decode", data)["error"]["code"]
        assert client.digests("transcode", SMALL, options={"to": "jxl"}) == first


def test_a_worker_that_does_not_load(client: Client) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    client.page.context.route("**/assets/worker-*.js", refuse)
    client.page.evaluate("(async () => { driver.codec = await driver.make({ workers: 1 }); })()")
    assert client.call("inspect", SMALL)["error"]["code"] == "worker_crashed"
    client.page.context.unroute("**/assets/worker-*.js")
    assert client.call("inspect", SMALL)["fields"]["width"] == 40


def crash(page: Page) -> None:
    """Makes every worker of the page throw what nobody catches."""
    for worker in page.workers:
        # One that crashed before may still be listed.
        with suppress(Error):
            worker.evaluate("void setTimeout(() => { throw new Error('boom'); })")


def sent(client: Client, key: str, times: int) -> None:
    """Waits until a call was sent to the service so many times."""
    condition = "([key, times]) => driver.stages[key].filter((each) => each === 'sending').length === times"
    until(client.page, condition, [key, times])


def test_a_worker_that_crashes_during_a_call(client: Client, page: Page) -> None:
    """The call is made once more in a new worker."""
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    page.context.route("**/v1/inspect", hold_first)
    client.start("saved", "inspect", SMALL, place="server")
    sent(client, "saved", 1)
    crash(page)
    fields = client.outcome("saved")["fields"]
    assert fields["width"] == 40
    assert [each["outcome"] for each in fields["provenance"]["attempts"]] == ["worker_crashed", "ok"]


def test_a_worker_that_crashes_again(client: Client, page: Page) -> None:
    page.context.route("**/v1/inspect", lambda route: None)
    client.start("lost", "inspect", SMALL, place="server")
    for times in (1, 2):
        sent(client, "lost", times)
        crash(page)
    error = client.outcome("lost")["error"]
    assert error["code"] == "worker_crashed"
    assert "boom" in error["message"]


def test_a_service_that_is_away(client: Client, page: Page) -> None:
    page.context.route("**/v1/*", lambda route: route.abort())
    assert client.call("inspect", SMALL, place="server")["error"]["code"] == "unreachable"
    assert client.call("inspect", SMALL)["fields"]["width"] == 40


def test_a_module_that_is_not_the_announced_one(page: Page) -> None:
    page.context.route(
        "**/module/*.wasm",
        lambda route: route.fulfill(body=b"\0asm\1\0\0\0", content_type="application/wasm"),
    )
    code = page.evaluate(
        """async () => {
          const { connect } = await import('/client.js');
          return connect().then(() => 'connected', (error) => error.code);
        }"""
    )
    assert code == "bad_module"


@pytest.mark.parametrize("host", ["127.0.0.1", "eitherside.test"])
def test_pages_without_isolation(browser: Browser, server: Server, host: str) -> None:
    """No shared memory is needed, nor, on the second host, the cryptography of secure contexts."""

    index = server.get("/")
    kept = {name: text for name, text in index.headers.items() if not name.startswith("cross-origin-")}

    context = browser.new_context(service_workers="block")
    page = context.new_page()
    # Chromium ignores the headers on the second host, which has no TLS.
    if host == "127.0.0.1":
        page.route(lambda url: url.endswith("/"), lambda route: route.fulfill(body=index.body, headers=kept))
    page.goto(f"http://{host}:{server.port}/")
    assert page.evaluate("[crossOriginIsolated, isSecureContext]") == [False, host == "127.0.0.1"]
    assert Client(page).digests("transcode", SMALL, options={"to": "jxl"})["image"][0]
    context.close()
