"""A real service that is killed at the worst moments: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from eitherside import Codec
from eitherside.store.database import Database
from eitherside.store.tables import Job, Library
from support.images import picture, saved

from .conftest import fresh
from .editor import Editor
from .live import Live, job_body, live
from .member import PARTIAL, sha256

LARGE = os.urandom(300_000)
SLOW: dict[str, Any] = {"to": "jxl", "effort": 9, "distance": 0.1}


@pytest.fixture(scope="module")
def slow_png() -> bytes:
    """A picture that takes a while to encode with `SLOW`."""
    return saved(picture(200, 200, 3), "PNG")


@pytest.fixture(scope="module")
def slow_jxl(codec: Codec, slow_png: bytes) -> bytes:
    """What comes of it."""
    return bytes(codec.transcode(slow_png, **SLOW).image)


@pytest.fixture(scope="module")
def where(kind: str, folder: Path, request: pytest.FixtureRequest) -> tuple[str | None, Path]:
    """The database and the data folder of a service, for each kind of database."""
    return fresh(kind, request), folder / kind


@pytest.fixture(scope="module")
def running(where: tuple[str | None, Path]) -> Iterator[Live]:
    """A service of two processes."""
    with live(*where, workers=2, job_threads=2, job_lease=2) as found:
        yield found


@pytest.fixture
def service(running: Live) -> Live:
    """The service, with a new library."""
    running.move()
    return running


@pytest.fixture
def database(where: tuple[str | None, Path]) -> Iterator[Database]:
    """Its database."""
    found = Database(*where)
    yield found
    found.close()


def patch(service: Live, path: str, offset: int, end: int, complete: str = "?0") -> int:
    """Sends a piece of `LARGE`."""
    headers = {"Upload_Offset": str(offset), "Upload_Complete": complete}
    return service.ask("PATCH", path, LARGE[offset:end], Content_Type=PARTIAL, **headers).status


def send_half(service: Live, path: str, offset: int) -> socket.socket:
    """Begins to send a piece, whose end does not come."""
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\nUpload-Complete: ?0\r\n"
        f"Content-Type: {PARTIAL}\r\nUpload-Offset: {offset}\r\nContent-Length: 100000\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", service.server.port))
    connection.sendall(head.encode() + LARGE[offset : offset + 50_000])
    return connection


def turn(service: Live, editors: list[Editor]) -> None:
    """Has each change a document and tell the service, which is another process each time, by chance."""
    for number, editor in enumerate(editors):
        editor.map[f"key{number}"] = len(editor.text)
        editor.text += str(number)
        reply = service.ask("POST", "docs/main/sync", editor.body())
        assert reply.status == 200, reply.body
        editor.take(reply.body)


def ask_for_job(service: Live, key: str, body: bytes) -> socket.socket:
    """Sends a request for a job, whose answer nobody reads."""
    head = (
        f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n"
        f'Idempotency-Key: "{key}"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    connection = socket.create_connection(("127.0.0.1", service.server.port))
    connection.sendall(head.encode() + body)
    return connection


def stored(database: Database, service: Live, function: str) -> list[str]:
    """The jobs of a function that the database has."""
    query = select(Job.id).where(Job.library_id == service.id, Job.function == function)
    with database.reading() as session:
        return list(session.scalars(query))


def test_a_service_that_dies_loses_nothing_and_does_nothing_twice(
    service: Live, database: Database, slow_png: bytes, slow_jxl: bytes
) -> None:
    digest = service.put(slow_png)
    begun = service.ask("POST", "blobs", LARGE[:100_000], Upload_Complete="?0")
    upload = begun.headers["location"]
    assert patch(service, upload, 100_000, 200_000) == 204
    editors = [Editor() for _ in range(3)]
    for _ in range(4):
        turn(service, editors)
    job = service.job("first", "transcode", digest, **SLOW).headers["location"]
    service.until(job, "running")
    # In mid-upload, in the middle of a job, and as soon as another is stored, before its answer is read.
    with send_half(service, upload, 200_000), ask_for_job(service, "again", job_body("inspect", digest)):
        end = time.monotonic() + 30
        while not (before := stored(database, service, "inspect")):
            assert time.monotonic() < end
        service.kill()
    service.start()
    told = service.ask("HEAD", upload)
    assert (told.headers["upload-offset"], told.headers["upload-complete"]) == ("200000", "?0")
    assert patch(service, upload, 200_000, 300_000, "?1") == 201
    assert service.ask("GET", f"blobs/{sha256(LARGE)}").body == LARGE
    reader = Editor()
    reader.take(service.ask("POST", "docs/main/sync", reader.body()).body)
    assert sorted(str(reader.text)) == sorted("012" * 4)
    editors.append(reader)
    turn(service, editors)
    for editor in editors:
        editor.take(service.ask("POST", "docs/main/sync", editor.body()).body)
    assert [editor.seen() for editor in editors] == [reader.seen()] * 4
    # The client that had no answer asks again.
    again = service.job("again", "inspect", digest)
    assert (again.status, [again.json["id"]]) == (202, before)
    assert service.until(again.headers["location"], "done", "failed")["result"]["width"] == 200
    assert stored(database, service, "inspect") == before
    other = service.job("again", "inspect", digest, max_frames=1)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    done = service.until(job, "done", "failed")
    assert (done["state"], done["attempts"]) == ("done", 2)
    assert service.ask("GET", done["outputs"][0]["url"]).body == slow_jxl


def test_several_processes_do_each_job_once(service: Live, database: Database) -> None:
    digests = [service.put(saved(picture(16 + number, 16, 3), "PNG")) for number in range(3)]
    paths: list[str] = []

    def ask(number: int) -> None:
        for place in range(4):
            reply = service.job(f"{number}-{place}", "inspect", digests[number])
            assert reply.status == 202, reply.body
            paths.append(reply.headers["location"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [service.until(path, "done", "failed") for path in paths]
    assert len({job["id"] for job in found}) == 12
    assert {(job["state"], job["attempts"]) for job in found} == {("done", 1)}
    with database.reading() as session:
        # Each was queued, begun and ended, and nothing else happened: no job was done by two.
        assert session.scalar(select(Library.changes).where(Library.id == service.id)) == 3 * 12


def test_one_that_stops_gives_its_jobs_back(tmp_path: Path, slow_png: bytes) -> None:
    with live(None, tmp_path / "data", job_lease=600) as service:
        job = service.job("1", "transcode", service.put(slow_png), **SLOW).headers["location"]
        service.until(job, "running")
        listener = socket.create_connection(("127.0.0.1", service.server.port))
        head = f"GET {job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n\r\n"
        listener.sendall(head.encode())
        assert b"200 OK" in listener.recv(4096)
        service.server.process.terminate()
        # Neither the job nor who listens holds it up for as long as a call may take: that is two minutes.
        service.server.process.wait(60)
        listener.close()
        service.start()
        done = service.until(job, "done", "failed")
        assert (done["state"], done["attempts"]) == ("done", 1)
