"""Functions that take two files, and whose picture is optional: parts in, whatever was asked for out."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from support.images import picture, saved


def two(a: bytes, b: bytes) -> dict[str, tuple[io.BytesIO, str]]:
    return {"a": (io.BytesIO(a), "a"), "b": (io.BytesIO(b), "b")}


@pytest.fixture(scope="module")
def changed() -> bytes:
    """The picture `png`, darker."""
    return saved(picture(40, 30, 3) // 2, "PNG")


def test_two_parts_give_facts(client: FlaskClient, png: bytes, changed: bytes) -> None:
    told = client.post("/v1/compare", data=two(png, changed), headers={"Accept": "application/json"})
    assert told.status_code == 200, told.text
    assert told.json is not None
    assert told.json["identical"] is False
    assert told.json["butteraugli"] > 0


def test_the_picture_where_it_was_asked_for(client: FlaskClient, png: bytes, changed: bytes) -> None:
    told = client.post("/v1/compare?difference=png", data=two(png, changed), headers={"Accept": "image/png"})
    assert (told.status_code, told.mimetype) == (200, "image/png")
    assert np.asarray(Image.open(io.BytesIO(told.data))).shape == (30, 40, 3)
    pixels = client.post(
        "/v1/compare?difference=pixels",
        data=two(png, changed),
        headers={"Accept": "application/octet-stream"},
    )
    assert (pixels.status_code, len(pixels.data)) == (200, 40 * 30 * 3)


def test_one_file_is_not_enough(client: FlaskClient, png: bytes) -> None:
    told = client.post("/v1/compare", data=png, content_type="image/png")
    assert (told.status_code, json.loads(told.data)["code"]) == (400, "bad_input")
    told = client.post("/v1/compare", data={"a": (io.BytesIO(png), "a")})
    assert (told.status_code, json.loads(told.data)["input"]) == (400, "b")


def test_the_input_at_fault_is_named(client: FlaskClient, png: bytes) -> None:
    told = client.post("/v1/compare", data=two(png, b"not a picture at all"))
    problem = json.loads(told.data)
    assert (told.status_code, problem["code"], problem["input"]) == (415, "unknown_format", "b")
    told = client.post("/v1/compare", data=two(png, saved(picture(8, 9, 3), "PNG")))
    assert (told.status_code, json.loads(told.data)["code"]) == (400, "bad_input")


def test_a_thumbnail_is_a_file_or_samples(client: FlaskClient, png: bytes) -> None:
    small = client.post("/v1/thumbnail?to=jpeg&width=20&height=20", data=png, content_type="image/png")
    assert (small.status_code, small.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(small.data)).size == (20, 15)
    raw = client.post(
        "/v1/thumbnail?to=pixels&width=20&height=20",
        data=png,
        content_type="image/png",
        headers={"Accept": "application/octet-stream"},
    )
    assert (raw.status_code, len(raw.data)) == (200, 20 * 15 * 3)
    told = client.post("/v1/thumbnail?to=none", data=png, content_type="image/png")
    assert (told.status_code, json.loads(told.data)["code"]) == (400, "bad_option")
