"""The viewer without its server: opened cold, viewing, converting; what is kept for that, and what not."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from browser.client import Client, text
from browser.viewer import Viewer
from browser.waiting import started, until
from eitherside import Module, Settings
from server import Server, running_server
from support.images import picture, saved
from support.site import other_site

from .conftest import KEPT, Launch, kept, ready, visit
from .releases import LAZY

PNG = saved(picture(60, 40, 3), "PNG")
TRANSCODE = """(png) => driver.codec.transcode(driver.bytes(png), { to: "jxl" }).then(
  ({ image, provenance }) => [btoa(String.fromCharCode(...image)), provenance.place, provenance.why])"""
ASSETS = (
    "aspect", "bitmaps", "client", "histogram", "icon", "intake", "library", "metadata", "opening", "painter",
    "remembered", "sha2", "viewer", "worker",
)  # fmt: skip
SAVING = "Emulation.setDataSaverOverride"


def test_without_a_server(launch: Launch, tmp_path: Path, module: Module) -> None:
    with running_server() as server, launch(tmp_path / "profile") as context:
        page = visit(context, server.url)
        ready(page)
        expect(page.locator("#announce")).to_contain_text("Ready offline")
        viewer = Viewer(page)
        viewer.run_in("Server")
        viewer.open(("a.png", PNG))
        viewer.run_in("Auto")
        there = server.post("/v1/transcode?to=jxl", PNG).body
        found = kept(page)
        (files,) = (paths for name, paths in found.items() if " build " in name)
        (modules,) = (paths for name, paths in found.items() if name.endswith(" modules"))
        assert len(found) == 2
        assert {re.split(r"[-.]", path)[0] for path in files} == {
            "/", "/client", "/library", "/worker",
            *(f"/assets/{name}" for name in ASSETS),
        }  # fmt: skip
        assert modules == [f"/module/{module.sha256}.wasm", f"/v1/interface?module={module.sha256}"]
        port = server.port
        server.process.terminate()
        server.process.wait(20)

        page = visit(context, server.url)
        assert page.evaluate("crossOriginIsolated")
        expect(page.locator("#away")).to_contain_text("The server cannot be reached")
        Viewer(page).open(("b.png", PNG))
        client = Client(page, place="auto", probe=False)
        assert page.evaluate("driver.codec.connection.isAway")
        image, place, _ = page.evaluate(TRANSCODE, text(PNG))
        assert (image, place) == (text(there), "local")
        why = page.evaluate(
            "(png) => driver.codec.explain('transcode', driver.bytes(png), { to: 'jxl' })", text(PNG)
        )
        assert "could not be reached" in json.dumps(why)

    with launch(tmp_path / "profile") as context:
        page = visit(context, f"http://127.0.0.1:{port}")
        viewer = Viewer(page)
        viewer.open(("c.png", PNG))
        assert viewer.pixels()[..., 3].any()
        assert {row[2] for row in viewer.calls()} == {"browser"}
        client = Client(page, probe=False)
        with running_server(port=port):
            page.evaluate("dispatchEvent(new Event('online'))")
            until(page, "!driver.codec.connection.isAway")
            assert "error" not in client.call("transcode", PNG, options={"to": "jxl"}, place="server")


def test_saving_data(fresh: BrowserContext, server: Server) -> None:
    """Nothing is fetched that is not needed; what has come is kept."""
    before = len(server.log.read_text())
    page = fresh.new_page()
    fresh.new_cdp_session(page).send(SAVING, {"dataSaverEnabled": True})
    page.goto(server.url)
    started(page)
    until(page, "caches.keys().then((names) => names.some((name) => name.endsWith(' modules')))")
    asked = re.findall(r"GET (\S+)", server.log.read_text()[before:])
    assert not any(LAZY in path for path in asked)
    assert sum(path.startswith("/module/") for path in asked) == 1
    assert page.locator("#offline-ready").is_hidden()
    until(page, f"({KEPT})().then((kept) => Object.values(kept).flat().join().includes('assets/viewer-'))")
    page.reload()
    started(page)
    viewer = Viewer(page)
    viewer.open(("a.png", PNG))
    page.locator("#histogram > summary").click()
    until(page, f"({KEPT})().then((kept) => Object.values(kept).flat().join().includes('{LAZY}'))")


def test_it_can_be_installed_and_takes_what_is_shared(
    launch: Launch, server: Server, tmp_path: Path, settings: Settings
) -> None:
    with other_site() as site, launch(tmp_path / "profile") as context:
        form = f"""<form method="post" enctype="multipart/form-data" action="{server.url}/share">
          <input type="file" name="files" multiple><button>Share</button></form>"""
        shared = context.new_page()
        shared.goto(site.page("/form.html", form))

        def share() -> None:
            shared.goto(f"{site.origin}/form.html")
            shared.locator("input").set_input_files(
                {"name": "über <b>.png", "mimeType": "image/png", "buffer": PNG}
            )
            shared.locator("button").click()
            shared.wait_for_url(f"{server.url}/")

        share()
        expect(shared.locator("#taken-text")).to_contain_text("share them again")

        page = visit(context, server.url)
        ready(page)
        session = context.new_cdp_session(page)
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        manifest = session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        document = json.loads(manifest["data"])
        told = server.get("/v1/interface").json
        formats = [*told["interface"]["formats"], *told["service"]["formats"]]
        (handler,) = document["file_handlers"]
        assert handler["accept"] == {
            item["media_type"]: [f".{ending}" for ending in item["extensions"]]
            for item in formats
            if item["read"]
        }

        share()
        Viewer(shared).wait("über <b>.png")
        # They are nobody's any more.
        assert not any(paths for name, paths in kept(shared).items() if name.endswith(" shared"))
