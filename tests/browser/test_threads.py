"""Threads inside one call: the same bytes from any number, and every call settles however its threads end."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from eitherside import Codec, Module
from support.images import picture

from .client import Client
from .test_settling import reconnect
from .waiting import until

WIDTH, HEIGHT = 900, 700
SAMPLES = picture(WIDTH, HEIGHT, 3).tobytes()
IMAGE: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "channels": 3, "type": "u8"}
SLOW = {**IMAGE, "effort": 9}
HELPERS = """() => {
  window.helpers = [];
  const Original = Worker;
  window.Worker = class extends Original {
    postMessage(message, transfer) {
      if (message.type === "help") helpers.push(this);
      super.postMessage(message, transfer);
    }
  };
}"""


@pytest.fixture
def page(bare: Page, module: Module) -> Page:
    if b"eitherside_help" not in module.bytes:
        pytest.skip("the module has no helpers")
    bare.evaluate(HELPERS)
    return bare


@pytest.fixture
def client(page: Page) -> Client:
    assert page.evaluate("crossOriginIsolated")
    return Client(page, threads=2, workers=1, probe=False)


def helpers(client: Client) -> int:
    """How often a helper was sent to work."""
    count: int = client.page.evaluate("helpers.length")
    return count


def replace_help(client: Client, body: str) -> None:
    """Has helpers do something else than help."""
    script = f"WebAssembly.Instance = class {{ exports = {{ eitherside_help() {{ {body} }} }}; }}"
    for worker in client.page.workers:
        worker.evaluate(f"() => {{ {script} }}")


def test_the_same_bytes(client: Client, codec: Codec) -> None:
    """With helpers, without, and without shared memory; the second call is in the memory of the first."""
    file = codec.encode(picture(WIDTH, HEIGHT, 4), distance=1.0, effort=3).image
    calls: list[tuple[str, bytes, dict[str, Any]]] = [
        ("encode", SAMPLES, {**IMAGE, "effort": 4}),
        ("decode", file, {}),
    ]
    found = []
    for options in ({"threads": 2}, {"threads": 3}, {"threads": 1}, {"sharedMemory": False}):
        reconnect(client, **{"workers": 1, "probe": False, **options})
        before = helpers(client)
        found.append([client.digests(fn, data, options=each) for fn, data, each in calls])
        assert (helpers(client) > before) == (options.get("threads", 1) > 1)
    assert found == [found[0]] * 4


def test_a_cancelled_call_keeps_its_worker(client: Client) -> None:
    client.start("slow", "encode", SAMPLES, options=SLOW)
    until(client.page, "helpers.length > 0")
    before = len(client.page.workers)
    client.abort("slow")
    assert client.outcome("slow")["error"]["code"] == "cancelled"
    assert "error" not in client.call("encode", SAMPLES, options=IMAGE)
    assert len(client.page.workers) == before
    assert client.call("encode", SAMPLES, options=SLOW, timeLimit=300)["error"]["code"] == "time_limit"


def test_a_helper_that_traps(client: Client) -> None:
    """The call fails with what the helper says; the next one is made as ever."""
    assert "error" not in client.call("encode", SAMPLES, options=IMAGE)
    replace_help(client, "throw new WebAssembly.RuntimeError('index out of bounds')")
    error = client.call("encode", SAMPLES, options=SLOW)["error"]
    assert (error["code"], error["message"]) == ("internal", "the module trapped: index out of bounds")


def test_a_helper_that_dies(client: Client) -> None:
    """It ends without a word; the call is made once more, with another helper."""
    assert "error" not in client.call("encode", SAMPLES, options=IMAGE)
    replace_help(client, "self.postMessage = () => self.close()")
    fields = client.call("encode", SAMPLES, options={**IMAGE, "effort": 7})["fields"]
    assert [each["outcome"] for each in fields["provenance"]["attempts"]] == ["worker_crashed", "ok"]


def test_one_thread_where_the_page_is_not_isolated(client: Client) -> None:
    """The module has shared memory there, too, which no other worker gets."""
    expected = client.digests("encode", SAMPLES, options=IMAGE)
    page = client.page
    page.route("**/", lambda route: route.fulfill(body="<!doctype html>"))
    page.goto("/")
    assert not page.evaluate("crossOriginIsolated")
    page.evaluate(HELPERS)
    alone = Client(page, threads=2, workers=1, probe=False)
    assert alone.digests("encode", SAMPLES, options=IMAGE) == expected
    assert helpers(alone) == 0
