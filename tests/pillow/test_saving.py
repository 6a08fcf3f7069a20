"""Options of `save`: the encoder's own, and those that WebP and AVIF have, too."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eitherside import Codec
from eitherside.pillow import calls
from pillow.conftest import Again
from pillow.files import MAKE, ORIENTATION, XMP, exif
from support.images import picture
from support.profiles import cmyk_profile


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A picture in colour."""
    return Image.fromarray(picture(80, 60, 3))


def saved(image: Image.Image, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, "JXL", **options)
    return file.getvalue()


def text(info: dict[Any, Any]) -> dict[str, Any]:
    """Returns what an image's `info` has by names that are texts, as all are."""
    return {name: value for name, value in info.items() if isinstance(name, str)}


def test_by_extension(photo: Image.Image, tmp_path: Path) -> None:
    photo.save(tmp_path / "a.jxl")
    with Image.open(tmp_path / "a.jxl") as found:
        assert found.format == "JXL"


def test_in_place_of_the_file_that_it_is_of(photo: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "a.jxl"
    photo.save(path)
    with Image.open(path) as image:
        image.save(path, lossless=True)
        with Image.open(path) as found:
            assert found.tobytes() == image.tobytes()


@pytest.mark.parametrize("extension", ["png", "webp", "avif", "gif", "tiff"])
def test_into_other_formats(files: Path, extension: str, tmp_path: Path) -> None:
    """Of an animation, with what `info` has for it."""
    path = tmp_path / f"a.{extension}"
    animation = Image.open(files / "animation.jxl")
    animation.save(path, save_all=True, **text(animation.info))
    with Image.open(path) as found:
        assert (getattr(found, "n_frames", 1), found.size) == (3, animation.size)


def test_the_codecs_defaults_hold(photo: Image.Image, codec: Codec) -> None:
    assert saved(photo) == codec.encode(np.asarray(photo)).image


VALUES: dict[str, Any] = {
    "jumbf": b"\0\0\0\x10jumd" + bytes(8),
    "gain_map": None,
    "exif": exif(),
    "xmp": XMP,
    "icc": None,
    "extra": None,
    "extra_channels": None,
    "group_order_centre": [10, 10],
    "layers": None,
    "durations": None,
    "target_bytes": 3000,
    "target_butteraugli": 2,
    "target_ssimulacra2": 60,
    "lossless": True,
    "distance": 2,
    "quality": 80,
}


@pytest.mark.parametrize("name", calls.encoder_options())
def test_every_option_of_the_encoder_is_handed_on(name: str, photo: Image.Image, codec: Codec) -> None:
    """Each with a value that is not its default gives what the codec itself gives for it."""
    value = VALUES[name] if name in VALUES else other(codec, name)
    if value is None:
        assert saved(photo, **{name: None}) == saved(photo)
        return
    try:
        right = codec.encode(np.asarray(photo), effort=3, **{name: value}).image if name != "effort" else None
    except Exception as error:  # noqa: BLE001 -- the plugin must say the same
        with pytest.raises(ValueError, match=name):
            saved(photo, effort=3, **{name: value})
        assert name in str(error)
        return
    if right is None:
        right, found = codec.encode(np.asarray(photo), effort=2).image, saved(photo, effort=2)
    else:
        found = saved(photo, effort=3, **{name: value})
    assert found == right


def other(codec: Codec, name: str) -> Any:
    """A value of an option that is not its default."""
    schema = codec.host.interface.functions["encode"].properties[name]
    default = schema.get("default")
    if schema["type"] == "boolean":
        return not default
    if values := schema.get("enum"):
        return next(value for value in values if value != default)
    low, high = schema.get("minimum", 0), schema.get("maximum", 10)
    return next(value for value in (low + 1, low, high) if value != default and low <= value <= high)


def test_none_is_not_given(photo: Image.Image) -> None:
    assert saved(photo, distance=None, exif=None, icc_profile=None) == saved(photo)


class TestQuality:
    def test_less_is_smaller(self, photo: Image.Image) -> None:
        sizes = [len(saved(photo, quality=quality)) for quality in (30, 60, 90, 100)]
        assert sizes == sorted(sizes)

    def test_lossless(self, photo: Image.Image, again: Again) -> None:
        assert again(photo, lossless=True).tobytes() == photo.tobytes()
        # In WebP quality then means effort, and no loss.
        assert again(photo, lossless=True, quality=50).tobytes() == photo.tobytes()
        assert again(photo, quality=100).tobytes() == photo.tobytes()

    def test_a_target(self, photo: Image.Image) -> None:
        assert len(saved(photo, target_bytes=1500)) <= 1500


class TestWrong:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"qualty": 5}, "no option qualty; did you mean quality?"),
            ({"decoding_speed": 1}, "no option decoding_speed"),
            ({"width": 5}, "no option width"),
        ],
    )
    def test_names(self, options: dict[str, Any], says: str, photo: Image.Image, tmp_path: Path) -> None:
        with pytest.raises(TypeError) as caught:
            photo.save(tmp_path / "a.jxl", **options)
        assert says in str(caught.value)
        assert not (tmp_path / "a.jxl").exists()

    @pytest.mark.parametrize(
        "options", [{"quality": 500}, {"effort": "most"}, {"distance": 1, "quality": 90}, {"effort": 10}]
    )
    def test_values(self, options: dict[str, Any], photo: Image.Image) -> None:
        with pytest.raises(ValueError, match=next(iter(options))):
            saved(photo, **options)

    def test_twice(self, photo: Image.Image) -> None:
        with pytest.raises(ValueError, match="icc_profile and icc"):
            saved(photo, icc=b"a", icc_profile=b"b")

    def test_an_empty_image(self) -> None:
        with pytest.raises(ValueError, match=r"height|width"):
            saved(Image.new("RGB", (0, 3)))


