"""The start: the module is compiled as it arrives, and nobody waits for it who need not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from server import Server
from support.images import picture, saved

from .client import CONNECT, text
from .conftest import watched
from .viewer import Viewer
from .waiting import started

PNG = saved(picture(60, 40, 3), "PNG")
MODULE = "**/module/*.wasm"
COUNT = """
  window.compiled = [];
  for (const name of ["compile", "compileStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = (source) => {
      compiled.push(name);
      return original.call(WebAssembly, source);
    };
  }
"""


@pytest.fixture
def empty(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of its own context, whose cache is empty."""
    with watched(browser, server) as opened:
        yield opened


def test_a_picture_is_painted_before_the_module_is_there(empty: Page) -> None:
    held: list[Route] = []
    empty.route(MODULE, lambda route: held.append(route))
    empty.goto("/")
    started(empty)
    viewer = Viewer(empty)
    viewer.open(("a.png", PNG))
    assert viewer.pixels()[..., 3].any()
    assert "browser" not in {row[2] for row in viewer.calls()}
    assert len(held) == 1
    held[0].continue_()
    viewer.run_in("Browser")
    viewer.open(("b.png", PNG))
    assert viewer.calls()[0][2] == "browser"


def test_it_is_compiled_once_as_it_arrives(bare: Page) -> None:
    bare.evaluate(f"() => {{ {COUNT} }}")
    bare.evaluate(CONNECT, {"place": "local", "probe": False})
    assert (
        bare.evaluate(
            "(png) => driver.codec.inspect(driver.bytes(png)).then(({ width }) => width)", text(PNG)
        )
        == 60
    )
    assert bare.evaluate("compiled") == ["compileStreaming"]
    assert len(bare.workers) > 1


def test_an_interface_that_is_not_the_modules(bare: Page) -> None:
    """Until the module is there its interface is the service's word, which is then checked."""

    def change(route: Route) -> None:
        document = route.fetch().json()
        document["interface"]["title"] = "Another"
        route.fulfill(json=document)

    bare.route("**/v1/interface", change)
    bare.evaluate(CONNECT, {"early": True, "probe": False})
    bare.unroute("**/v1/interface")
    found = bare.evaluate(
        """async (png) => {
          const { codec, bytes } = driver;
          const error = await codec.connection.ready.catch((thrown) => thrown);
          const local = await codec.inspect(bytes(png), {}, { place: "local" }).catch((thrown) => thrown);
          const { provenance } = await codec.inspect(bytes(png), {}, { place: "auto" });
          return [error.code, local.code, provenance.place];
        }""",
        text(PNG),
    )
    assert found == ["bad_module", "bad_module", "server"]
