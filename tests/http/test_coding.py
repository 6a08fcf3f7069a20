"""What is compressed, and for whom."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from eitherside.http import create_app, description, pages
from eitherside.module import Module
from eitherside.settings import Settings

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
SCRIPT = b"export const a = 1;\n" * 200


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("br", "br"), ("gzip", "gzip"), ("gzip, br", "br"), ("gzip;q=0.9, br;q=0.8", "gzip"), ("*", "br"),
        ("br;q=0, *", "gzip"), ("br;q=0, gzip;q=0", None), ("identity", None), ("", None), ("deflate", None),
        ("identity;q=0.5, br", "br"), ("identity, br;q=0.5", None), ("BR", "br"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/interface", "/openapi.json"])
def test_documents_come_as_the_client_likes(
    client: FlaskClient, path: str, accept: str, coding: str | None
) -> None:
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    found = client.get(path, headers={"Accept-Encoding": accept})
    assert found.headers.get("Content-Encoding") == coding
    assert found.headers["Vary"] == "Accept-Encoding"
    assert UNPACK[coding](found.data) == plain.data
    assert (len(found.data) < len(plain.data)) == (coding is not None)
    assert (found.headers["ETag"] == plain.headers["ETag"]) == (coding is None)
    again = client.get(path, headers={"Accept-Encoding": accept, "If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/v1/capacity", "/problems/bad_option", "/healthz", "/nope"])
def test_what_is_small_does_not(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "br, gzip"}).headers


@pytest.mark.parametrize("path", ["/v1/decode?type=f32", "/v1/inspect", "/v1/transcode?to=jxl"])
def test_answers_of_calls_do_not(png: bytes, path: str) -> None:
    client = create_app(Settings.load()).test_client()
    response = client.post(path, data=png, headers={"Accept-Encoding": "br, gzip"})
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers
    kept = client.get(
        f"/v1/results/{response.headers['Eitherside-Result-Key']}",
        headers={"Accept-Encoding": "br, gzip"},
        buffered=True,
    )
    assert (kept.data, "Content-Encoding" in kept.headers) == (response.data, False)


class TestWhatTheBuildCompressed:
    @pytest.fixture
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "assets").mkdir()
        file = tmp_path / "assets" / "a-1.js"
        file.write_bytes(SCRIPT)
        Path(f"{file}.br").write_bytes(brotli.compress(SCRIPT))
        Path(f"{file}.gz").write_bytes(gzip.compress(SCRIPT))
        (tmp_path / "assets" / "b-1.svg").write_bytes(b"<svg/>")
        monkeypatch.setattr(pages, "folder", lambda: tmp_path)
        return file

    @pytest.mark.usefixtures("built")
    @pytest.mark.parametrize(("accept", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("zstd", None)])
    def test_files(self, client: FlaskClient, accept: str, coding: str | None) -> None:
        response = client.get("/assets/a-1.js", headers={"Accept-Encoding": accept}, buffered=True)
        assert response.headers.get("Content-Encoding") == coding
        assert UNPACK[coding](response.data) == SCRIPT
        assert response.content_type.startswith("text/javascript")
        assert response.headers["Vary"] == "Accept-Encoding"
        assert "immutable" in response.headers["Cache-Control"]
        headers = {"Accept-Encoding": accept, "If-None-Match": response.headers["ETag"]}
        assert client.get("/assets/a-1.js", headers=headers, buffered=True).status_code == 304

    @pytest.mark.usefixtures("built")
    def test_each_coding_has_a_tag_of_its_own(self, client: FlaskClient) -> None:
        tags = {
            client.get("/assets/a-1.js", headers={"Accept-Encoding": accept}, buffered=True).headers["ETag"]
            for accept in ("br", "gzip", "identity")
        }
        assert len(tags) == 3

    @pytest.mark.usefixtures("built")
    def test_a_file_that_it_left_alone(self, client: FlaskClient) -> None:
        response = client.get("/assets/b-1.svg", headers={"Accept-Encoding": "br"}, buffered=True)
        assert (response.data, "Content-Encoding" in response.headers) == (b"<svg/>", False)

    def test_a_file_that_was_made_anew_since(self, client: FlaskClient, built: Path) -> None:
        later = built.stat().st_mtime + 10
        os.utime(built, (later, later))
        response = client.get("/assets/a-1.js", headers={"Accept-Encoding": "br"}, buffered=True)
        assert (response.data, "Content-Encoding" in response.headers) == (SCRIPT, False)

    def test_the_module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        module = Module.shipped(Settings.load().module)
        folder = tmp_path / "static" / "module"
        folder.mkdir(parents=True)
        best = brotli.compress(module.bytes, quality=1)
        (folder / f"{module.sha256}.wasm.br").write_bytes(best)
        (folder / f"{'0' * 64}.wasm.gz").write_bytes(b"another module's")
        monkeypatch.setattr(description, "shipped_folder", lambda: tmp_path)
        client = create_app(Settings.load(), module).test_client()
        path = f"/module/{module.sha256}.wasm"
        response = client.get(path, headers={"Accept-Encoding": "br"})
        assert (response.data, response.headers["Content-Encoding"]) == (best, "br")
        other = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(other.data) == module.bytes
