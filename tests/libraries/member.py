"""Somebody who has a library, and asks for it over HTTP."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from eitherside.http import create_app
from eitherside.settings import Settings

PARTIAL = "application/partial-upload"


def sha256(data: bytes) -> str:
    """The name of a blob."""
    return hashlib.sha256(data).hexdigest()


def repr_digest(data: bytes) -> str:
    """The header that announces some bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


class Member:
    """A library, with its key, in an application of this process."""

    def __init__(self, app: Flask, **headers: str) -> None:
        """Makes the library."""
        self.app = app
        response = app.test_client().post("/v1/libraries", headers=headers)
        assert response.status_code == 201, response.data
        assert response.json is not None
        self.id: str = response.json["id"]
        self.key: str = response.json["key"]
        self.url = f"/v1/libraries/{self.id}"

    def ask(self, method: str, path: str, data: bytes = b"", **headers: str) -> TestResponse:
        """Makes a request with the key; a path without a slash is the library's. Hyphens are underscores."""
        address = path if path.startswith("/") else f"{self.url}/{path}".rstrip("/")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().open(
            address, method=method, data=data, headers={"Authorization": f"Bearer {self.key}", **named}
        )

    def put(self, data: bytes, **headers: str) -> str:
        """Uploads a blob whole and returns its SHA-256."""
        response = self.ask("POST", "blobs", data, **headers)
        assert response.status_code == 201, response.data
        assert response.json is not None
        return str(response.json["sha256"])

    def patch(self, path: str, offset: int, data: bytes, complete: bool = False) -> TestResponse:
        """Adds a piece to an upload."""
        return self.ask(
            "PATCH",
            path,
            data,
            Content_Type=PARTIAL,
            Upload_Offset=str(offset),
            Upload_Complete="?1" if complete else "?0",
        )

    def facts(self) -> dict[str, Any]:
        """What the library holds."""
        response = self.ask("GET", "")
        assert isinstance(response.json, dict)
        return response.json


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Checks that the answer is the problem `code`, and returns it."""
    assert response.status_code == status, response.data
    assert response.content_type == "application/problem+json"
    assert isinstance(response.json, dict)
    assert response.json["code"] == code
    return response.json


@contextmanager
def application(database: str | None, folder: Path, **settings: object) -> Iterator[Flask]:
    """An application with these settings, which is closed at the end."""
    given = {"libraries_per_address": 10000, "libraries_per_hour": 10000, "pillow": False, **settings}
    app = create_app(Settings.load(database=database, data_dir=folder, **given))
    try:
        yield app
    finally:
        app.extensions["eitherside"].close()


@contextmanager
def made(database: str | None, folder: Path, **settings: object) -> Iterator[Member]:
    """A new library in an application of its own, with these settings."""
    with application(database, folder, **settings) as app:
        yield Member(app)