class TestMetadata:
    @pytest.mark.parametrize("given", ["bytes", "prefixed", "object"])
    def test_exif(self, given: str, photo: Image.Image, again: Again) -> None:
        tags = Image.Exif()
        tags[MAKE] = "Eitherside"
        tags[ORIENTATION] = 1
        value: Any = {"bytes": exif(), "prefixed": b"Exif\0\0" + exif(), "object": tags}[given]
        assert again(photo, exif=value).info["exif"] == exif()

    def test_an_orientation_is_applied(self, photo: Image.Image, again: Again, codec: Codec) -> None:
        data = saved(photo, exif=exif(6), lossless=True)
        assert codec.inspect(data).orientation == 6
        found = again(photo, exif=exif(6), lossless=True)
        assert found.tobytes() == photo.transpose(Image.Transpose.ROTATE_270).tobytes()
        assert found.getexif()[ORIENTATION] == 1
        assert codec.inspect(saved(photo, exif=exif(6), orientation=3)).orientation == 3

    @pytest.mark.parametrize("value", [XMP, XMP.decode()])
    def test_xmp(self, value: str | bytes, photo: Image.Image, again: Again) -> None:
        assert again(photo, xmp=value).info["xmp"] == XMP

    def test_nothing_is_carried_unasked(self, files: Path, again: Again) -> None:
        found = again(Image.open(files / "metadata.jxl"))
        assert not {"exif", "xmp"} & set(found.info)

    def test_all_of_info(self, files: Path, again: Again) -> None:
        image = Image.open(files / "metadata.jxl")
        assert again(image, **text(image.info)).info == image.info
        animation = Image.open(files / "animation.jxl")
        assert (
            again(animation, save_all=True, **{**text(animation.info), "duration": None}).info
            == animation.info
        )

    def test_boxes_of_other_kinds(self, photo: Image.Image, again: Again) -> None:
        assert again(photo, jumbf=VALUES["jumbf"]).info["jumbf"] == [VALUES["jumbf"]]

    def test_a_profile(self, files: Path, photo: Image.Image, again: Again) -> None:
        profile = (files / "p3.icc").read_bytes()
        assert again(photo, icc_profile=profile).info["icc_profile"] == profile
        tagged = photo.copy()
        tagged.info["icc_profile"] = profile
        assert again(tagged).info["icc_profile"] == profile
        assert "icc_profile" not in again(tagged, icc_profile=None).info
        assert "icc_profile" not in again(tagged, icc_profile=b"").info

    def test_a_profile_of_other_colours(self, files: Path, photo: Image.Image, again: Again) -> None:
        with pytest.raises(ValueError, match="not one of RGB colours"):
            again(photo, icc_profile=cmyk_profile())
        grey = photo.convert("L")
        grey.info["icc_profile"] = (files / "p3.icc").read_bytes()
        assert "icc_profile" not in again(grey).info
