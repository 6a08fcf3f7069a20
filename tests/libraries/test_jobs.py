"""Jobs: done once, told of, cancelled, taken up again; each request for one has one effect."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from eitherside.http.state import Service
from eitherside.store.errors import Refused
from eitherside.store.jobs import Asked, Jobs
from support.images import picture, saved

from .member import Member, made, problem


def ask(member: Member, key: str, function: str = "inspect", **members: Any) -> TestResponse:
    """Asks for a job."""
    data = json.dumps({"function": function, **members}).encode()
    return member.ask("POST", "/v1/jobs", data, Idempotency_Key=f'"{key}"')


def ended(member: Member, response: TestResponse, seconds: float = 60) -> dict[str, Any]:
    """Waits until the job of an answer has ended."""
    assert response.status_code == 202, response.data
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = member.ask("GET", response.headers["Location"]).json
        assert found is not None
        if found["ended"] is not None:
            return dict(found)
        time.sleep(0.02)
    raise AssertionError(f"the job goes on: {found}")


def service(member: Member) -> Service:
    """The service behind a library."""
    found = member.app.extensions["eitherside"]
    assert isinstance(found, Service)
    return found


def test_a_job_gives_what_the_call_gives(member: Member, png: bytes) -> None:
    digest = member.put(png)
    options = {"to": "jxl", "distance": 1.5}
    response = ask(member, "1", "transcode", options=options, inputs={"image": digest})
    assert response.json is not None
    assert (response.json["state"], response.json["attempts"]) == ("queued", 0)
    job = ended(member, response)
    assert (job["state"], job["attempts"], job["options"], job["inputs"]) == (
        "done",
        1,
        options,
        {"image": [digest]},
    )
    call = member.app.test_client().post("/v1/transcode?to=jxl&distance=1.5", data=png)
    (output,) = job["outputs"]
    assert (output["name"], output["media_type"], output["bytes"]) == ("image", "image/jxl", len(call.data))
    assert member.ask("GET", output["url"]).data == call.data
    assert job["result"] == json.loads(call.headers["Eitherside-Result"])
    assert member.facts()["blobs"] == 2


def test_one_that_fails_tells_why(member: Member, png: bytes) -> None:
    digest = member.put(png[:100])
    job = ended(member, ask(member, "1", "decode", inputs={"image": [digest]}))
    call = member.app.test_client().post("/v1/decode", data=png[:100])
    assert (job["state"], job["problem"]) == ("failed", call.json)


def test_one_whose_outputs_have_no_room_fails(tmp_path: Path, png: bytes) -> None:
    with made(None, tmp_path, library_bytes=len(png) + 10) as member:
        digest = member.put(png)
        job = ended(member, ask(member, "1", "decode", inputs={"image": digest}))
        assert (job["state"], job["problem"]["code"], job["problem"]["status"]) == (
            "failed",
            "library_full",
            413,
        )


@pytest.mark.parametrize(
    ("members", "code", "named"),
    [
        ({"function": "nonsense"}, "bad_request", "function"),
        ({"function": 1}, "bad_request", "function"),
        ({"function": "inspect", "extra": 1}, "bad_request", "extra"),
        ({"function": "inspect", "options": []}, "bad_request", "options"),
        ({"function": "inspect"}, "bad_input", "image"),
        ({"function": "inspect", "inputs": {"image": []}}, "bad_input", "image"),
        ({"function": "inspect", "inputs": {"image": "0" * 64}}, "bad_input", "no blob"),
        ({"function": "inspect", "inputs": {"image": "../x"}}, "bad_input", "SHA-256"),
        ({"function": "inspect", "inputs": {"image": ["0" * 64, "0" * 64]}}, "bad_input", "too many"),
        ({"function": "inspect", "inputs": {"picture": "0" * 64}}, "bad_input", "picture"),
        ({"function": "transcode", "inputs": {}}, "bad_option", "to"),
        ({"function": "transcode", "options": {"to": "jxl", "max_effort": 10}}, "not_allowed", "max_effort"),
    ],
)
def test_what_cannot_be_a_job(alone: Member, members: dict[str, Any], code: str, named: str) -> None:
    response = alone.ask("POST", "/v1/jobs", json.dumps(members).encode(), Idempotency_Key='"k"')
    assert named in problem(response, 403 if code == "not_allowed" else 400, code)["detail"]
    # It had no effect, so the key may come again.
    digest = alone.put(b"x")
    assert ask(alone, "k", inputs={"image": digest}).status_code == 202


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": 1, "a": 2}', b"\xff", b"[" * 100000])
def test_a_body_that_is_no_object(alone: Member, body: bytes) -> None:
    problem(alone.ask("POST", "/v1/jobs", body, Idempotency_Key='"k"'), 400, "bad_request")


def test_others_jobs_are_not_there(member: Member) -> None:
    response = ask(member, "1", inputs={"image": member.put(b"x")})
    other = Member(member.app)
    path = response.headers["Location"]
    for method, more in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        problem(other.ask(method, path + more), 404, "not_found")
    problem(member.app.test_client().get(path), 404, "not_found")
    body = json.dumps({"function": "inspect", "inputs": {"image": member.put(b"x")}}).encode()
    problem(
        member.app.test_client().post("/v1/jobs", data=body, headers={"Idempotency-Key": '"1"'}),
        404,
        "not_found",
    )


class TestKeys:
    def test_a_request_without_one_is_refused(self, alone: Member) -> None:
        body = b'{"function": "inspect"}'
        problem(alone.ask("POST", "/v1/jobs", body), 400, "idempotency_key_missing")
        for wrong in ("bare", '""', '"a', f'"{"x" * 256}"', '"a"b"'):
            refused = alone.ask("POST", "/v1/jobs", body, Idempotency_Key=wrong)
            problem(refused, 400, "idempotency_key_missing")

    def test_a_repeat_has_no_second_effect(self, idle: Member) -> None:
        digest = idle.put(b"x")
        first = ask(idle, "same", inputs={"image": digest})
        again = ask(idle, "same", inputs={"image": digest})
        assert (again.status_code, again.headers["Location"]) == (202, first.headers["Location"])
        assert again.json == first.json
        with service(idle).store.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM jobs")).scalar() == 1
        # Keys are each library's own.
        other = Member(idle.app)
        theirs = ask(other, "same", inputs={"image": other.put(b"x")})
        assert theirs.headers["Location"] != first.headers["Location"]

    def test_another_request_with_it_is_refused(self, idle: Member) -> None:
        digest = idle.put(b"x")
        assert ask(idle, "same", inputs={"image": digest}).status_code == 202
        other = ask(idle, "same", inputs={"image": digest}, options={"max_frames": 1})
        problem(other, 422, "idempotency_key_reused")

    def test_while_one_is_not_answered_the_other_waits(self, idle: Member) -> None:
        jobs = service(idle).store.jobs
        claim = jobs.claim(idle.id, "same")
        assert claim.token is not None
        refused = ask(idle, "same", inputs={"image": idle.put(b"x")})
        told = problem(refused, 409, "idempotency_in_flight")
        assert int(refused.headers["Retry-After"]) == told["retry_after"] <= 10
        jobs.release(idle.id, "same", claim.token)
        assert ask(idle, "same", inputs={"image": idle.put(b"x")}).status_code == 202

    def test_one_whose_process_died_can_be_had_again(self, idle: Member) -> None:
        jobs = service(idle).store.jobs
        claim = jobs.claim(idle.id, "same")
        with service(idle).store.database.writing() as session:
            session.execute(text("UPDATE answered SET until = until - 11"))
        digest = idle.put(b"x")
        assert ask(idle, "same", inputs={"image": digest}).status_code == 202
        # The dead one, if it lives after all, makes no second job.
        assert claim.token is not None
        with pytest.raises(Refused):
            jobs.submit(idle.id, "same", claim.token, "", Asked("inspect", {}, {}))
        with service(idle).store.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM jobs")).scalar() == 1

    def test_of_many_at_once_one_makes_a_job(self, idle: Member) -> None:
        digest = idle.put(b"x")
        barrier, found = threading.Barrier(6), []

        def go() -> None:
            barrier.wait()
            found.append(ask(idle, "same", inputs={"image": digest}))

        threads = [threading.Thread(target=go) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {response.status_code for response in found} <= {202, 409}
        assert len({response.headers["Location"] for response in found if response.status_code == 202}) == 1
        with service(idle).store.database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM jobs")).scalar() == 1


class TestQueue:
    def test_it_is_finite(self, idle: Member) -> None:
        digest = idle.put(b"x")
        found = [ask(idle, str(number), inputs={"image": digest}) for number in range(4)]
        assert [response.status_code for response in found] == [202, 202, 202, 503]
        assert found[3].headers["Retry-After"]
        # The key was not used up.
        assert idle.ask("DELETE", found[0].headers["Location"]).status_code == 204
        assert ask(idle, "3", inputs={"image": digest}).status_code == 202

    def test_each_is_taken_once_and_in_order(self, idle: Member) -> None:
        digest = idle.put(b"x")
        paths = [ask(idle, str(number), inputs={"image": digest}).headers["Location"] for number in range(3)]
        jobs, taken = service(idle).store.jobs, []
        first = jobs.take("alone")
        assert first is not None and paths[0].endswith(first.id)
        barrier = threading.Barrier(4)

        def take(owner: str) -> None:
            barrier.wait()
            found = jobs.take(owner)
            if found is not None:
                taken.append(found.id)

        threads = [threading.Thread(target=take, args=(str(number),)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == len(set(taken)) <= 2
        while (found := jobs.take("alone")) is not None:
            taken.append(found.id)
        assert sorted(taken) == sorted(path.rpartition("/")[2] for path in paths[1:])

    def test_one_whose_owner_says_nothing_is_taken_again_so_often(self, idle: Member) -> None:
        path = ask(idle, "1", inputs={"image": idle.put(b"x")}).headers["Location"]
        jobs = service(idle).store.jobs

        def die(jobs: Jobs) -> None:
            with service(idle).store.database.writing() as session:
                session.execute(text("UPDATE jobs SET lease = 0"))

        first = jobs.take("one")
        assert first is not None and jobs.take("two") is None
        die(jobs)
        second = jobs.take("two")
        assert second is not None and (second.id, second.attempts) == (first.id, 2)
        # The first lives after all: what it says counts no more.
        assert not jobs.finish(first, "one", "done", {"result": {}, "outputs": []})
        assert jobs.renew(first.id, "one") is None and jobs.renew(first.id, "two") is True
        die(jobs)
        assert jobs.take("three") is None
        job = idle.ask("GET", path).json
        assert job is not None
        assert (job["state"], job["problem"]["code"]) == ("failed", "job_abandoned")

    def test_one_that_is_given_back_was_no_attempt(self, idle: Member) -> None:
        path = ask(idle, "1", inputs={"image": idle.put(b"x")}).headers["Location"]
        jobs = service(idle).store.jobs
        for _ in range(3):
            taken = jobs.take("one")
            assert taken is not None and taken.attempts == 1
            jobs.give_back(taken, "one", 0)
        job = idle.ask("GET", path).json
        assert job is not None and (job["state"], job["attempts"]) == ("queued", 0)

    def test_those_that_ended_long_ago_are_forgotten(self, database: str | None, tmp_path: Path) -> None:
        with made(database, tmp_path, job_threads=0, job_days=1e-9) as member:
            digest = member.put(b"x")
            path = ask(member, "1", inputs={"image": digest}).headers["Location"]
            other = ask(member, "2", inputs={"image": digest}).headers["Location"]
            assert member.ask("DELETE", path).status_code == 204
            service(member).store.jobs.sweep()
            problem(member.ask("GET", path), 404, "not_found")
            assert member.ask("GET", other).status_code == 200
            assert ask(member, "1", inputs={"image": digest}).headers["Location"] != path


class TestCancelling:
    def test_one_that_waits(self, idle: Member) -> None:
        path = ask(idle, "1", inputs={"image": idle.put(b"x")}).headers["Location"]
        assert idle.ask("DELETE", path).status_code == 204
        assert idle.ask("DELETE", path).status_code == 204
        job = idle.ask("GET", path).json
        assert job is not None and job["state"] == "cancelled"
        assert service(idle).store.jobs.take("one") is None

    def test_one_that_runs(self, member: Member) -> None:
        digest = member.put(saved(picture(900, 900, 3), "PNG"))
        options = {"to": "jxl", "effort": 9, "distance": 0.1}
        response = ask(member, "1", "transcode", options=options, inputs={"image": digest})
        path = response.headers["Location"]
        end = time.monotonic() + 30
        while (found := member.ask("GET", path).json) and found["state"] == "queued":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert member.ask("DELETE", path).status_code == 204
        assert ended(member, response, 30)["state"] == "cancelled"


class TestEvents:
    def read(self, client: FlaskClient, member: Member, path: str, **headers: str) -> list[dict[str, str]]:
        """All events of a stream that ends by itself."""
        response = client.get(path, headers={"Authorization": f"Bearer {member.key}", **headers})
        assert (response.status_code, response.content_type) == (200, "text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        blocks = response.get_data(as_text=True).split("\n\n")
        fields = [
            dict(line.split(": ", 1) for line in block.split("\n"))
            for block in blocks
            if block[:1] not in ("", ":")
        ]
        return [found for found in fields if "event" in found]

    def test_each_change_is_told_until_it_has_ended(self, member: Member, png: bytes) -> None:
        response = ask(member, "1", inputs={"image": member.put(png)})
        path = response.headers["Location"]
        found = self.read(member.app.test_client(), member, f"{path}/events")
        states = [json.loads(event["data"])["state"] for event in found]
        assert states[-1] == "done" and states == sorted(states, key=["queued", "running", "done"].index)
        assert {event["event"] for event in found} == {"job"}
        numbers = [int(event["id"]) for event in found]
        assert numbers == sorted(set(numbers))
        again = self.read(member.app.test_client(), member, f"{path}/events", **{"Last-Event-ID": "0"})
        assert [json.loads(event["data"])["state"] for event in again] == ["done"]
        seen = {"Last-Event-ID": found[-1]["id"]}
        assert self.read(member.app.test_client(), member, f"{path}/events", **seen) == []

    def test_so_many_listen(self, database: str | None, tmp_path: Path) -> None:
        with made(database, tmp_path, job_threads=0, event_streams=1, event_beat=0.05) as member:
            path = ask(member, "1", inputs={"image": member.put(b"x")}).headers["Location"]
            first = member.ask("GET", f"{path}/events")
            assert first.status_code == 200
            body = first.iter_encoded()
            assert next(body).startswith(b"retry:") and b"queued" in next(body)
            # Silence is broken, so that both sides know that the connection lives.
            assert next(body) == b":\n\n"
            assert member.ask("GET", f"{path}/events").status_code == 503
            first.close()
            second = member.ask("GET", f"{path}/events")
            assert second.status_code == 200
            service(member).streams.close()
            assert second.data.endswith(b"\n\n")
