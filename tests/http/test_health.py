"""Alive, and ready."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eitherside.errors import OVER_CAPACITY, CallError
from eitherside.http import create_app
from eitherside.http.health import TINY, probe
from eitherside.http.state import Service
from eitherside.settings import Settings


def test_alive(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"


def test_ready_after_a_real_call(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ready"})
    assert "compute" in response.headers["Server-Timing"]


def test_the_call_gives_samples(app: Flask) -> None:
    service: Service = app.extensions["eitherside"]
    chosen = probe(service)
    assert chosen is not None
    function, item, data = chosen
    assert function.outputs
    assert data in TINY.values()
    assert service.host.call(function.name, {}, {item.name: data}).outputs


@pytest.mark.parametrize("kind", sorted(TINY))
def test_every_tiny_file_is_one(app: Flask, kind: str) -> None:
    service: Service = app.extensions["eitherside"]
    chosen = probe(service)
    assert chosen is not None
    assert service.host.call(chosen[0].name, {}, {chosen[1].name: TINY[kind]}).result


def test_not_ready_where_the_call_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings.load())
    service: Service = app.extensions["eitherside"]

    def fail(*_: object, **__: object) -> None:
        raise CallError(service.interface.errors["internal"], "broken")

    monkeypatch.setattr(service.host, "call", fail)
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.get_json(force=True)["code"] == "not_ready"
    assert app.test_client().get("/healthz").status_code == 200


def test_not_ready_where_the_queue_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(Settings.load())

    def full(*_: object, **__: object) -> None:
        raise CallError(OVER_CAPACITY, "full", retry_after=3)

    monkeypatch.setattr(app.extensions["eitherside"].host, "call", full)
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")
    assert response.get_json(force=True)["code"] == "over_capacity"


def test_not_ready_where_the_module_cannot_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    from eitherside.errors import CacheError

    app = create_app(Settings.load())

    def fail(*_: object, **__: object) -> None:
        raise CacheError("/somewhere/secret is not ours")

    monkeypatch.setattr(app.extensions["eitherside"].host, "call", fail)
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.get_json(force=True)["code"]) == (503, "not_ready")
    assert b"secret" not in response.data
