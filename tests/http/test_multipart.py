"""multipart/form-data, in and out."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.host import Output
from eitherside.http.multipart import read, write
from eitherside.http.problems import Problem

NAMES = {"options": 1, "samples": 100, "icc": 1}
PARTS = st.lists(st.tuples(st.sampled_from(["samples"]), st.binary(max_size=300)), max_size=6)


def body(parts: list[tuple[str, bytes]], boundary: str = "xyz") -> bytes:
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in parts
    ]
    return b"".join(pieces) + f"--{boundary}--\r\n".encode()


@given(PARTS, st.integers(1, 400))
def test_parts_arrive_whole_however_they_are_cut(parts: list[tuple[str, bytes]], step: int) -> None:
    text = body(parts, "a-boundary-that-no-part-has-0123456789")
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    found = read(pieces, "a-boundary-that-no-part-has-0123456789", NAMES)
    assert [bytes(data) for data in found.get("samples", [])] == [data for _, data in parts]


@given(st.integers(0, 5), st.data())
def test_a_cut_off_body_is_refused(count: int, data: st.DataObject) -> None:
    text = body([("samples", b"abc" * 20)] * count)
    cut = data.draw(st.integers(0, len(text) - len(b"--\r\n") - 1))
    with pytest.raises(Problem) as caught:
        read([text[:cut]], "xyz", NAMES)
    assert caught.value.kind.status == 400


@given(st.binary(max_size=400))
def test_noise_is_refused_or_read_but_never_more(noise: bytes) -> None:
    with suppress(Problem):
        assert set(read([noise, b"--xyz--\r\n"], "xyz", NAMES)) <= set(NAMES)


@pytest.mark.parametrize(
    ("parts", "status", "named"),
    [
        ([("nonsense", b"")], 400, "nonsense"),
        ([("icc", b""), ("icc", b"")], 400, "icc"),
        ([("samples", b"")] * 103, 400, None),
        ([('x"; filename="y', b"")], 400, "x"),
        ([("<script>", b"")], 400, "<script>"),
    ],
)
def test_wrong_parts(parts: list[tuple[str, bytes]], status: int, named: str | None) -> None:
    with pytest.raises(Problem) as caught:
        read([body(parts)], "xyz", NAMES)
    assert caught.value.kind.status == status
    assert named is None or caught.value.input == named


def test_a_preamble_without_end_is_refused() -> None:
    with pytest.raises(Problem):
        read([b"x" * 4096] * 1000, "xyz", NAMES)


def test_what_is_written_can_be_read() -> None:
    outputs = [
        Output("samples", "application/octet-stream", b"\r\n--xy"),
        Output("samples", "application/octet-stream", b""),
        Output("icc", "application/vnd.iccprofile", b"profile"),
    ]
    pieces = [bytes(piece) for piece in write({"frames": 2, "name": "é"}, outputs, "xyz")]
    found = read(pieces, "xyz", {"result": 1, **NAMES})
    assert json.loads(found["result"][0]) == {"frames": 2, "name": "é"}
    assert found["samples"] == [b"\r\n--xy", b""]
    assert found["icc"] == [b"profile"]
    assert b"Content-Type: application/vnd.iccprofile" in b"".join(pieces)
