"""Every promise settles: workers that die in silence, pages that are left, no network, no memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from server import Server
from support.images import picture, saved

from .client import Client, Noise, text
from .waiting import until

SMALL = saved(picture(40, 30, 3), "PNG")
LARGE = Noise(1500 * 1200 * 3)
SLOW: dict[str, Any] = {"width": 1500, "height": 1200, "channels": 3, "type": "u8", "effort": 9}


@pytest.fixture
def page(bare: Page) -> Page:
    """The viewer, too, would have the module compiled and measured: seconds for each test."""
    return bare


def hold(route: Route) -> None:
    """Leaves the request without an answer."""


def hold_first() -> Callable[[Route], None]:
    """Makes what leaves the first request without an answer, and lets the others through."""
    seen: list[Route] = []

    def handle(route: Route) -> None:
        seen.append(route)
        if len(seen) > 1:
            route.continue_()

    return handle


def reconnect(client: Client, **options: object) -> None:
    """Gives the driver a codec with other options."""
    client.page.evaluate("async (options) => { driver.codec = await driver.make(options); }", options)


def sent(client: Client, key: str, times: int = 1) -> None:
    """Waits until a call was sent to the service so many times."""
    condition = "([key, times]) => driver.stages[key].filter((each) => each === 'sending').length === times"
    until(client.page, condition, [key, times])


@pytest.mark.parametrize("host", ["127.0.0.1", "eitherside.test"])
def test_a_worker_that_ends_without_a_word(browser: Browser, server: Server, host: str) -> None:
    """By the lock that it held, or by its silence where the context is not secure and there are no locks."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"http://{host}:{server.port}/")
    client = Client(page)
    assert page.evaluate("'locks' in navigator") == (host == "127.0.0.1")
    context.route("**/v1/inspect", hold_first())
    client.start("lost", "inspect", SMALL, place="server")
    sent(client, "lost")
    for worker in page.workers:
        worker.evaluate("self.close()")
    fields = client.outcome("lost")["fields"]
    assert fields["width"] == 40
    assert [each["outcome"] for each in fields["provenance"]["attempts"]] == ["worker_crashed", "ok"]
    context.close()


def test_a_worker_that_never_starts(client: Client) -> None:
    pattern = "**/assets/worker-*.js"
    client.page.context.route(pattern, hold)
    reconnect(client, workers=1, startLimit=500)
    error = client.call("inspect", SMALL)["error"]
    assert error["code"] == "worker_crashed"
    assert "did not start" in error["message"]
    client.page.context.unroute(pattern)
    reconnect(client, workers=1)
    assert client.call("inspect", SMALL)["fields"]["width"] == 40


def test_an_aborted_call_is_stopped_on_the_service(client: Client, server: Server) -> None:
    deleted: list[str] = []

    def note(request: Request) -> None:
        if request.method == "DELETE":
            deleted.append(request.url)

    client.page.on("request", note)
    client.start("stopped", "encode", [LARGE], options=SLOW, place="server")
    sent(client, "stopped")
    client.page.wait_for_timeout(500)
    client.abort("stopped")
    assert client.outcome("stopped")["error"]["code"] == "cancelled"
    until_deleted = (
        "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/v1/calls/'))"
    )
    until(client.page, until_deleted)
    assert len(deleted) == 1
    assert deleted[0].startswith(f"{server.url}/v1/calls/")
    wait_until_idle(client, server)


def wait_until_idle(client: Client, server: Server) -> None:
    """Waits until the service computes nothing any more."""
    for _ in range(400):
        if server.get("/v1/capacity").json["running"] == 0:
            return
        client.page.wait_for_timeout(50)
    raise AssertionError("the service still computes")


def test_a_page_that_is_left_and_comes_back(client: Client, server: Server) -> None:
    for key, place in (("here", "local"), ("there", "server")):
        client.start(key, "encode", [LARGE], options=SLOW, place=place)
    client.until("here", "running")
    sent(client, "there")
    client.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    for key in ("here", "there"):
        error = client.outcome(key)["error"]
        assert (error["code"], error["message"]) == ("cancelled", "the page was left")
    client.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    for place in ("local", "server"):
        assert client.call("inspect", SMALL, place=place)["fields"]["width"] == 40
    wait_until_idle(client, server)


