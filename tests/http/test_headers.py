"""Headers of every answer: security, and other origins."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from eitherside.http import create_app, pages
from eitherside.settings import Settings

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/interface", "/openapi.json", "/nope", "/v1/decode"])
def test_every_answer_is_isolated_and_has_a_policy(client: FlaskClient, path: str) -> None:
    response = client.get(path, buffered=True)
    for name, value in FIXED.items():
        assert response.headers[name] == value
    policy = response.headers["Content-Security-Policy"]
    assert "base-uri 'none'" in policy
    assert "unsafe-inline" not in policy
    assert len(response.headers["Eitherside-Module"]) == 64
    assert "Access-Control-Allow-Origin" not in response.headers


def test_the_pages_policy(client: FlaskClient) -> None:
    response = client.get("/", buffered=True)
    if response.status_code == 404:
        pytest.skip("the viewer is not built")
    rules = {
        rule.split()[0]: rule.split()[1:] for rule in response.headers["Content-Security-Policy"].split("; ")
    }
    assert rules["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert rules["worker-src"] == ["'self'"]
    assert rules["img-src"] == ["'self'", "blob:", "data:"]
    assert rules["connect-src"] == ["'self'"]
    assert rules["object-src"] == rules["base-uri"] == rules["default-src"] == ["'none'"]


ORIGIN = "https://example.org"
CODE = ("/element.js", "/client.js", "/library.js", "/worker.js", "/v1/interface")
CLOSED = ("/", "/healthz", "/openapi.json", "/v1/capacity", "/v1/results/x", "/v1/decode", "/nope.js")


@pytest.fixture(scope="module")
def shared() -> FlaskClient:
    """A client of an application that other pages may call."""
    return create_app(Settings.load(allowed_origins=[ORIGIN])).test_client()


class TestOrigins:
    def test_an_allowed_one_may_read(self, shared: FlaskClient, png: bytes) -> None:
        response = shared.post("/v1/inspect", data=png, headers={"Origin": ORIGIN})
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Eitherside-Result" in response.headers["Access-Control-Expose-Headers"]
        assert {value.strip() for value in response.headers["Vary"].split(",")} == {"Accept", "Origin"}
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"

    @pytest.mark.parametrize(
        "origin", ["https://example.org.evil.test", "http://example.org", "https://Example.org", "null", ""]
    )
    def test_others_may_not(self, shared: FlaskClient, origin: str) -> None:
        response = shared.get("/v1/interface", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["Vary"] == "Accept-Encoding, Origin"

    def test_it_may_cancel_and_read_what_is_told_of_calls(self, shared: FlaskClient, png: bytes) -> None:
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"}
        response = shared.options("/v1/calls/0123456789abcdef", headers=asked)
        assert "DELETE" in response.headers["Access-Control-Allow-Methods"]
        allowed = {name.strip() for name in response.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"Eitherside-Call", "Eitherside-Module"} <= allowed
        call = shared.post("/v1/inspect", data=png, headers={"Origin": ORIGIN})
        exposed = {name.strip() for name in call.headers["Access-Control-Expose-Headers"].split(",")}
        assert {"Eitherside-Load", "Eitherside-Result-Key", "Server-Timing", "Retry-After"} <= exposed
        assert {name for name, _ in call.headers if name.startswith("Eitherside-")} <= exposed

    def test_the_preflight(self, shared: FlaskClient) -> None:
        headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        response = shared.options("/v1/inspect", headers=headers)
        assert response.status_code == 200
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
        headers["Origin"] = "https://evil.test"
        assert "Access-Control-Allow-Methods" not in shared.options("/v1/inspect", headers=headers).headers


@pytest.fixture(scope="module")
def public() -> FlaskClient:
    """A client of an application whose element every page may load."""
    return create_app(Settings.load(public_element=True, allowed_origins=[ORIGIN])).test_client()


class TestThePublicElement:
    def module(self, client: FlaskClient) -> str:
        url: str = json.loads(client.get("/v1/interface").data)["module"]["url"]
        return url

    def scripts(self) -> list[str]:
        """One of the scripts that the others import."""
        found = sorted((pages.folder() / "assets").glob("*.js"))
        return [f"/assets/{found[0].name}"] if found else []

    def test_any_page_may_load_the_code(self, public: FlaskClient) -> None:
        for path in (*CODE, *self.scripts(), self.module(public)):
            response = public.get(path, headers={"Origin": "https://else.test"}, buffered=True)
            if response.status_code == 404 and path.endswith(".js"):
                pytest.skip("the viewer is not built")
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "Access-Control-Allow-Credentials" not in response.headers

    def test_and_nothing_else(self, public: FlaskClient, png: bytes) -> None:
        headers = {"Origin": "https://else.test"}
        answers = [public.get(path, headers=headers, buffered=True) for path in CLOSED]
        answers.append(public.post("/v1/inspect", data=png, headers=headers))
        asked = headers | {"Access-Control-Request-Method": "POST"}
        answers += [public.options(path, headers=asked) for path in ("/v1/inspect", "/v1/interface")]
        style = sorted((pages.folder() / "assets").glob("*.css"))
        answers += [public.get(f"/assets/{each.name}", headers=headers, buffered=True) for each in style]
        for response in answers:
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_an_allowed_origin_may_more(self, public: FlaskClient, png: bytes) -> None:
        headers = {"Origin": ORIGIN}
        assert public.get("/v1/interface", headers=headers).headers["Access-Control-Allow-Origin"] == ORIGIN
        assert (
            public.post("/v1/inspect", data=png, headers=headers).headers["Access-Control-Allow-Origin"]
            == ORIGIN
        )

    def test_unless_it_is_turned_on(self, client: FlaskClient) -> None:
        for path in (*CODE, *self.scripts(), self.module(client)):
            response = client.get(path, headers={"Origin": "https://else.test"}, buffered=True)
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
