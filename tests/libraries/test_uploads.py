"""Uploads in pieces: where they go on, what they may not be, and that they survive the end of the service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .member import Member, made, problem, repr_digest, sha256


def begin(member: Member, data: bytes = b"", **headers: str) -> str:
    """Begins an upload and returns its address."""
    response = member.ask("POST", "blobs", data, Upload_Complete="?0", **headers)
    assert response.status_code == 201, response.data
    assert response.headers["Upload-Offset"] == str(len(data))
    return str(response.headers["Location"])


def test_pieces_make_a_blob(member: Member) -> None:
    path = begin(
        member, b"abc", Upload_Length="8", Repr_Digest=repr_digest(b"abcdefgh"), Content_Type="image/png"
    )
    told = member.ask("HEAD", path)
    assert told.status_code == 204
    assert (told.headers["Upload-Offset"], told.headers["Upload-Length"]) == ("3", "8")
    assert (told.headers["Upload-Complete"], told.headers["Cache-Control"]) == ("?0", "no-store")
    assert "max-size=" in told.headers["Upload-Limit"] and "max-age=" in told.headers["Upload-Limit"]
    added = member.patch(path, 3, b"de")
    assert (added.status_code, added.headers["Upload-Complete"], added.headers["Upload-Offset"]) == (
        204,
        "?0",
        "5",
    )
    last = member.patch(path, 5, b"fgh", complete=True)
    assert (last.status_code, last.headers["Upload-Complete"]) == (201, "?1")
    digest = sha256(b"abcdefgh")
    assert last.json == {"sha256": digest, "bytes": 8, "url": f"{member.url}/blobs/{digest}"}
    assert last.headers["Location"] == f"{member.url}/blobs/{digest}"
    blob = member.ask("GET", last.headers["Location"])
    assert (blob.data, blob.content_type) == (b"abcdefgh", "image/png")
    told = member.ask("HEAD", path)
    assert (told.headers["Upload-Offset"], told.headers["Upload-Complete"]) == ("8", "?1")
    assert (member.facts()["bytes"], member.facts()["blobs"]) == (8, 1)


def test_an_empty_last_piece_completes(member: Member) -> None:
    path = begin(member, b"abc")
    assert member.patch(path, 3, b"", complete=True).status_code == 201
    problem(member.patch(path, 3, b"", complete=True), 400, "upload_complete")
    problem(member.patch(path, 3, b"more"), 400, "upload_length")


def test_a_blob_of_nothing(alone: Member) -> None:
    assert alone.patch(begin(alone), 0, b"", complete=True).status_code == 201
    assert alone.ask("GET", f"blobs/{sha256(b'')}").data == b""


def test_a_wrong_offset_is_told_and_changes_nothing(member: Member) -> None:
    path = begin(member, b"abc")
    for offset in (0, 2, 4):
        refused = member.patch(path, offset, b"xyz")
        told = problem(refused, 409, "upload_offset")
        assert (told["expected-offset"], told["provided-offset"]) == (3, offset)
        assert refused.headers["Upload-Offset"] == "3"
    assert member.facts()["bytes"] == 3


def test_other_bytes_than_announced_are_no_blob(member: Member) -> None:
    path = begin(member, b"abc", Repr_Digest=repr_digest(b"abcd"))
    problem(member.patch(path, 3, b"X", complete=True), 422, "digest_mismatch")
    assert member.ask("HEAD", path).status_code == 404
    problem(member.ask("GET", f"blobs/{sha256(b'abcX')}"), 404, "not_found")
    assert (member.facts()["bytes"], member.facts()["blobs"]) == (0, 0)
    problem(member.ask("POST", "blobs", b"X", Repr_Digest=repr_digest(b"Y")), 422, "digest_mismatch")


def test_lengths_that_do_not_fit(alone: Member) -> None:
    path = begin(alone, b"abc", Upload_Length="5")
    problem(alone.patch(path, 3, b"defg"), 400, "upload_length")
    problem(alone.patch(path, 3, b"d", complete=True), 400, "upload_length")
    problem(alone.ask("POST", "blobs", b"abc", Upload_Length="5"), 400, "upload_length")
    assert alone.patch(path, 3, b"de", complete=True).status_code == 201


def test_what_is_no_piece(alone: Member) -> None:
    path = begin(alone)
    wrong = alone.ask("PATCH", path, b"x", Upload_Offset="0", Upload_Complete="?0")
    problem(wrong, 415, "unsupported_media_type")
    for headers in ({}, {"Upload_Offset": "0"}, {"Upload_Offset": "-1", "Upload_Complete": "?0"}):
        response = alone.ask("PATCH", path, b"x", Content_Type="application/partial-upload", **headers)
        problem(response, 400, "bad_request")
    options = alone.ask("OPTIONS", "blobs")
    assert options.headers["Accept-Patch"] == "application/partial-upload"
    assert "max-append-size=" in options.headers["Upload-Limit"]


def test_limits_of_one_blob_and_one_piece(tmp_path: Path) -> None:
    with made(None, tmp_path, max_body=100, upload_chunk=10) as member:
        problem(
            member.ask("POST", "blobs", b"", Upload_Complete="?0", Upload_Length="101"), 413, "body_too_large"
        )
        problem(member.ask("POST", "blobs", b"x" * 101), 413, "body_too_large")
        path = begin(member)
        problem(member.patch(path, 0, b"x" * 11), 413, "body_too_large")
        for at in range(0, 100, 10):
            assert member.patch(path, at, b"x" * 10).status_code == 204
        problem(member.patch(path, 100, b"x"), 413, "body_too_large")


def test_one_of_others_is_not_there(alone: Member) -> None:
    path, other = begin(alone, b"abc"), Member(alone.app)
    name = path.rpartition("/")[2]
    assert other.ask("HEAD", f"uploads/{name}").status_code == 404
    problem(other.patch(f"uploads/{name}", 3, b"x"), 404, "not_found")
    problem(other.ask("DELETE", f"uploads/{name}"), 404, "not_found")


def test_one_that_is_given_up_takes_nothing(member: Member, folder: Path, kind: str) -> None:
    path = begin(member, b"abc")
    assert member.ask("DELETE", path).status_code == 204
    assert member.ask("HEAD", path).status_code == 404
    assert (member.facts()["bytes"], member.facts()["blobs"]) == (0, 0)
    assert not (folder / kind / "blobs" / "pieces" / path.rpartition("/")[2]).exists()


def test_one_whose_time_is_over_is_given_up(database: str | None, tmp_path: Path) -> None:
    with made(database, tmp_path, upload_days=1e-9) as member:
        path, digest = begin(member, b"abc"), member.put(b"whole")
        member.app.extensions["eitherside"].store.uploads.sweep()
        assert member.ask("HEAD", path).status_code == 404
        assert member.facts()["bytes"] == 5
        assert member.ask("GET", f"blobs/{digest}").data == b"whole"


def test_of_several_that_add_at_one_place_one_does(member: Member) -> None:
    path = begin(member)
    pieces = [bytes([65 + number]) * 1000 for number in range(6)]
    barrier, found = threading.Barrier(len(pieces)), {}

    def add(data: bytes) -> None:
        barrier.wait()
        found[data] = member.patch(path, 0, data).status_code

    threads = [threading.Thread(target=add, args=(data,)) for data in pieces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found.values()) == [204, *[409] * 5]
    (won,) = [data for data, status in found.items() if status == 204]
    assert member.patch(path, 1000, b"", complete=True).status_code == 201
    assert member.ask("GET", f"blobs/{sha256(won)}").data == won
    assert member.facts()["bytes"] == 1000


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """A library for many examples."""
    with made(None, tmp_path_factory.mktemp("lasting")) as member:
        yield member


@settings(max_examples=25)
@given(
    data=st.binary(min_size=1, max_size=300),
    cuts=st.lists(st.integers(0, 300), max_size=5),
    repeats=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_any_cut_with_any_repeats_gives_the_same_blob(
    lasting: Member, data: bytes, cuts: list[int], repeats: list[bool]
) -> None:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    path = begin(lasting)
    for (start, end), again in zip(pairwise(places), repeats, strict=False):
        assert lasting.patch(path, start, data[start:end]).status_code == 204
        if again:
            # Its answer was lost: the client is told how far it is.
            repeated = lasting.patch(path, start, data[start:end])
            assert (repeated.status_code, repeated.headers["Upload-Offset"]) == (409, str(end))
    assert lasting.patch(path, len(data), b"", complete=True).status_code == 201
    assert lasting.ask("GET", f"blobs/{sha256(data)}").data == data
