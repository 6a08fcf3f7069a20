"""Documents: all copies become the same, whatever is lost, repeated or late; what is hostile is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.test import TestResponse

from eitherside.store import documents
from eitherside.store.database import Database

from .editor import STEP1, STEP2, UPDATE, Editor, message, messages
from .member import Member, made, problem


def post(member: Member, body: bytes, name: str = "main") -> TestResponse:
    """Sends messages."""
    return member.ask("POST", f"docs/{name}/sync", body)


def sync(member: Member, editor: Editor, name: str = "main") -> None:
    """Has a client and the service exchange what the other lacks."""
    response = post(member, editor.body(), name)
    assert (response.status_code, response.content_type) == (200, "application/octet-stream"), response.data
    editor.take(response.data)


def database_of(member: Member) -> Database:
    """The database behind a library."""
    found = member.app.extensions["eitherside"].store.database
    assert isinstance(found, Database)
    return found


def test_two_copies_become_one(member: Member) -> None:
    one, other = Editor(), Editor()
    one.map["caption"] = "a cat"
    one.text += "hello"
    sync(member, one)
    sync(member, other)
    assert other.seen() == one.seen()
    other.map["caption"] = "a dog"
    del other.text[0:2]
    sync(member, other)
    sync(member, one)
    assert one.seen() == other.seen() == ({"caption": "a dog"}, [], "llo")


def test_step_by_step_as_y_protocols_has_it(member: Member) -> None:
    """A client that knows nothing of the service but its answers: first a state, then what is asked for."""
    editor = Editor()
    editor.map["key"] = 1
    first = messages(post(member, message(STEP1, editor.doc.get_state())).data)
    assert [kind for kind, _ in first] == [STEP2, STEP1]
    second = post(member, message(STEP2, editor.doc.get_update(first[1][1])))
    assert [kind for kind, _ in messages(second.data)] == [STEP1]
    assert messages(second.data)[0][1] == editor.doc.get_state()
    # An update on its own is as good.
    before = editor.doc.get_state()
    editor.map["key"] = 2
    assert post(member, message(UPDATE, editor.doc.get_update(before))).status_code == 200
    other = Editor()
    sync(member, other)
    assert dict(other.map) == {"key": 2}


def test_documents_are_each_library_and_names_own(member: Member) -> None:
    other, editor, empty = Member(member.app), Editor(), Editor()
    editor.map["secret"] = 1
    sync(member, editor)
    sync(other, empty)
    sync(member, empty, "other")
    assert dict(empty.map) == {}
    body = editor.body()
    problem(other.ask("POST", f"{member.url}/docs/main/sync", body), 404, "not_found")
    for name in ("a" * 65, "%20", "ä"):
        problem(post(member, body, name), 404, "not_found")


def test_what_is_sent_twice_is_stored_once(member: Member) -> None:
    editor = Editor()
    editor.map["key"] = "value"
    body = editor.body()
    for _ in range(3):
        assert post(member, body).status_code == 200
    with database_of(member).reading() as session:
        query = text("SELECT number FROM documents WHERE library_id = :library")
        assert session.execute(query, {"library": member.id}).scalars().all() == [1]
    used = member.facts()["bytes"]
    sync(member, editor)
    assert member.facts()["bytes"] == used > 0


def test_reading_alone_stores_nothing(member: Member) -> None:
    sync(member, Editor())
    facts = member.facts()
    assert (facts["bytes"], facts["changes"]) == (0, 0)


def test_what_builds_on_what_is_not_there_is_refused(member: Member) -> None:
    author, reader = Editor(), Editor()
    author.text += "one"
    reader.doc.apply_update(author.doc.get_update())
    seen = author.doc.get_state()
    author.text += " two"
    problem(post(member, message(UPDATE, author.doc.get_update(seen))), 409, "update_gap")
    # A deletion of what is not there would be forgotten, so it is refused as well.
    seen = reader.doc.get_state()
    del reader.text[0:1]
    problem(post(member, message(UPDATE, reader.doc.get_update(seen))), 409, "update_gap")
    sync(member, author)
    sync(member, reader)
    sync(member, author)
    assert author.seen() == reader.seen()


def test_many_updates_are_joined(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_UPDATES", 4)
    editor = Editor()
    for number in range(30):
        editor.text.insert(0, "x" * 50)
        del editor.text[0:49]
        editor.map["number"] = number
        sync(member, editor)
    with database_of(member).reading() as session:
        query = text(
            "SELECT size, joined, number, (SELECT count(*) FROM document_updates WHERE document_id = id) "
            "FROM documents WHERE library_id = :library"
        )
        size, joined, number, left = session.execute(query, {"library": member.id}).one()
    assert number == 30 and left == number - joined <= 4
    assert member.facts()["bytes"] == size
    fresh = Editor()
    member.app.extensions["eitherside"].store.documents.close()
    sync(member, fresh)
    assert fresh.seen() == editor.seen() == ({"number": 29}, [], "x" * 30)


HOSTILE = {
    "an unknown kind": b"\x07\x00",
    "cut off": b"\x01\x05ab",
    "a number without end": b"\xff" * 20,
    "an update that is none": message(UPDATE, b"\xff" * 50),
    "a state vector that is none": message(STEP1, b"\xff" * 50),
    "nothing": message(UPDATE, b""),
    "so many clients": message(UPDATE, b"\xff\xff\xff\xff\xff\xff\xff\x07"),
    "so many deletions": message(UPDATE, b"\x00\x01\x01\xff\xff\xff\xff\xff\xff\xff\x07"),
    "so long a text": message(UPDATE, b"\x01\x01\x05\x00\x04\x01\x01t\xff\xff\xff\xff\x0fabc\x00"),
    "nested without end": message(
        UPDATE, b"\x01\x01\x07\x00\x28\x01\x01m\x01k\x01" + b"\x75\x01" * 100_000 + b"\x7e\x00"
    ),
    "so many messages": message(STEP1, b"\x00") * 1001,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_is_refused_and_breaks_nothing(alone: Member, body: bytes) -> None:
    editor = Editor()
    editor.map["key"] = "value"
    sync(alone, editor)
    problem(post(alone, body), 422, "bad_update")
    # Not even what came along with it is taken.
    other = Editor()
    other.map["key"] = "other"
    problem(post(alone, message(STEP2, other.doc.get_update()) + body), 422, "bad_update")
    fresh = Editor()
    sync(alone, fresh)
    assert fresh.seen() == editor.seen()


@settings(max_examples=25)
@given(data=st.binary(max_size=60), cut=st.integers(0, 200), flip=st.integers(0, 5000))
def test_no_bytes_break_a_document(lasting: Member, data: bytes, cut: int, flip: int) -> None:
    editor = Editor()
    editor.map["key"] = data
    editor.text += "text"
    whole = bytearray(editor.doc.get_update())
    whole[flip % len(whole)] ^= 1 << (flip % 8)
    for update in (data, bytes(whole), bytes(whole[:cut])):
        assert post(lasting, message(UPDATE, update), "hostile").status_code in (200, 409, 422)
    reader = Editor()
    sync(lasting, reader, "hostile")
    reader.doc.get_update()


def test_limits(tmp_path: Path) -> None:
    given = {"sync_bytes": 20_000, "document_bytes": 15_000, "library_bytes": 25_000, "library_documents": 2}
    with made(None, tmp_path, **given) as member:
        editor = Editor()
        editor.map["large"] = "x" * 30_000
        problem(post(member, editor.body()), 413, "body_too_large")
        editor = Editor()
        editor.map["large"] = "x" * 16_000
        problem(post(member, editor.body()), 413, "document_full")
        # What is refused is nobody's: the copy that the service holds has none of it.
        reader = Editor()
        sync(member, reader)
        assert dict(reader.map) == {}
        del editor.map["large"]
        editor.map["small"] = "x" * 14_000
        sync(member, editor)
        problem(post(member, message(UPDATE, editor.doc.get_update()), "second"), 413, "library_full")
        small = Editor()
        small.map["key"] = 1
        sync(member, small, "second")
        problem(post(member, message(UPDATE, small.doc.get_update()), "third"), 413, "library_full")
        wrong = member.ask("POST", "docs/main/sync", b"", Content_Type="text/html")
        problem(wrong, 415, "unsupported_media_type")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """A library for many examples, whose updates are joined soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "MOST_UPDATES", 5)
        with made(None, tmp_path_factory.mktemp("lasting"), library_documents=1000) as member:
            yield member


