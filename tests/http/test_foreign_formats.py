"""Transcoding from and to the formats that Pillow adds, with the real module between."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from eitherside.http import create_app
from eitherside.settings import Settings
from support.images import animated, picture, saved


def pixels(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize(("plugin", "options"), [("WEBP", {"lossless": True}), ("TIFF", {}), ("AVIF", {})])
def test_in_and_losslessly_to_jpeg_xl(client: FlaskClient, plugin: str, options: dict[str, Any]) -> None:
    data = saved(picture(40, 30, 3), plugin, **options)
    response = client.post("/v1/transcode?lossless=true&effort=1", data=data, headers={"Accept": "image/jxl"})
    assert (response.status_code, response.content_type) == (200, "image/jxl"), response.data
    result = json.loads(response.headers["Eitherside-Result"])
    assert (result["format"], result["from"], result["width"]) == ("jxl", plugin.lower(), 40)
    assert result["service"] == {"by": "pillow", "read": plugin.lower(), "written": None}
    assert "pillow;dur=" in response.headers["Server-Timing"]
    back = client.post("/v1/transcode?to=png", data=response.data)
    np.testing.assert_array_equal(pixels(back.data), pixels(data))


@pytest.mark.parametrize(
    ("name", "query"), [("webp", "&lossless=true"), ("tiff", ""), ("tiff", "&compression=lzw")]
)
def test_losslessly_out(client: FlaskClient, png: bytes, name: str, query: str) -> None:
    jxl = client.post("/v1/transcode?to=jxl&lossless=true&effort=1", data=png).data
    response = client.post(f"/v1/transcode?to={name}{query}", data=jxl)
    assert (response.status_code, response.content_type) == (200, f"image/{name}"), response.data
    result = json.loads(response.headers["Eitherside-Result"])
    assert (result["format"], result["from"]) == (name, "jxl")
    np.testing.assert_array_equal(pixels(response.data), pixels(png))


def test_from_one_to_the_other_by_accept(client: FlaskClient, webp: bytes) -> None:
    response = client.post("/v1/transcode", data=webp, headers={"Accept": "image/avif, image/webp;q=0.9"})
    assert (response.status_code, response.content_type) == (200, "image/avif")
    assert response.headers["Vary"] == "Accept"
    again = client.post("/v1/transcode?to=avif", data=webp)
    assert (again.data, again.headers["ETag"]) == (response.data, response.headers["ETag"])


def test_quality_is_pillows_where_pillow_writes(client: FlaskClient, png: bytes) -> None:
    sizes = {
        quality: len(client.post(f"/v1/transcode?to=webp&quality={quality}", data=png).data)
        for quality in (1, 100)
    }
    assert sizes[1] < sizes[100] / 2


@pytest.mark.parametrize(
    ("query", "option"),
    [
        ("to=webp&quality=101", "/quality"),
        ("to=webp&method=7", "/method"),
        ("to=avif&subsampling=4:2:3", "/subsampling"),
        ("to=tiff&compression=zip", "/compression"),
        ("to=webp&speed=1", "/speed"),
        ("to=jxl&method=1", "/method"),
        ("to=webp&nonsense=1", "/nonsense"),
    ],
)
def test_a_bad_option_is_named(client: FlaskClient, png: bytes, query: str, option: str) -> None:
    response = client.post(f"/v1/transcode?{query}", data=png)
    found = json.loads(response.data)
    assert (response.status_code, found["code"], found["option"]) == (400, "bad_option", option), found


@pytest.mark.parametrize("plugin", ["WEBP", "AVIF", "TIFF"])
def test_half_a_file_is_422(client: FlaskClient, plugin: str) -> None:
    data = saved(picture(64, 64, 3), plugin)
    response = client.post("/v1/transcode?to=png", data=data[: len(data) // 2])
    assert response.status_code == 422, response.data
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("plugin", ["WEBP", "AVIF"])
def test_animations_go_both_ways(client: FlaskClient, plugin: str) -> None:
    data = animated(plugin, frames=3)
    there = client.post("/v1/transcode?to=jxl&effort=1", data=data)
    assert json.loads(there.headers["Eitherside-Result"])["frames"] == 3
    back = client.post(f"/v1/transcode?to={plugin.lower()}", data=there.data)
    image = Image.open(io.BytesIO(back.data))
    assert getattr(image, "n_frames", 1) == 3
    image.seek(2)
    image.load()
    assert image.info["duration"] == 100


def test_metadata_and_profile_come_through(client: FlaskClient) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><about/></x:xmpmeta>"
    data = saved(picture(16, 16, 3), "WEBP", lossless=True, exif=exif, xmp=xmp)
    there = client.post("/v1/transcode?to=jxl&lossless=true&effort=1", data=data)
    back = Image.open(io.BytesIO(client.post("/v1/transcode?to=webp", data=there.data).data))
    assert back.getexif()[0x010F] == "Maker"
    assert back.info["xmp"] == xmp
    stripped = client.post("/v1/transcode?to=jxl&metadata=strip&effort=1", data=data)
    bare = Image.open(io.BytesIO(client.post("/v1/transcode?to=webp", data=stripped.data).data))
    assert "exif" not in bare.info


@pytest.mark.parametrize("plugin", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_turned_images_are_turned_once(client: FlaskClient, plugin: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(picture(40, 30, 3), plugin, exif=exif)
    jxl = client.post("/v1/transcode?to=jxl&effort=1", data=data).data
    for source in (data, jxl):
        image = Image.open(io.BytesIO(client.post("/v1/transcode?to=webp", data=source).data))
        assert image.size == (30, 40)
        assert image.getexif().get(0x0112, 1) == 1


def test_16_bit_grey_comes_through(client: FlaskClient) -> None:
    samples = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "TIFF")
    there = client.post("/v1/transcode?to=jxl&lossless=true&effort=1", data=file.getvalue())
    back = client.post("/v1/transcode?to=tiff", data=there.data)
    np.testing.assert_array_equal(pixels(back.data), samples)


def test_the_setting_turns_them_off(webp: bytes, png: bytes) -> None:
    client = create_app(Settings.load(pillow=False)).test_client()
    assert client.post("/v1/transcode?to=png", data=webp).status_code == 415
    response = client.post("/v1/transcode?to=webp", data=png)
    assert (response.status_code, json.loads(response.data)["option"]) == (400, "/to")
    assert client.post("/v1/transcode", data=png, headers={"Accept": "image/webp"}).status_code == 406


def test_other_functions_do_not_read_them(client: FlaskClient, webp: bytes) -> None:
    assert client.post("/v1/inspect", data=webp).status_code == 415


def test_pillows_pixel_limit(webp: bytes) -> None:
    client = create_app(Settings.load(pillow_pixels=100)).test_client()
    response = client.post("/v1/transcode?to=png", data=webp)
    assert (response.status_code, json.loads(response.data)["code"]) == (413, "too_large")
