"""`inspect` reports every frame header: those of the conformance suite, and those asked for."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eitherside import CallError, Codec
from support.conformance import conformance_cases, named
from support.images import picture, saved
from support.there import there

# Per bitstream: codestream frames, flags of any of them, encodings, and level where the file tells it.
SUITE: dict[str, tuple[int, set[str], set[str], int | None]] = {
    "alpha_nonpremultiplied": (1, set(), {"modular"}, None),
    "alpha_premultiplied": (1, set(), {"vardct"}, 10),
    "animation_icos4d": (48, set(), {"vardct"}, None),
    "animation_spline": (60, {"splines"}, {"vardct"}, None),
    "bench_oriented_brg": (1, set(), {"vardct"}, None),
    "bike": (2, {"patches"}, {"vardct", "modular"}, None),
    "blendmodes": (5, set(), {"modular"}, None),
    "cafe": (1, set(), {"vardct"}, None),
    "cmyk_layers": (4, set(), {"modular"}, 10),
    "grayscale": (1, set(), {"vardct"}, None),
    "lossless_pfm": (1, set(), {"modular"}, 10),
    "noise": (1, {"noise"}, {"vardct"}, None),
    "patches": (2, {"patches"}, {"vardct", "modular"}, None),
    "patches_lossless": (2, {"patches"}, {"modular"}, None),
    "progressive": (3, {"dc_frame", "patches"}, {"vardct", "modular"}, None),
    "spot": (2, set(), {"modular"}, 10),
    "sunset_logo": (2, set(), {"modular"}, None),
    "upsampling": (1, set(), {"vardct"}, None),
}


@conformance_cases()
def test_the_suite_is_told_as_it_is_known(codec: Codec, conformance_case: Path) -> None:
    known = json.loads((conformance_case / "test.json").read_text())
    told = codec.inspect((conformance_case / "input.jxl").read_bytes(), contents=True)
    assert told.complete
    assert told.trailing_bytes == 0
    assert len(told.frames) == len(known["frames"])
    assert [frame["name"] for frame in told.frames] == [frame["name"] for frame in known["frames"]]
    assert told.intensity_target == pytest.approx(known["intensity_target"])
    assert there(told.tone_mapping)["min_nits"] == pytest.approx(known["min_nits"])
    assert [told.bits_per_sample, *(c["bits_per_sample"] for c in told.extra_channels)] == known[
        "bits_per_sample"
    ]
    assert [told.exponent_bits, *(c["exponent_bits"] for c in told.extra_channels)] == known[
        "exp_bits_per_sample"
    ]
    names = {"Alpha": "alpha", "Spot": "spot", "SpotColor": "spot", "Black": "black", "Depth": "depth"}
    assert [c["type"] for c in told.extra_channels] == [names[n] for n in known["extra_channel_type"]]
    if told.colour["icc_embedded"]:
        assert hashlib.sha256(there(told.icc)).hexdigest() == known["sha256sums"][known["original_icc"]]


@conformance_cases()
def test_frames_fill_the_codestream(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    told = codec.inspect(data)
    frames = there(told.codestream_frames)
    assert [frame["is_last"] for frame in frames if frame["type"] != "preview"].count(True) == 1
    assert frames[-1]["is_last"]
    for before, after in pairwise(frames):
        assert after["offset"] == before["offset"] + before["bytes"]
    size = len(data)
    if told.container:
        size = sum(
            e["bytes"] - (12 if e["type"] == "jxlp" else 8) for e in told.boxes if e["type"][:3] == "jxl"
        )
        size -= sum(e["bytes"] - 8 for e in told.boxes if e["type"] == "jxll")
    assert frames[-1]["offset"] + frames[-1]["bytes"] == size
    assert sum(frame["displayed"] for frame in frames) == len(told.frames)
    for frame in frames:
        per_pass = frame["groups"] * frame["passes"]["count"]
        assert frame["sections"] == (1 if per_pass == 1 else 2 + frame["dc_groups"] + per_pass)
        assert (frame["colour_transform"] == "xyb") == told.xyb


@named(*SUITE)
def test_what_is_known_of_a_bitstream(codec: Codec, conformance_case: Path) -> None:
    count, flags, encodings, level = SUITE[conformance_case.name]
    told = codec.inspect((conformance_case / "input.jxl").read_bytes())
    assert len(there(told.codestream_frames)) == count
    met = {flag for frame in there(told.codestream_frames) for flag in frame["flags"]} - {"skip_dc_smoothing"}
    assert met == flags
    assert {frame["encoding"] for frame in there(told.codestream_frames)} == encodings
    assert told.level == level


@named("progressive", "patches", "upsampling", "blendmodes", "bench_oriented_brg", "cafe")
def test_particulars_of_the_suite(codec: Codec, conformance_case: Path) -> None:
    told = codec.inspect((conformance_case / "input.jxl").read_bytes())
    frames = there(told.codestream_frames)
    match conformance_case.name:
        case "progressive":
            assert [frame["type"] for frame in frames] == ["reference_only", "dc", "regular"]
            assert frames[-1]["passes"]["count"] > 1
        case "patches":
            assert [frame["type"] for frame in frames] == ["reference_only", "regular"]
            assert frames[0]["saved_before_colour_transform"]
        case "upsampling":
            assert frames[0]["upsampling"] > 1
        case "blendmodes":
            assert len({frame["blending"]["mode"] for frame in frames}) > 1
        case "bench_oriented_brg":
            assert told.jpeg_reconstruction
            assert told.orientation != 1
            assert frames[0]["colour_transform"] == "ycbcr"
        case "cafe":
            assert frames[0]["chroma_subsampling"] == "4:2:0"
            assert not frames[0]["gaborish"]


ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "modular": ({"lossless": True}, {"encoding": "modular", "colour_transform": "none"}),
    "vardct": ({"distance": 2.0}, {"encoding": "vardct", "colour_transform": "xyb"}),
    "lossy modular": ({"distance": 1.0, "mode": "modular"}, {"encoding": "modular"}),
    "no filters": ({"epf": 0, "gaborish": "off"}, {"epf": 0, "gaborish": False}),
    "filters": ({"epf": 3, "gaborish": "on"}, {"epf": 3, "gaborish": True}),
    "noise": ({"photon_noise": 3200}, {"flags": ["noise"]}),
    "resampling": ({"resampling": 2}, {"upsampling": 2}),
    "groups": ({"lossless": True, "modular_group_size": 128}, {"group_size": 128, "groups": 12}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_was_asked_of_the_encoder(codec: Codec, asked: str) -> None:
    options, expected = ASKED[asked]
    frame = there(codec.inspect(codec.encode(picture(400, 300, 3), **options).image).codestream_frames)[-1]
    assert {name: frame[name] for name in expected} == expected


def test_progressive_passes(codec: Codec) -> None:
    frames = there(
        codec.inspect(codec.encode(picture(400, 300, 3), progressive=True).image).codestream_frames
    )
    assert frames[0]["type"] == "dc"
    assert not frames[0]["displayed"]
    assert frames[-1]["passes"]["count"] >= 2
    plain = there(codec.inspect(codec.encode(picture(400, 300, 3)).image).codestream_frames)
    assert [frame["passes"]["count"] for frame in plain] == [1]


def test_animation(codec: Codec) -> None:
    pictures = [picture(40, 30, 4, seed=seed) for seed in range(3)]
    file = codec.encode(pictures, durations=[0.1, 0.25, 0.5], lossless=True, loops=7).image
    told = codec.inspect(file)
    assert there(told.animation)["loops"] == 7
    assert [frame["duration"] for frame in told.frames] == pytest.approx([0.1, 0.25, 0.5])
    assert [frame["duration"] for frame in there(told.codestream_frames)] == pytest.approx([0.1, 0.25, 0.5])
    assert len(there(told.codestream_frames)[0]["extra_blending"]) == 1
    with pytest.raises(CallError) as caught:
        codec.inspect(file, max_frames=2)
    assert caught.value.code == "too_large"


def test_recompressed_jpeg(codec: Codec) -> None:
    for subsampling, name in ((0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")):
        jpeg = saved(picture(64, 48, 3), "JPEG", subsampling=subsampling)
        frame = there(codec.inspect(codec.transcode(jpeg, to="jxl").image).codestream_frames)[0]
        assert (frame["colour_transform"], frame["chroma_subsampling"]) == ("ycbcr", name)


def test_pixels_do_not_matter(codec: Codec) -> None:
    """A frame of very many pixels has as short an inspection as its bytes."""
    file = codec.encode(np.zeros((3000, 4000, 3), np.uint8), effort=1, distance=1.0).image
    told = codec.host.call("inspect", {}, {"image": bytes(file)}, memory_limit=8 << 20)
    assert told.result["codestream_frames"][0]["groups"] == 12 * 16
