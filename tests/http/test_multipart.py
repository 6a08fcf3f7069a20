"""multipart/form-data, in and out."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multipart import MultipartError, MultipartSegment, PushMultipartParser

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


BOUNDARY = "a-boundary-that-no-part-has-0123456789"


@given(PARTS)
def test_parts_are_found_whole_and_not_copied(parts: list[tuple[str, bytes]]) -> None:
    text = bytearray(body(parts, BOUNDARY))
    found = read(text, BOUNDARY, NAMES).get("samples", [])
    assert [bytes(data) for data in found] == [data for _, data in parts]
    assert all(data.obj is text for data in found)


LINES = st.sampled_from(
    [
        b"--x\r\n", b"--x--", b"--xy\r\n", b"\r\n", b"\r", b"\n", b"--x", b"x", b"\r\n--x", b"\r\n\r\n",
        b'Content-Disposition: form-data; name="icc"\r\n',
        b"Content-Disposition: form-data; name=samples\r\n\r\n",
        b"Content-Type: image/png\r\n", b"abc",
    ]
)  # fmt: skip


def by_the_library(text: bytes) -> list[tuple[str, bytes]]:
    """The parts as the library finds them, which copies."""
    found: list[tuple[str, bytearray]] = []
    with PushMultipartParser("x", max_header_size=4096) as parser:
        for event in parser.parse(text):
            if isinstance(event, MultipartSegment):
                found.append((event.name, bytearray()))
            elif event is not None:
                found[-1][1].extend(event)
    return [(name, bytes(data)) for name, data in found]


@given(st.lists(LINES, min_size=1, max_size=14))
def test_it_reads_what_the_library_reads_and_refuses_what_it_refuses(lines: list[bytes]) -> None:
    text = b"".join(lines)
    try:
        expected = by_the_library(text)
    except MultipartError:
        expected = None
    try:
        found = read(bytearray(text), "x", {"icc": 99, "samples": 99})
    except Problem as problem:
        assert problem.kind.status == 400
        assert expected is None
        return
    assert expected is not None
    for name, views in found.items():
        assert [bytes(view) for view in views] == [data for other, data in expected if other == name]
    assert sum(len(views) for views in found.values()) == len(expected)


@given(st.integers(0, 5), st.data())
def test_a_cut_off_body_is_refused(count: int, data: st.DataObject) -> None:
    text = body([("samples", b"abc" * 20)] * count)
    cut = data.draw(st.integers(0, len(text) - len(b"--\r\n") - 1))
    with pytest.raises(Problem) as caught:
        read(text[:cut], "xyz", NAMES)
    assert caught.value.kind.status == 400


@given(st.binary(max_size=400))
def test_noise_is_refused_or_read_but_never_more(noise: bytes) -> None:
    with suppress(Problem):
        assert set(read(noise + b"--xyz--\r\n", "xyz", NAMES)) <= set(NAMES)


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
        read(body(parts), "xyz", NAMES)
    assert caught.value.kind.status == status
    assert named is None or caught.value.input == named


def test_a_preamble_without_end_is_refused() -> None:
    with pytest.raises(Problem):
        read(b"x" * 4096000, "xyz", NAMES)


def test_what_is_written_can_be_read() -> None:
    outputs = [
        Output("samples", "application/octet-stream", b"\r\n--xy"),
        Output("samples", "application/octet-stream", b""),
        Output("icc", "application/vnd.iccprofile", b"profile"),
    ]
    pieces = [bytes(piece) for piece in write({"frames": 2, "name": "é"}, outputs, "xyz")]
    found = read(b"".join(pieces), "xyz", {"result": 1, **NAMES})
    assert json.loads(bytes(found["result"][0])) == {"frames": 2, "name": "é"}
    assert found["samples"] == [b"\r\n--xy", b""]
    assert found["icc"] == [b"profile"]
    assert b"Content-Type: application/vnd.iccprofile" in b"".join(pieces)
