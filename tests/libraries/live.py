"""A real service that can be killed and started again on the same data."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from server import Reply, Server, running_server
from support.processes import assert_gone, descendants


class Live:
    """The service, and a library in it."""

    def __init__(self, settings: dict[str, object]) -> None:
        """Starts it and makes the library."""
        self._settings = settings
        self._stack = ExitStack()
        self.server: Server
        self.start()
        self.move()

    def move(self) -> None:
        """Makes a new library, which all requests are about from now on."""
        made = self.server.post("/v1/libraries", b"")
        assert made.status == 201, made.body
        self.id, self.key = made.json["id"], made.json["key"]
        self.url = f"/v1/libraries/{self.id}"

    def start(self) -> None:
        """Starts it on what is there."""
        self.server = self._stack.enter_context(running_server(**self._settings))

    def kill(self) -> None:
        """Ends all its processes at once, as a loss of power would; none of them can do anything more."""
        processes = {self.server.process.pid, *descendants(self.server.process.pid)}
        for process in processes:
            os.kill(process, signal.SIGKILL)
        self.server.process.wait()
        assert_gone(processes)

    def close(self) -> None:
        """Ends it."""
        self._stack.close()

    def headers(self, **headers: str) -> dict[str, str]:
        """Returns headers with the key; underscores stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.key}", **named}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Makes a request with the key; a path without a slash is the library's."""
        address = path if path.startswith("/") else f"{self.url}/{path}"
        return self.server.request(method, address, body, self.headers(**headers))

    def put(self, data: bytes) -> str:
        """Uploads a blob whole and returns its SHA-256."""
        reply = self.ask("POST", "blobs", data)
        assert reply.status == 201, reply.body
        return str(reply.json["sha256"])

    def job(self, key: str, function: str, digest: str, **options: Any) -> Reply:
        """Asks for a job on one blob."""
        return self.ask("POST", "/v1/jobs", job_body(function, digest, **options), Idempotency_Key=f'"{key}"')

    def until(self, path: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """Waits until a job is in one of these states."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found: dict[str, Any] = self.ask("GET", path).json
            if found["state"] in states:
                return found
            time.sleep(0.02)
        raise AssertionError(f"the job is {found}:\n{self.server.log.read_text(errors='replace')}")


def job_body(function: str, digest: str, **options: Any) -> bytes:
    """Returns the body of a request for a job on one blob."""
    return json.dumps({"function": function, "options": options, "inputs": {"image": digest}}).encode()


@contextmanager
def live(database: str | None, folder: Path, **settings: object) -> Iterator[Live]:
    """Runs a service on a database and a folder; ends it whatever happens."""
    given: dict[str, object] = {"data_dir": folder, "pillow": False, "threads": 2, **settings}
    if database is not None:
        given["database"] = database
    found = Live(given)
    try:
        yield found
    finally:
        found.close()