def test_offline(client: Client, page: Page) -> None:
    """What can run locally does."""
    page.context.set_offline(True)
    outcome = client.call("inspect", SMALL, place="auto")
    assert outcome["fields"]["provenance"]["place"] == "local"
    assert client.call("inspect", SMALL, place="server")["error"]["code"] == "unreachable"
    reasons = page.evaluate(
        """async () => {
          const { estimates } = await driver.codec.explain('inspect', new Blob(['x']), {}, { place: 'auto' });
          return Object.fromEntries(estimates.map(({ place, available }) => [place, available]));
        }"""
    )
    assert reasons == {"local": True, "server": False}
    page.context.set_offline(False)
    assert client.call("inspect", SMALL, place="server")["fields"]["width"] == 40


def test_memory_that_cannot_be_reserved(client: Client) -> None:
    """Where the browser has none left the service may have some."""
    refuse = """() => {
      WebAssembly.Memory = class { constructor() { throw new RangeError('could not allocate memory'); } };
    }"""
    assert client.call("inspect", SMALL)["fields"]["width"] == 40
    reconnect(client, workers=1, probe=False, planner={"exploration": 0})
    client.page.wait_for_timeout(500)
    for worker in client.page.workers:
        worker.evaluate(refuse)
    assert client.call("inspect", SMALL, place="local")["error"]["code"] == "over_capacity"
    fields = client.call("inspect", SMALL, place="auto")["fields"]
    assert (fields["width"], fields["provenance"]["place"]) == (40, "server")


def test_pictures(client: Client) -> None:
    """The same pixels from every place; a format that the browser does not decode is none of its own."""
    pixels = """async ([text, place]) => {
      const settings = { as: 'picture', place };
      const { picture, provenance } = await driver.codec.decode(driver.bytes(text), {}, settings);
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = canvas.getContext('2d');
      context.drawImage(picture, 0, 0);
      const { data } = context.getImageData(0, 0, picture.width, picture.height);
      const { place: where, module } = provenance;
      return [picture.width, picture.height, where, module.length, Array.from(data).join()];
    }"""
    seen = {
        place: client.page.evaluate(pixels, [text(SMALL), place]) for place in ("native", "local", "server")
    }
    for place, (width, height, where, module, _) in seen.items():
        assert (width, height, where, module) == (40, 30, place, 0 if place == "native" else 64)
    assert seen["native"][4] == seen["local"][4] == seen["server"][4]
    pnm = b"P6 2 1 255\n" + bytes(range(6))
    assert client.call("decode", pnm, place="native")["error"]["code"] == "unavailable"
    code = client.page.evaluate(
        """async ([text]) => {
          const { codec, bytes } = driver;
          const decode = (place) => codec.decode(bytes(text), {}, { as: 'picture', place });
          const native = await decode('native').catch(({ code }) => code);
          const { provenance } = await decode('auto');
          return [native, provenance.place !== 'native'];
        }""",
        [text(pnm)],
    )
    assert code == ["not_decoded", True]


def test_in_a_worker(client: Client, page: Page) -> None:
    """The client library works in a worker as it does in a page, with workers of its own."""
    script = """
      import { connect } from "/client.js";
      onmessage = ({ data }) => work(data).catch((error) => postMessage(error.stack));
      const work = async (data) => {
        const codec = await connect({ url: location.origin });
        const results = [];
        for (const place of ["local", "server"]) {
          const { width, provenance } = await codec.inspect(data, {}, { place });
          results.push([width, provenance.place]);
        }
        const { picture } = await codec.decode(data, {}, { as: "picture", place: "local" });
        codec.connection.close();
        postMessage([...results, picture.height]);
      };"""
    page.context.route(
        "**/assets/nested.js",
        lambda route: route.fulfill(
            body=script,
            content_type="text/javascript",
            headers={"Cross-Origin-Embedder-Policy": "require-corp"},
        ),
    )
    told = page.evaluate(
        """(text) => new Promise((resolve, reject) => {
          const worker = new Worker("/assets/nested.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(driver.bytes(text));
        })""",
        text(SMALL),
    )
    assert told == [[40, "local"], [40, "server"], 30]