def edit(editor: Editor, what: int, value: int) -> None:
    """Makes one of several changes."""
    length = len(editor.text)
    if what == 0:
        editor.map[f"key{value % 5}"] = value
    elif what == 1:
        editor.map.pop(f"key{value % 5}", None)
    elif what == 2:
        editor.array.insert(value % (len(editor.array) + 1), value)
    elif what == 3 and len(editor.array):
        del editor.array[value % len(editor.array)]
    elif what == 4:
        editor.text.insert(value % (length + 1), f"<{value}>")
    elif what == 5 and length:
        del editor.text[value % length : min(length, value % length + 3)]


# Who does it, what (up to 5: an edit; then how a message fares), and with which number.
STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 11), st.integers(0, 99)), max_size=40)
COUNT = iter(range(1_000_000))


@settings(max_examples=20)
@given(steps=STEPS)
def test_all_copies_converge(lasting: Member, steps: list[tuple[int, int, int]]) -> None:
    name = f"doc{next(COUNT)}"
    editors = [Editor() for _ in range(3)]
    late: list[tuple[Editor, bytes]] = []

    def send(body: bytes) -> bytes:
        response = post(lasting, body, name)
        assert response.status_code == 200, response.data
        return bytes(response.data)

    for who, what, value in steps:
        editor = editors[who]
        if what <= 5:
            edit(editor, what, value)
        elif what == 6:
            editor.take(send(editor.body()))
        elif what == 7:
            # The answer is lost.
            send(editor.body())
        elif what == 8:
            body = editor.body()
            send(body)
            editor.take(send(body))
        elif what == 9:
            # On its way for a while.
            late.append((editor, editor.body()))
        elif what == 10 and late:
            sender, body = late.pop(value % len(late))
            sender.take(send(body))
        else:
            # The page is closed and opened: it keeps its document, not what it knew of the service.
            editor.there = b"\x00"
    for _ in range(2):
        for editor in editors:
            editor.take(send(editor.body()))
    assert editors[0].seen() == editors[1].seen() == editors[2].seen()
    reader = Editor()
    reader.take(send(reader.body()))
    assert reader.seen() == editors[0].seen()


