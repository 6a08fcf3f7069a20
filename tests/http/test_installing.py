"""The viewer as an application: its manifest, its service worker, and files that are shared too early."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from eitherside.http import create_app
from eitherside.module import shipped_folder
from eitherside.settings import Settings


def test_the_manifest_names_what_is_read(client: FlaskClient) -> None:
    response = client.get("/manifest.webmanifest")
    assert response.content_type == "application/manifest+json"
    assert response.headers["Cache-Control"] == "no-cache"
    document = response.get_json(force=True)
    told = client.get("/v1/interface").get_json()
    formats = [*told["interface"]["formats"], *told["service"]["formats"]]
    read = {item["media_type"]: [f".{ending}" for ending in item["extensions"]] for item in formats}
    assert document["file_handlers"] == [{"action": "./", "accept": read}]
    (files,) = document["share_target"]["params"]["files"]
    assert set(files["accept"]) == {*read, *(ending for endings in read.values() for ending in endings)}
    # Under any prefix.
    addresses = [document[name] for name in ("start_url", "scope", "id")]
    assert addresses == ["./"] * 3
    assert not document["share_target"]["action"].startswith("/")


def test_it_names_no_format_that_is_turned_off() -> None:
    app = create_app(Settings.load(pillow=False))
    manifest = app.test_client().get("/manifest.webmanifest").get_json(force=True)
    read = app.extensions["eitherside"].interface.formats.values()
    assert set(manifest["file_handlers"][0]["accept"]) == {item.media_type for item in read if item.read}


def test_shared_files_without_a_service_worker(client: FlaskClient) -> None:
    response = client.post("/share", data={"files": (BytesIO(b"x"), "a.jxl")})
    assert (response.status_code, response.headers["Location"]) == (303, "/?unshared=service")
    assert response.headers["Cache-Control"] == "no-store"
    mounted = client.post("/share", environ_overrides={"SCRIPT_NAME": "/pictures"})
    assert mounted.headers["Location"] == "/pictures/?unshared=service"


@pytest.mark.skipif(not (shipped_folder() / "static/sw.js").is_file(), reason="the viewer is not built")
def test_the_service_worker_is_looked_at_anew_each_time(client: FlaskClient) -> None:
    response = client.get("/sw.js", buffered=True)
    assert response.headers["Cache-Control"] == "no-cache"
    assert "javascript" in response.content_type
    assert "connect-src 'self'" in response.headers["Content-Security-Policy"]
