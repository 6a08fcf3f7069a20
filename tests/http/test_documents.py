"""What the service says of itself: interface, module, OpenAPI, problems, pages."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from eitherside.http import create_app, pages
from eitherside.module import Module
from eitherside.settings import Settings


def test_the_interface_is_the_modules_own(client: FlaskClient) -> None:
    module = Module.shipped(Settings.load().module)
    found = client.get("/v1/interface").get_json()
    assert found["interface"] == module.interface.raw
    assert found["module"]["sha256"] == hashlib.sha256(module.bytes).hexdigest()
    assert found["module"]["bytes"] == len(module.bytes)
    assert found["module"]["url"] == f"/module/{module.sha256}.wasm"
    assert found["service"]["limits"]["max_body"] == 4 << 20


def test_the_interface_tells_which_formats_are_the_services_own(client: FlaskClient) -> None:
    service = client.get("/v1/interface").get_json()["service"]
    assert {item["name"] for item in service["formats"]} == {"webp", "avif", "tiff"}
    assert all(item["by"] == "pillow" for item in service["formats"])
    formats = ["webp", "avif", "tiff"]
    assert service["functions"] == {
        name: {"input": image, "option": option, "reads": formats, "writes": formats}
        for name, image, option in (
            ("transcode", "image", "to"),
            ("compare", "a", "difference"),
            ("thumbnail", "image", "to"),
            ("edit", "image", "to"),
        )
    }


def test_without_pillow_there_are_none() -> None:
    client = create_app(Settings.load(pillow=False)).test_client()
    service = client.get("/v1/interface").get_json()["service"]
    assert (service["formats"], service["functions"]) == ([], {})
    paths = client.get("/openapi.json").get_json()["paths"]
    assert "image/webp" not in paths["/v1/transcode"]["post"]["requestBody"]["content"]


@pytest.mark.parametrize("path", ["/v1/interface", "/openapi.json", "/problems/bad_option"])
def test_documents_are_revalidated(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


class TestModule:
    @pytest.fixture
    def path(self, client: FlaskClient) -> str:
        return str(client.get("/v1/interface").get_json()["module"]["url"])

    @pytest.fixture
    def wasm(self) -> bytes:
        return Module.shipped(Settings.load().module).bytes

    def test_it_is_the_file_and_never_changes(self, client: FlaskClient, path: str, wasm: bytes) -> None:
        response = client.get(path)
        assert response.data == wasm
        assert response.content_type == "application/wasm"
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Vary"] == "Accept-Encoding"

    @pytest.mark.parametrize(
        ("accept", "coding"),
        [
            ("gzip", "gzip"),
            ("gzip, br", "br"),
            ("br;q=0.5, gzip", "gzip"),
            ("gzip;q=0", None),
            ("zstd", None),
            ("*", "br"),
        ],
    )
    def test_it_comes_compressed_where_accepted(
        self, client: FlaskClient, path: str, wasm: bytes, accept: str, coding: str | None
    ) -> None:
        response = client.get(path, headers={"Accept-Encoding": accept})
        assert response.headers.get("Content-Encoding") == coding
        unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[coding]
        assert unpack(response.data) == wasm
        plain = client.get(path)
        assert (response.headers["ETag"] == plain.headers["ETag"]) == (coding is None)
        again = client.get(
            path, headers={"Accept-Encoding": accept, "If-None-Match": response.headers["ETag"]}
        )
        assert again.status_code == 304

    def test_ranges(self, client: FlaskClient, path: str, wasm: bytes) -> None:
        response = client.get(path, headers={"Range": "bytes=4-7", "Accept-Encoding": "gzip"})
        assert (response.status_code, response.data) == (206, wasm[4:8])
        assert response.headers["Content-Range"] == f"bytes 4-7/{len(wasm)}"
        beyond = client.get(path, headers={"Range": f"bytes={len(wasm)}-"})
        assert (beyond.status_code, beyond.content_type) == (416, "application/problem+json")
        assert beyond.headers["Content-Range"] == f"bytes */{len(wasm)}"

    def test_head(self, client: FlaskClient, path: str, wasm: bytes) -> None:
        response = client.head(path)
        assert (response.data, response.headers["Content-Length"]) == (b"", str(len(wasm)))

    def test_another_hash_is_not_there(self, client: FlaskClient) -> None:
        assert client.get(f"/module/{'0' * 64}.wasm").status_code == 404


class TestOpenAPI:
    def test_it_is_valid(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").get_json()
        assert document["openapi"].startswith("3.1")
        OpenAPIV31SpecValidator(document).validate()

    def test_it_has_every_function_and_every_option(self, client: FlaskClient) -> None:
        interface = client.get("/v1/interface").get_json()["interface"]
        paths = client.get("/openapi.json").get_json()["paths"]
        for function in interface["functions"]:
            operation = paths[f"/v1/{function['name']}"]["post"]
            named = {item["name"] for item in operation["parameters"] if item["in"] == "query"}
            assert set(function["options"].get("properties", {})) <= named
            form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
            assert set(form["properties"]) == {"options", *(item["name"] for item in function["inputs"])}
            assert {"400", "413", "415", "422", "503"} <= set(operation["responses"])

    def test_it_tells_the_services_own_formats(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").get_json()
        operation = document["paths"]["/v1/transcode"]["post"]
        assert operation["x-eitherside-pillow"]["writes"] == ["webp", "avif", "tiff"]
        assert "image/webp" in operation["requestBody"]["content"]
        assert "image/webp" in operation["responses"]["200"]["content"]
        to = next(item for item in operation["parameters"] if item["name"] == "to")
        assert "webp" in to["schema"]["enum"]
        assert "WebP" in document["info"]["description"]

    def test_it_has_what_is_told_of_calls(self, client: FlaskClient) -> None:
        document = client.get("/openapi.json").get_json()
        paths = document["paths"]
        assert set(paths["/v1/calls/{id}"]) == {"delete"}
        assert set(paths["/v1/capacity"]) == {"get"}
        assert set(paths["/v1/results/{key}"]) == {"get", "head"}
        operation = paths["/v1/inspect"]["post"]
        named = {item["name"] for item in operation["parameters"] if item["in"] == "header"}
        assert {"Eitherside-Module", "Eitherside-Call"} <= named
        assert {"409", "412", "499"} <= set(operation["responses"])
        answered = set(operation["responses"]["200"]["headers"])
        assert (
            {"Eitherside-Load", "Eitherside-Result-Key"} <= answered <= set(document["components"]["headers"])
        )
        identifiers = [item["operationId"] for path in paths.values() for item in path.values()]
        assert len(identifiers) == len(set(identifiers))

    def test_the_capacity_is_as_described(self, client: FlaskClient) -> None:
        schema = client.get("/openapi.json").get_json()["paths"]["/v1/capacity"]["get"]["responses"]["200"]
        found = client.get("/v1/capacity").get_json()
        Draft202012Validator(schema["content"]["application/json"]["schema"]).validate(found)

    def test_problems_are_as_described(self, client: FlaskClient, png: bytes) -> None:
        schema = client.get("/openapi.json").get_json()["components"]["schemas"]["Problem"]
        for response in (
            client.post("/v1/decode?x=1", data=png),
            client.get("/nope"),
            client.get("/v1/decode"),
            client.post("/v1/inspect", data=png, headers={"Eitherside-Module": "0" * 64}),
        ):
            Draft202012Validator(schema).validate(json.loads(response.data))

    def test_results_are_as_described(self, client: FlaskClient, png: bytes) -> None:
        schemas = client.get("/openapi.json").get_json()["components"]["schemas"]
        Draft202012Validator(schemas["inspect_result"]).validate(
            client.post("/v1/inspect", data=png).get_json()
        )


class TestProblems:
    def test_each_kind_has_an_address(self, client: FlaskClient) -> None:
        interface = client.get("/v1/interface").get_json()["interface"]
        for code in [item["code"] for item in interface["errors"]] + [
            "over_capacity",
            "time_limit",
            "not_found",
        ]:
            found = client.get(f"/problems/{code}").get_json()
            assert found["code"] == code
        assert client.get("/problems/nonsense").status_code == 404

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/nope", 404), ("GET", "/v1/nope", 404), ("POST", "/v1/nope", 404), ("GET", "/v1/", 404),
            ("GET", "/v1/decode", 405), ("PUT", "/v1/decode", 405), ("POST", "/healthz", 405),
            ("POST", "/v1/decode/", 404), ("GET", "//v1/interface", 404), ("GET", "/assets/%00", 404),
            ("GET", "/assets/../../codec.wasm", 404), ("GET", "/%2e%2e/codec.wasm", 404),
        ],
    )  # fmt: skip
    def test_flasks_own_errors_are_problems(
        self, client: FlaskClient, method: str, path: str, status: int
    ) -> None:
        response = client.open(path, method=method)
        assert (response.status_code, response.content_type) == (status, "application/problem+json")
        assert ("Allow" in response.headers) == (status == 405)

    def test_options_tells_the_methods(self, client: FlaskClient) -> None:
        allowed = client.options("/v1/decode").headers["Allow"]
        assert set(allowed.split(", ")) == {"OPTIONS", "POST"}

    def test_the_unforeseen_is_500_and_says_nothing(
        self, png: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = create_app(Settings.load())

        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(app.extensions["eitherside"].host, "call", fail)
        response = app.test_client().post("/v1/inspect", data=png)
        assert (response.status_code, response.content_type) == (500, "application/problem+json")
        assert b"secret" not in response.data
        assert b"Traceback" not in response.data


class TestPages:
    @pytest.fixture
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "assets").mkdir()
        (tmp_path / "index.html").write_text("<!doctype html>")
        (tmp_path / "assets" / "index-abc.js").write_text("export {}")
        monkeypatch.setattr(pages, "folder", lambda: tmp_path)
        return tmp_path

    @pytest.mark.usefixtures("built")
    def test_the_viewer(self, client: FlaskClient) -> None:
        page = client.get("/", buffered=True)
        assert page.content_type.startswith("text/html")
        assert page.headers["Cache-Control"] == "no-cache"
        script = client.get("/assets/index-abc.js", buffered=True)
        assert script.content_type.startswith("text/javascript")
        assert "immutable" in script.headers["Cache-Control"]
        assert client.get("/assets/index-abd.js").status_code == 404

    def test_where_it_is_not_built(
        self, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages, "folder", lambda: tmp_path)
        assert client.get("/").status_code == 404