class Listener:
    """Reads a stream of events as it comes."""

    def __init__(self, response: TestResponse) -> None:
        assert response.status_code == 200
        self._response = response
        self._parts = response.iter_encoded()
        self._rest = b""

    def next(self) -> dict[str, Any]:
        """Waits for the next event."""
        while True:
            while b"\n\n" in self._rest:
                block, _, self._rest = self._rest.partition(b"\n\n")
                fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
                if "event" in fields:
                    return {
                        "kind": fields["event"],
                        "id": int(fields["id"]),
                        "data": json.loads(fields["data"]),
                    }
            self._rest += next(self._parts)

    def close(self) -> None:
        """Goes away."""
        self._response.close()


def test_who_listens_is_told_of_documents_and_jobs(member: Member) -> None:
    editor, listener = Editor(), Listener(member.ask("GET", "events"))
    begun = listener.next()
    assert (begun["kind"], begun["data"]) == ("library", {"changes": 0})
    editor.map["key"] = 1
    sync(member, editor)
    told = listener.next()
    assert (told["kind"], told["data"]) == ("document", {"name": "main", "change": told["id"]})
    body = json.dumps({"function": "inspect", "inputs": {"image": member.put(b"x")}}).encode()
    job = member.ask("POST", "/v1/jobs", body, Idempotency_Key='"k"').json
    assert job is not None
    found = listener.next()
    while found["data"]["state"] != "failed":
        assert (found["kind"], found["data"]["id"]) == ("job", job["id"])
        found = listener.next()
    listener.close()
    # Who comes back is told of all since, each as it is now.
    again = Listener(member.ask("GET", "events", Last_Event_ID=str(begun["id"])))
    assert [again.next()["kind"] for _ in range(2)] == ["document", "job"]
    again.close()
    editor.map["key"] = 2
    sync(member, editor)
    again = Listener(member.ask("GET", "events", Last_Event_ID=str(found["id"])))
    assert again.next()["data"]["name"] == "main"
    again.close()
    problem(Member(member.app).ask("GET", f"{member.url}/events"), 404, "not_found")


def test_a_document_whose_update_cannot_be_read_any_more_is_there_all_the_same(alone: Member) -> None:
    editor = Editor()
    editor.map["key"] = 1
    sync(alone, editor)
    with database_of(alone).writing() as session:
        row = {"library": alone.id}
        session.execute(
            text(
                "INSERT INTO document_updates (document_id, number, data) "
                "SELECT id, number + 1, X'FFFF' FROM documents WHERE library_id = :library"
            ),
            row,
        )
        session.execute(text("UPDATE documents SET number = number + 1 WHERE library_id = :library"), row)
    reader = Editor()
    sync(alone, reader)
    assert reader.seen() == editor.seen()


def test_the_editor_here_speaks_as_the_library_does() -> None:
    editor = Editor()
    assert b"\x00" + message(STEP1, editor.doc.get_state()) == pycrdt.create_sync_message(editor.doc)
