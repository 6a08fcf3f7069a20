"""The application under a prefix of another one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from openapi_spec_validator import validate
from playwright.sync_api import Browser
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from eitherside import CallError, Codec, Settings, connect
from eitherside.http import create_app
from eitherside.http.mounting import MOST, Mounted
from eitherside.module import shipped_folder
from support.images import picture, saved

PREFIX = "/tools/co dec"
QUOTED = "/tools/co%20dec"
PNG = saved(picture(40, 30, 3), "PNG")


@pytest.fixture(scope="module")
def site() -> Iterator[Flask]:
    site = Flask("site")
    site.add_url_rule("/", "home", lambda: "home")
    codec = create_app(Settings.load(threads=1))
    site.wsgi_app = DispatcherMiddleware(site.wsgi_app, {PREFIX: codec})  # type: ignore[method-assign]
    yield site
    codec.extensions["eitherside"].close()


@pytest.fixture(scope="module")
def address(site: Flask) -> Iterator[str]:
    """The site on a port."""
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{QUOTED}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_are_below_the_prefix(site: Flask) -> None:
    client = site.test_client()
    assert client.get("/").text == "home"
    found = client.get(f"{PREFIX}/v1/interface").get_json()["module"]["url"]
    assert found.startswith(f"{QUOTED}/module/")
    assert client.get(found).headers["Content-Type"] == "application/wasm"
    document = client.get(f"{PREFIX}/openapi.json").get_json()
    validate(document)
    assert document["servers"] == [{"url": QUOTED}]
    assert "/v1/inspect" in document["paths"]
    problem = client.post(f"{PREFIX}/v1/inspect", data=b"no picture").get_json()
    assert problem["type"] == f"{QUOTED}/problems/unknown_format"
    assert client.get(problem["type"]).get_json()["code"] == "unknown_format"
    other = client.post(f"{PREFIX}/v1/inspect", data=PNG, headers={"Eitherside-Module": "0" * 64}).get_json()
    assert other["module"]["url"] == found
    assert client.get(PREFIX).headers["Location"].endswith(f"{QUOTED}/")
    assert client.post(f"{PREFIX}/v1/inspect", data=PNG).get_json()["width"] == 40


def test_at_the_root_nothing_has_changed() -> None:
    app = create_app(Settings.load())
    client = app.test_client()
    assert client.get("/v1/interface").get_json()["module"]["url"].startswith("/module/")
    assert client.get("/openapi.json").get_json()["servers"] == [{"url": "/"}]
    app.extensions["eitherside"].close()


def test_clients_find_their_way(address: str, codec: Codec) -> None:
    with connect(address, "server") as there:
        assert there.inspect(PNG).width == 40
        wanted = codec.transcode(PNG, to="jxl", effort=1).image
        assert there.transcode(PNG, to="jxl", effort=1).image == wanted


@pytest.mark.skipif(
    not (shipped_folder() / "static" / "index.html").is_file(), reason="the viewer is not built"
)
def test_the_viewer_works(address: str, browser: Browser) -> None:
    page = browser.new_page()
    missed: list[str] = []
    page.on("response", lambda answer: missed.append(answer.url) if answer.status >= 400 else None)
    page.goto(address)
    script = """async (bytes) => {
      const { connect } = await import("./client.js");
      const codec = await connect();
      const facts = [];
      for (const place of ["server", "local"]) {
        const { width, provenance } = await codec.inspect(new Uint8Array(bytes), {}, { place });
        facts.push([width, provenance.place]);
      }
      codec.connection.close();
      return facts;
    }"""
    assert page.evaluate(script, list(PNG)) == [[40, "server"], [40, "local"]]
    # What is kept for when there is no network is this application's own, and lies below its prefix.
    page.locator("#offline-ready").wait_for()
    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
          (await (await caches.open(name)).keys()).map(({ url }) => [name, url])))).flat()"""
    )
    assert len(kept) > 10
    assert all(f" {address}" in name and url.startswith(address) for name, url in kept)
    assert missed == []
    page.close()


def test_settings_are_those_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EITHERSIDE_MAX_BODY", "1MiB")
    app = create_app(Settings.load(max_body="2MiB", pillow=False))
    found = app.test_client().get("/v1/interface").get_json()["service"]
    assert (found["limits"]["max_body"], found["formats"]) == (2 << 20, [])


def mine() -> set[threading.Thread]:
    """The threads that the package has started and that run."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("eitherside")}


def test_it_closes_cleanly() -> None:
    before = mine()
    app = create_app(Settings.load(threads=2))
    service = app.extensions["eitherside"]
    service.begin()
    client = app.test_client()
    assert client.post("/v1/transcode?to=jxl", data=PNG).status_code == 200
    folder = service.shared.folder.path
    assert folder.is_dir()
    assert mine() > before
    service.close()
    service.close()
    for thread in mine() - before:
        thread.join(30)
    assert mine() <= before
    assert not folder.exists()
    assert json.loads(client.post("/v1/inspect", data=PNG).data)["code"] == "cancelled"
    with pytest.raises(CallError, match="closed"):
        service.host.call("inspect", {}, {"image": PNG})


def test_documents_are_kept_for_few_prefixes() -> None:
    made: list[str] = []

    def make(prefix: str) -> object:
        made.append(prefix)
        return lambda: None

    document = Mounted(make)  # type: ignore[arg-type]
    for _ in range(2):
        document.at("")
    for index in range(3 * MOST):
        document.at(f"/{index}")
    assert made[0] == ""
    assert len(made) == 3 * MOST + 1
    assert len(document._made) <= MOST
