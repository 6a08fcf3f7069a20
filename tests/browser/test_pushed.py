"""A page paints a picture while the file arrives; and however it stops, nothing is left waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eitherside import Codec
from server import Server
from support.dripping import Drip, dripping
from support.images import picture

from .client import Client, text
from .conftest import watched
from .waiting import until

PAINT = Path(__file__).with_name("painting.js").read_text()


@pytest.fixture(scope="module")
def file(codec: Codec) -> bytes:
    """A progressive file."""
    return codec.encode(picture(256, 192, 3), distance=1.0, progressive=True, effort=3).image


@pytest.fixture
def drip(file: bytes, server: Server) -> Iterator[Drip]:
    """A server of the file: eight pieces, and its last byte."""
    step = len(file) // 8 + 1
    pieces = [file[at : min(at + step, len(file) - 1)] for at in range(0, len(file), step)]
    with dripping([*pieces, file[-1:]], server) as made:
        yield made


@pytest.fixture
def page(browser: Browser, server: Server, drip: Drip) -> Iterator[Page]:
    """An empty page of the server that sends the file."""
    with watched(browser, server) as opened:
        opened.goto(f"{drip.origin}/")
        yield opened


@pytest.fixture
def client(page: Page) -> Client:
    """The client library, with one worker for calls."""
    return Client(page, workers=1)


def error(page: Page) -> dict[str, Any]:
    until(page, "painting.error !== undefined")
    found: dict[str, Any] = page.evaluate("painting.error")
    return found


def send(page: Page, drip: Drip, index: int) -> None:
    """Lets the next piece go, and waits until it has arrived: by itself, not together with others."""
    drip.release()
    arrived = sum(map(len, drip.pieces[: index + 1]))
    until(page, f"painting.received >= {arrived} || painting.error !== undefined")


def test_a_page_paints_before_the_last_byte_was_sent(client: Client, drip: Drip, file: bytes) -> None:
    page = client.page
    page.evaluate(PAINT, [drip.url, None])
    for index in range(len(drip.pieces) - 1):
        send(page, drip, index)
    # The last byte is still held back.
    until(page, "painting.painted.length >= 2 || painting.error !== undefined")
    assert page.evaluate("painting.error") is None
    # A worker of its own: the only one for calls is free.
    assert "error" not in client.call("inspect", file)
    drip.release()
    until(page, "painting.last !== undefined || painting.error !== undefined")
    assert page.evaluate("painting.error") is None
    errors = page.evaluate("painting.errors()")
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > errors[-1] == 0
    assert page.evaluate("painting.provenance") == "local"
    assert page.evaluate("(file) => painting.differs(driver.bytes(file))", text(file)) is False


@pytest.mark.parametrize(
    ("stop", "code", "name"),
    [
        ("painting.controller.abort()", "cancelled", "AbortError"),
        ("painting.stream.close()", "cancelled", "AbortError"),
        ("driver.codec.connection.close()", "cancelled", "AbortError"),
        ("dispatchEvent(new PageTransitionEvent('pagehide'))", "cancelled", "AbortError"),
        ("0", "time_limit", "TimeoutError"),
    ],
)
def test_a_download_that_stands_still_keeps_nothing_waiting(
    client: Client, drip: Drip, stop: str, code: str, name: str
) -> None:
    page = client.page
    page.evaluate(PAINT, [drip.url, 3000 if stop == "0" else None])
    for index in range(4):
        send(page, drip, index)
    if stop != "0":
        until(page, "painting.painted.length >= 1")
    page.evaluate(f"() => {{ {stop} }}")
    found = error(page)
    assert (found["code"], found["name"]) == (code, name)
    # Nor does the download go on.
    assert drip.gone.wait(20)


def test_a_file_that_breaks_off_is_told_at_its_end(client: Client, file: bytes) -> None:
    found = client.page.evaluate(
        """async (file) => {
          const stream = driver.codec.decode.pushed();
          const shown = await stream.push(driver.bytes(file));
          const error = await stream.finish().catch((thrown) => thrown);
          const again = await stream.push(new Uint8Array(1)).catch((thrown) => thrown);
          return [shown.length, error.code, again.code];
        }""",
        text(file[: len(file) // 2]),
    )
    assert found == [1, "truncated", "truncated"]


def test_in_a_worker_of_the_page(client: Client, file: bytes) -> None:
    source = """
      onmessage = async ({ data: [origin, file] }) => {
        const { connect } = await import(origin + "/client.js");
        const codec = await connect({ url: origin });
        const stream = codec.decode.pushed({ type: "u8" });
        let shown = 0;
        for await (const result of stream.from(new Blob([file]))) shown += result.samples.length;
        const last = await stream.finish();
        codec.connection.close();
        postMessage([shown, last.complete, last.width]);
      };"""
    client.page.route(
        "**/nested.js", lambda route: route.fulfill(body=source, content_type="text/javascript")
    )
    found = client.page.evaluate(
        """(file) => new Promise((resolve, reject) => {
          const worker = new Worker("/nested.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage([location.origin, driver.bytes(file)]);
        })""",
        text(file),
    )
    assert found[1:] == [True, 256]
