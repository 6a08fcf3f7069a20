"""Libraries: seen by who has the key, within limits."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from sqlalchemy import text

from eitherside.http import create_app
from eitherside.settings import Settings

from .member import Member, made, problem, repr_digest, sha256


def test_a_library_is_its_keys(member: Member) -> None:
    facts = member.facts()
    assert (facts["id"], facts["bytes"], facts["blobs"], facts["url"]) == (member.id, 0, 0, member.url)
    assert facts["limits"]["bytes"] == 4 << 30


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic {key}", "Bearer {key}x", "{key}"]
)
def test_without_the_key_nothing_is_there(alone: Member, authorization: str) -> None:
    client = alone.app.test_client()
    headers = {"Authorization": authorization.format(key=alone.key)} if authorization else {}
    there = problem(client.get(alone.url, headers=headers), 404, "not_found")
    nowhere = problem(client.get(f"/v1/libraries/{'x' * 22}", headers=headers), 404, "not_found")
    assert there == nowhere


def test_the_key_of_another_library_is_no_key(alone: Member) -> None:
    other = Member(alone.app)
    response = alone.app.test_client().get(alone.url, headers={"Authorization": f"Bearer {other.key}"})
    problem(response, 404, "not_found")
    assert other.facts()["id"] == other.id


def test_a_key_that_the_client_chose_makes_one_library(member: Member) -> None:
    key = secrets.token_urlsafe(32)
    client = member.app.test_client()
    answers = [
        client.post("/v1/libraries", headers={"Authorization": f"Bearer {key}"}, data=b"") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert answers[0].json is not None
    assert (answers[0].json["key"], answers[0].json["id"] == member.id) == (key, False)


@pytest.mark.parametrize("chosen", ["Bearer", "Bearer short", f"Bearer {'x' * 44}", f"Basic {'x' * 43}"])
def test_a_key_that_could_be_guessed_is_no_key(alone: Member, chosen: str) -> None:
    response = alone.app.test_client().post("/v1/libraries", headers={"Authorization": chosen})
    problem(response, 400, "bad_request")


def test_a_repeat_is_no_other_library_for_the_limit(database: str | None, tmp_path: Path) -> None:
    with made(database, tmp_path, libraries_per_address=2) as member:
        client, key = member.app.test_client(), secrets.token_urlsafe(32)
        headers = {"Authorization": f"Bearer {key}"}
        assert [client.post("/v1/libraries", headers=headers).status_code for _ in range(3)] == [201] * 3
        assert client.post("/v1/libraries").status_code == 429


def test_the_key_is_not_stored(alone: Member, folder: Path) -> None:
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert alone.id.encode() in stored
    assert alone.key.encode() not in stored


def test_what_is_removed_is_gone(member: Member) -> None:
    digest = member.put(b"mine alone")
    blobs = member.app.extensions["eitherside"].store.blobs
    assert blobs.read(digest) == b"mine alone"
    assert member.ask("DELETE", "").status_code == 204
    problem(member.ask("GET", ""), 404, "not_found")
    problem(member.ask("GET", f"blobs/{digest}"), 404, "not_found")
    with pytest.raises(FileNotFoundError):
        blobs.read(digest)


def test_so_many_an_hour(database: str | None, tmp_path: Path) -> None:
    with made(database, tmp_path, libraries_per_address=2, libraries_per_hour=3) as member:
        client = member.app.test_client()

        def ask(address: str) -> int:
            response = client.post("/v1/libraries", environ_base={"REMOTE_ADDR": address})
            if response.status_code != 201:
                assert response.json is not None
                assert problem(response, 429, "too_many")["retry_after"] > 3500
                assert int(response.headers["Retry-After"]) == response.json["retry_after"]
            return response.status_code

        assert [ask("127.0.0.1"), ask("127.0.0.1")] == [201, 429]
        assert [ask("192.0.2.1"), ask("192.0.2.1")] == [201, 429]
        with member.app.extensions["eitherside"].store.database.writing() as session:
            session.execute(text("UPDATE libraries SET created = created - 3601"))
        assert ask("127.0.0.1") == 201
        with member.app.extensions["eitherside"].store.database.reading() as session:
            known = session.execute(text("SELECT address FROM libraries ORDER BY created")).scalars().all()
        assert known == [None, None, None, "127.0.0.1"]


def test_so_many_bytes(database: str | None, tmp_path: Path) -> None:
    with made(database, tmp_path, library_bytes=100) as member:
        kept = member.put(b"x" * 60)
        assert problem(member.ask("POST", "blobs", b"y" * 41), 413, "library_full")["limit"] == 100
        # The same bytes again take no more.
        assert member.put(b"x" * 60) == kept
        assert member.facts()["bytes"] == 60
        too_long = member.ask("POST", "blobs", b"", Upload_Complete="?0", Upload_Length="41")
        problem(too_long, 413, "library_full")
        begun = member.ask("POST", "blobs", b"y" * 30, Upload_Complete="?0")
        problem(member.patch(begun.headers["Location"], 30, b"y" * 11), 413, "library_full")
        assert member.facts()["bytes"] == 90
        assert member.ask("DELETE", f"blobs/{kept}").status_code == 204
        assert member.patch(begun.headers["Location"], 30, b"y" * 70, complete=True).status_code == 201
        assert member.facts()["bytes"] == 100


def test_so_many_blobs_and_uploads(database: str | None, tmp_path: Path) -> None:
    with made(database, tmp_path, library_blobs=3, library_uploads=2) as member:
        begun = [member.ask("POST", "blobs", b"", Upload_Complete="?0") for _ in range(3)]
        assert [response.status_code for response in begun] == [201, 201, 413]
        member.put(b"1")
        assert problem(member.ask("POST", "blobs", b"2"), 413, "library_full")["limit"] == 3
        assert member.ask("DELETE", begun[0].headers["Location"]).status_code == 204
        member.put(b"2")
        assert member.facts()["blobs"] == 3


class TestBlobs:
    def test_one_is_sent_whole_and_in_parts(self, member: Member) -> None:
        digest = member.put(b"0123456789", Content_Type="image/png", Repr_Digest=repr_digest(b"0123456789"))
        assert digest == sha256(b"0123456789")
        whole = member.ask("GET", f"blobs/{digest}")
        assert (whole.status_code, whole.data, whole.content_type) == (200, b"0123456789", "image/png")
        assert whole.headers["ETag"] == f'"{digest}"'
        assert "private" in whole.headers["Cache-Control"]
        part = member.ask("GET", f"blobs/{digest}", Range="bytes=2-4")
        assert (part.status_code, part.data) == (206, b"234")
        assert part.headers["Content-Range"] == "bytes 2-4/10"
        assert member.ask("GET", f"blobs/{digest}", Range="bytes=20-").status_code == 416
        known = member.ask("GET", f"blobs/{digest}", If_None_Match=f'"{digest}"')
        assert (known.status_code, known.data) == (304, b"")
        head = member.ask("HEAD", f"blobs/{digest}")
        assert (head.status_code, head.content_length) == (200, 10)

    def test_a_type_that_no_function_reads_is_not_kept(self, alone: Member) -> None:
        digest = alone.put(b"<script>", Content_Type="text/html")
        assert alone.ask("GET", f"blobs/{digest}").content_type == "application/octet-stream"

    def test_others_blobs_are_not_there(self, member: Member) -> None:
        other = Member(member.app)
        digest = other.put(b"a secret")
        problem(member.ask("GET", f"blobs/{digest}"), 404, "not_found")
        problem(member.ask("DELETE", f"blobs/{digest}"), 404, "not_found")
        # All bytes have to be sent, whether or not another has them.
        begun = member.ask(
            "POST",
            "blobs",
            b"a",
            Upload_Complete="?0",
            Upload_Length="8",
            Repr_Digest=repr_digest(b"a secret"),
        )
        assert begun.headers["Upload-Complete"] == "?0"
        problem(member.ask("GET", f"blobs/{digest}"), 404, "not_found")
        assert member.put(b"a secret") == digest
        # The bytes are there once, and as long as one of both has them.
        assert other.ask("DELETE", f"blobs/{digest}").status_code == 204
        assert member.ask("GET", f"blobs/{digest}").data == b"a secret"

    @pytest.mark.parametrize("name", ["0" * 63, "X" * 64, "..", "0" * 65])
    def test_a_name_that_is_no_digest_is_not_there(self, alone: Member, name: str) -> None:
        problem(alone.ask("GET", f"blobs/{name}"), 404, "not_found")


def test_turned_off_there_is_nothing(tmp_path: Path) -> None:
    app = create_app(Settings.load(libraries="off", data_dir=tmp_path, pillow=False))
    client = app.test_client()
    problem(client.get("/v1/libraries/x"), 404, "not_found")
    assert client.post("/v1/libraries").status_code in (404, 405)
    document = client.get("/openapi.json").json
    assert document is not None
    assert not [path for path in document["paths"] if "libraries" in path or "jobs" in path]
    interface = client.get("/v1/interface").json
    assert interface is not None
    assert interface["service"]["limits"]["libraries"] is False


def test_where_nothing_can_be_stored_all_else_goes_on(tmp_path: Path, png: bytes) -> None:
    (tmp_path / "file").write_bytes(b"")
    client = create_app(Settings.load(data_dir=tmp_path / "file" / "data", pillow=False)).test_client()
    told = problem(client.post("/v1/libraries"), 503, "storage_unavailable")
    assert str(tmp_path) not in told["detail"]
    assert client.post("/v1/inspect", data=png).status_code == 200


def test_nothing_is_stored_before_there_is_a_library(tmp_path: Path) -> None:
    app = create_app(Settings.load(data_dir=tmp_path / "data", pillow=False))
    assert app.test_client().get("/v1/interface").status_code == 200
    assert not (tmp_path / "data").exists()
