"""Fixtures of the HTTP tests: an application in this process, a real server, pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eitherside.http import create_app
from eitherside.settings import Settings
from server import Server, running_server
from support.images import animated, picture, saved


@pytest.fixture(scope="session")
def app() -> Flask:
    """The application with the settings of the environment."""
    return create_app(Settings.load(max_body="4MiB", option_ceilings={"max_pixels": 1e8}))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server with small limits, so that tests can reach them."""
    with running_server(max_body="1MiB", body_time=1.5, time_limit=4, threads=1, queue_length=2) as running:
        yield running


@pytest.fixture(scope="session")
def png() -> bytes:
    """A small RGB picture."""
    return saved(picture(40, 30, 3), "PNG")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A small JPEG file."""
    return saved(picture(64, 48, 3), "JPEG", quality=85)


@pytest.fixture(scope="session")
def webp() -> bytes:
    """A small lossless WebP file."""
    return saved(picture(40, 30, 3), "WEBP", lossless=True)


@pytest.fixture(scope="session")
def apng() -> bytes:
    """A small animation of three frames."""
    return animated("PNG")
