"""Edits: crop, turns, exposure and size as NumPy does them, in every format, with all that a file keeps."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from eitherside import CallError, Codec, Host
from support.boxes import gain_map
from support.images import animated, picture, saved
from support.profiles import cmyk_profile
from support.transfer import from_linear, to_linear

DEPTHS = {"u8": 255, "u16": 65535}


def edit(codec: Codec, image: bytes | bytearray, **options: Any) -> Any:
    """An edit without loss, unless told otherwise."""
    return codec.edit(image, **{"to": "jxl", "lossless": True, "effort": 1, **options})


def edited(codec: Codec, image: bytes | bytearray, **options: Any) -> NDArray[Any]:
    """The first frame of it, in the depth of the file."""
    return np.asarray(codec.decode(edit(codec, image, **options).image).samples[0])


def stored(codec: Codec, samples: NDArray[Any], **options: Any) -> bytes:
    """A file of these samples, without loss."""
    return bytes(codec.encode(samples, lossless=True, effort=1, **options).image)


def picture_file(codec: Codec) -> bytes:
    """A file of 64 x 48 pixels."""
    return stored(codec, picture(64, 48, 3))


def exposed(samples: NDArray[Any], stops: float) -> NDArray[Any]:
    """sRGB samples with so many stops more, not rounded."""
    most = 1 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max
    return np.clip(from_linear(to_linear(samples / most) * 2**stops), 0, 1) * most


FILES = {
    kind: picture(23, 17, channels, kind[:-1])
    for channels, kind in ((1, "u81"), (3, "u83"), (4, "u84"), (2, "u162"), (4, "u164"), (3, "f323"))
}


@settings(max_examples=30)
@given(
    kind=st.sampled_from(sorted(FILES)),
    left=st.integers(0, 22),
    top=st.integers(0, 16),
    right=st.integers(1, 23),
    bottom=st.integers(1, 17),
    turns=st.integers(0, 3),
    mirror=st.booleans(),
)
def test_crops_and_turns_are_those_of_numpy(
    codec: Codec, kind: str, left: int, top: int, right: int, bottom: int, turns: int, mirror: bool
) -> None:
    samples = FILES[kind]
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    crop = [left, top, right - left, bottom - top]
    file = stored(codec, samples)
    found = edited(codec, file, crop=crop, rotate=90 * turns, mirror=mirror)
    expected = np.rot90(samples[top:bottom, left:right], -turns)
    assert found.dtype == samples.dtype
    assert (found == (expected[:, ::-1] if mirror else expected)).all()


@pytest.mark.parametrize("stops", [-2.5, 1, 0.3])
@pytest.mark.parametrize("kind", ["u8", "u16"])
def test_exposure_multiplies_linear_light(codec: Codec, kind: str, stops: float) -> None:
    samples = picture(40, 30, 4, kind)
    found = edited(codec, stored(codec, samples), exposure=stops)
    assert found.dtype == samples.dtype
    assert np.abs(found[..., :3] - exposed(samples[..., :3], stops)).max() < (0.51 if kind == "u8" else 0.6)
    assert (found[..., 3] == samples[..., 3]).all()


def test_exposure_of_floats_is_not_clipped(codec: Codec) -> None:
    samples = picture(20, 10, 1, "f32")
    file = stored(codec, samples, colour="linear_srgb")
    assert np.allclose(edited(codec, file, exposure=3), samples * 8, rtol=1e-5, atol=1e-6)


def test_half_floats_stay_half_floats(codec: Codec) -> None:
    samples = picture(20, 12, 4, "f16")
    file = stored(codec, samples)
    result = edit(codec, file, exposure=1, width=10)
    assert (codec.inspect(result.image).bits_per_sample, result.width) == (16, 10)
    light = codec.decode(edit(codec, file, exposure=1).image, type="f32").samples[0]
    expected = from_linear(to_linear(samples[..., :3].astype(float)) * 2)
    assert np.allclose(light[..., :3], expected, rtol=2**-10, atol=1e-5)
    assert (light[..., 3] == samples[..., 3]).all()


def test_exposure_of_pq_multiplies_what_a_display_shows(codec: Codec) -> None:
    samples = picture(40, 30, 3, "u16") // 2
    file = stored(codec, samples, colour="rec2020_pq")
    result = edit(codec, file, exposure=1)
    light = [
        codec.decode(each, type="f32", colour="linear", intensity_target=10000).samples[0]
        for each in (file, result.image)
    ]
    assert np.allclose(light[1], light[0] * 2, rtol=2e-3, atol=1e-6)
    facts = codec.inspect(result.image)
    assert (facts.colour["transfer_function"], facts.bits_per_sample, facts.intensity_target) == (
        "pq", 16, 10000,
    )  # fmt: skip


def test_exposure_follows_the_profile(codec: Any) -> None:
    samples = picture(40, 30, 3)
    icc = codec.decode(stored(codec, samples, colour="display_p3")).icc
    file = saved(samples, "PNG", icc_profile=bytes(icc))
    result = edit(codec, file, to="png", exposure=-1)
    with Image.open(io.BytesIO(bytes(result.image))) as image:
        assert ImageCms.getProfileDescription(io.BytesIO(image.info["icc_profile"]))
        assert image.info["icc_profile"] == icc
        # The transfer function of Display P3 is that of sRGB.
        assert np.abs(np.asarray(image) - exposed(samples, -1)).max() < 0.6


@pytest.mark.parametrize("exposure", [0, -0.5])
@pytest.mark.parametrize("kind", ["u8", "u16"])
def test_a_box_is_that_of_a_thumbnail(codec: Any, kind: str, exposure: float) -> None:
    samples = picture(90, 60, 4, kind)
    file = stored(codec, samples)
    result = edit(codec, file, width=31, height=50, filter="mitchell", exposure=exposure)
    assert (result.width, result.height) == (31, 21)
    found = codec.decode(result.image).samples[0]
    # In two steps, of which the first rounds.
    first = edit(codec, file, exposure=exposure).image
    small = codec.thumbnail(first, width=31, height=50, filter="mitchell", to="pixels", source="full")
    step = DEPTHS[kind] / 255
    assert np.abs(found / step - small.samples).max() <= (1 if kind == "u8" else 0.51) + 2 * bool(exposure)


def test_one_side_of_the_box_is_enough_and_nothing_grows_unasked(codec: Codec) -> None:
    samples = picture(40, 30, 3)
    file = stored(codec, samples)
    assert edited(codec, file, width=20).shape == (15, 20, 3)
    assert edited(codec, file, height=20, rotate=90).shape == (20, 15, 3)
    assert (edited(codec, file, width=80) == samples).all()
    assert edited(codec, file, width=80, upscale=True).shape == (60, 80, 3)
    flat = stored(codec, np.full((9, 8, 3), 77, np.uint8))
    assert (edited(codec, flat, height=33, upscale=True) == 77).all()


def test_every_frame_is_edited(codec: Codec) -> None:
    for file, to in ((animated("GIF"), "jxl"), (animated("PNG"), "apng")):
        before = codec.decode(file, channels=3)
        result = edit(codec, file, to=to, crop=[5, 3, 20, 10], rotate=270, lossless=to == "jxl")
        after = codec.decode(result.image, channels=3)
        assert (result.frames, len(after.samples)) == (3, 3)
        assert [frame["duration"] for frame in after.frames] == [frame["duration"] for frame in before.frames]
        for found, samples in zip(after.samples, before.samples, strict=True):
            assert (found == np.rot90(samples[3:13, 5:25])).all()
    still = edit(codec, animated("GIF"), to="png", mirror=True)
    assert still.frames == 1


def test_frames_of_a_change_of_light(codec: Any) -> None:
    frames = [picture(24, 16, 3, seed=seed) for seed in range(3)]
    file = codec.encode(frames, durations=[0.1, 0.2, 0.3], loops=2, lossless=True, effort=1).image
    result = edit(codec, file, exposure=1, width=12)
    after = codec.decode(result.image)
    for samples, found in zip(frames, after.samples, strict=True):
        alone = edited(codec, stored(codec, samples), exposure=1, width=12)
        assert (found == alone).all()
    assert after.animation["loops"] == 2


def test_other_channels_go_along(codec: Codec) -> None:
    samples, far = picture(20, 12, 4), picture(20, 12, 1, "u8", seed=4)[..., 0]
    file = stored(codec, samples, extra=[far], extra_channels=[{"type": "depth", "name": "far"}])
    turned = codec.decode(edit(codec, file, crop=[2, 1, 10, 8], rotate=90).image, extra=["*"])
    assert (turned.extra[0] == np.rot90(far[1:9, 2:12], -1)).all()
    assert turned.extra_channels[0]["name"] == "far"
    light = codec.decode(edit(codec, file, exposure=2, width=10).image, extra=["*"])
    assert light.extra[0].shape == light.samples[0].shape[:2] == (6, 10)
    bright = codec.decode(edit(codec, file, exposure=2).image, extra=["*"])
    assert (bright.extra[0] == far).all()


def test_inks_stay_until_light_changes(codec: Codec) -> None:
    samples, black = picture(20, 12, 3), picture(20, 12, 1, "u8", seed=4)[..., 0]
    icc = cmyk_profile()
    file = stored(codec, samples, extra=[black], extra_channels=[{"type": "black"}], icc=icc)
    turned = codec.decode(edit(codec, file, mirror=True).image, extra=["black"])
    assert (turned.icc, (turned.extra[0] == black[:, ::-1]).all()) == (icc, True)
    assert (turned.samples[0] == samples[:, ::-1]).all()
    shown = codec.decode(file, colour="srgb").samples[0]
    light = codec.decode(edit(codec, file, exposure=1).image, extra=["*"])
    assert (light.colour["primaries"], light.extra_channels) == ("srgb", [])
    # What was shown had been rounded to 8 bits.
    assert np.abs(light.samples[0] - exposed(shown, 1)).max() < 0.51 + 0.75


def test_depths_between_are_kept(codec: Codec) -> None:
    samples = picture(20, 12, 3, "u16") >> 6
    file = stored(codec, samples, bits_per_sample=10)
    result = edit(codec, file, exposure=-1)
    found = codec.decode(result.image, range="file")
    assert found.bits_per_sample == 10
    assert np.abs(found.samples[0] - from_linear(to_linear(samples / 1023) / 2) * 1023).max() < 0.6
    pnm = codec.decode(edit(codec, file, to="pnm", mirror=True).image, range="file")
    assert (pnm.bits_per_sample, (pnm.samples[0] == samples[:, ::-1]).all()) == (10, True)


def test_premultiplied_colours_become_straight_where_light_changes(codec: Codec) -> None:
    samples = np.full((4, 4, 4), (40, 20, 10, 128), np.uint8)
    file = stored(codec, samples, premultiplied=True)
    turned, light = (
        codec.decode(edit(codec, file, **more).image) for more in ({"rotate": 90}, {"exposure": 1})
    )
    assert (turned.premultiplied, light.premultiplied) == (True, False)
    assert (turned.samples[0] == samples).all()
    straight = np.array([40, 20, 10]) * 255 / 128
    assert np.abs(light.samples[0][..., :3] - exposed(straight / 255, 1) * 255).max() < 0.6
    assert (light.samples[0][..., 3] == 128).all()


def test_upright_before_the_rest(codec: Any) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "lying"
    jpeg = saved(picture(32, 16, 3), "JPEG", quality=95, exif=exif)
    upright = codec.decode(jpeg).samples[0]
    for to in ("jxl", "png", "jpeg"):
        result = edit(codec, jpeg, to=to, crop=[1, 20, 12, 8], quality=100, lossless=False)
        assert (result.width, result.height) == (12, 8)
        facts = codec.inspect(result.image, contents=True)
        assert facts.orientation == 1
        # libjxl writes a PNG's Exif as text, which inspect does not look into.
        if to != "png":
            assert facts.metadata["exif"]["orientation"] == 1
            assert b"lying" in facts.exif
        if to != "jpeg":
            assert (codec.decode(result.image).samples[0] == upright[20:28, 1:13]).all()
    turned = stored(codec, picture(32, 16, 3), orientation=8)
    assert (edited(codec, turned, mirror=True) == codec.decode(turned).samples[0][:, ::-1]).all()


def test_metadata_stay_but_for_a_gain_map(codec: Codec) -> None:
    samples, boxes = picture(8, 8, 3), {"exif": b"II*\0\x08\0\0\0\0\0\0\0\0\0", "xmp": b"<x/>"}
    file = stored(
        codec, samples, **boxes, jumbf=[b"\0\0\0\x10jumd" + bytes(8)], gain_map=gain_map(b"\xff\x0a\0", b"")
    )
    kept = codec.inspect(edit(codec, file, mirror=True).image).metadata
    assert (kept["xmp"]["bytes"], kept["jumbf"], kept["gain_map"]) == (4, 1, None)
    assert kept["exif"] is not None
    stripped = codec.inspect(edit(codec, file, mirror=True, metadata="strip").image).metadata
    assert not any(stripped.values())


@pytest.mark.parametrize("to", ["jxl", "png", "jpeg", "pfm"])
def test_without_a_step_it_is_transcode_from_pixels(codec: Any, to: str) -> None:
    for file in (saved(picture(20, 10, 3), "JPEG"), stored(codec, picture(20, 10, 4), orientation=6)):
        found = codec.edit(file, to=to, crop=[], rotate=0, exposure=0)
        assert found.image == codec.transcode(file, to=to, jpeg="pixels").image
        assert (found.format, found.distance) == (to, 1 if to == "jxl" else None)


@pytest.mark.parametrize("to", ["png", "apng", "jpeg", "pnm", "pfm"])
def test_every_format_gets_what_jpeg_xl_holds(codec: Any, to: str) -> None:
    file = stored(codec, picture(40, 30, 3))
    steps: dict[str, Any] = {"crop": [4, 2, 30, 20], "rotate": 180, "exposure": 0.5, "width": 15}
    there = codec.transcode(edit(codec, file, **steps).image, to=to).image
    found = codec.edit(file, to=to, **steps).image
    if to == "pfm":  # Floats are not rounded to 8 bits between.
        difference = np.abs(codec.decode(found).samples[0] - codec.decode(there).samples[0]).max()
        assert difference < 0.51 / 255
    else:
        assert found == there


def test_targets_are_searched(codec: Codec) -> None:
    found = codec.edit(picture_file(codec), to="jxl", mirror=True, effort=1, target_bytes=2500)
    assert len(found.image) <= 2500
    assert found.tries is not None and found.tries > 1


@pytest.mark.parametrize(
    ("options", "at", "told"),
    [
        ({"crop": [60, 0, 10, 10]}, "/crop", "ends at 70, 10, outside of the image of 64 x 48"),
        ({"crop": [0, 0, 0, 10]}, "/crop", "no pixels"),
        ({"crop": [1, 2, 3]}, "/crop", "x, y, width, height"),
        ({"rotate": 45}, "/rotate", "45"),
        ({"exposure": 9}, "/exposure", "from -8 to 8"),
        ({"upscale": True}, "/upscale", "needs a width or a height"),
        ({"mirror": True, "to": "png", "target_bytes": 900}, "/target_bytes", "JPEG XL"),
        ({"mirror": True, "quality": 90, "distance": 1}, "/quality", "exclude"),
        ({"jpeg": "exact"}, "/jpeg", "no option"),
    ],
)
def test_what_does_not_fit_is_told(
    codec: Codec, host: Host, options: dict[str, Any], at: str, told: str
) -> None:
    with pytest.raises(CallError, match=told) as caught:
        host.call("edit", {"to": "jxl", **options}, {"image": [picture_file(codec)]})
    assert (caught.value.kind.code, caught.value.option) == ("bad_option", at)


def test_limits_hold_for_the_result(codec: Codec) -> None:
    with pytest.raises(CallError) as caught:
        codec.edit(picture_file(codec), to="jxl", width=640, upscale=True, max_pixels=100_000)
    assert caught.value.kind.code == "too_large"
