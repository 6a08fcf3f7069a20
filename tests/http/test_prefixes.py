"""The beginning of a file: the service tells what it is, and shows what there is of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray

from eitherside import Codec
from support.images import picture

from .test_calls import parts, problem

SIZE = (384, 512, 3)


@pytest.fixture(scope="module")
def file(codec: Codec) -> bytes:
    """A progressive file."""
    return codec.encode(picture(512, 384, 3), distance=1.0, progressive=True, effort=4).image


@pytest.fixture(scope="module")
def whole(codec: Codec, file: bytes) -> NDArray[np.float64]:
    """Its samples."""
    return codec.decode(file, type="u8").samples[0].astype(float)


def shown(client: FlaskClient, data: bytes) -> tuple[str, list[NDArray[np.uint8]]]:
    """Returns the stage that a prefix comes to, and its pictures."""
    response = client.post(
        "/v1/decode?type=u8&prefix=true", data=data, headers={"Accept": "multipart/form-data"}
    )
    assert response.status_code == 200, response.data
    found = parts(response)
    result = json.loads(found["result"][0])
    assert result["complete"] is False
    pictures = [np.frombuffer(each, np.uint8).reshape(SIZE) for each in found.get("samples", [])]
    return result["stage"], pictures


def test_a_prefix_tells_what_the_file_is(client: FlaskClient, file: bytes) -> None:
    response = client.post("/v1/inspect?prefix=true", data=file[:100])
    assert response.status_code == 200, response.data
    assert response.json is not None
    told = {name: response.json[name] for name in ("format", "width", "height", "complete")}
    assert told == {"format": "jxl", "width": 512, "height": 384, "complete": False}


def test_a_prefix_shows_the_better_the_longer_it_is(
    client: FlaskClient, file: bytes, whole: NDArray[np.float64]
) -> None:
    assert shown(client, file[:20]) == ("header", [])
    errors = []
    for part in (0.27, 0.5, 0.9):
        stage, (seen,) = shown(client, file[: int(part * len(file))])
        assert stage in ("dc", "pass")
        errors.append(np.mean((seen - whole) ** 2))
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > errors[-1] > 0
    # Better than nothing: than the mean colour.
    assert errors[0] < np.mean((whole - whole.mean((0, 1))) ** 2)


def test_only_who_asks_for_it_gets_a_part(client: FlaskClient, file: bytes) -> None:
    for path in ("/v1/decode", "/v1/decode?prefix=false"):
        problem(client.post(path, data=file[: len(file) // 2]), 422, "truncated")


def test_a_whole_file_may_be_given_as_a_prefix(client: FlaskClient, file: bytes) -> None:
    whole = client.post("/v1/decode?type=u8", data=file, headers={"Accept": "application/octet-stream"})
    same = client.post(
        "/v1/decode?type=u8&prefix=true", data=file, headers={"Accept": "application/octet-stream"}
    )
    assert (same.status_code, same.data) == (200, whole.data)
    assert json.loads(same.headers["Eitherside-Result"])["complete"] is True
