"""ICC profiles, Exif and XMP go from format to format; they are stripped on request."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms

from eitherside import Codec
from support.images import picture

XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    b'<?xpacket end="w"?>'
)
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(scope="module")
def exif() -> bytes:
    made = Image.Exif()
    made[0x010E] = "a caption"
    made[0x013B] = "an artist"
    return made.tobytes()


@pytest.fixture(scope="module")
def jpeg(exif: bytes) -> bytes:
    file = io.BytesIO()
    picture_ = Image.fromarray(picture(40, 30, 3))
    picture_.save(file, "JPEG", exif=exif, xmp=XMP, icc_profile=ICC)
    return file.getvalue()


def test_encode_writes_the_boxes(codec: Codec, exif: bytes) -> None:
    tiff = exif.removeprefix(b"Exif\0\0")
    made = codec.encode(picture(16, 16, 3), exif=tiff, xmp=XMP, jumbf=b"\0\0\0\x0cjumdabcd", icc=ICC)
    assert made.container
    boxes = [box["type"] for box in codec.inspect(made.image).boxes]
    assert {"Exif", "xml ", "jumb"} <= set(boxes)
    assert tiff in made.image
    assert XMP in made.image


@pytest.mark.parametrize("way", [("jxl",), ("png",), ("jxl", "png"), ("png", "jxl"), ("jxl", "jpeg")])
@pytest.mark.parametrize("options", [{}, {"distance": 0.5}], ids=["auto", "pixels"])
def test_metadata_travels(codec: Codec, jpeg: bytes, way: tuple[str, ...], options: dict[str, float]) -> None:
    data = jpeg
    for to in way:
        data = codec.transcode(data, to=to, **(options if to == "jxl" else {})).image  # type: ignore[arg-type]
    back = codec.transcode(data, to="jpeg").image
    image = Image.open(io.BytesIO(back))
    assert image.getexif()[0x010E] == "a caption"
    assert image.info["xmp"].strip() == XMP
    assert image.info.get("icc_profile")
    assert Image.open(io.BytesIO(codec.transcode(data, to="png").image)).getexif()[0x013B] == "an artist"


@pytest.mark.parametrize("to", ["jxl", "png", "jpeg"])
def test_metadata_is_stripped_on_request(codec: Codec, jpeg: bytes, to: str) -> None:
    stripped = codec.transcode(jpeg, to=to, metadata="strip").image  # type: ignore[arg-type]
    assert b"a caption" not in stripped
    assert b"xmpmeta" not in stripped
    assert not dict(Image.open(io.BytesIO(codec.transcode(stripped, to="png").image)).getexif())


def test_icc_profile_comes_out(codec: Codec) -> None:
    decoded = codec.decode(codec.encode(picture(16, 16, 3), lossless=True, icc=ICC).image)
    assert decoded.icc == ICC
    assert codec.inspect(codec.encode(picture(16, 16, 3), lossless=True, icc=ICC).image).colour["icc_bytes"]
