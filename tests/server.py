"""A real `eitherside serve` on a free port of the loopback, for tests that talk to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTING = 60.0
"""Seconds that a server may take until it answers, compiling included."""


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its headers with names in lower case, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Reply:
        """Makes one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            # A server that refuses a body answers before it has read it all, and closes.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        """Makes a GET request; underscores in the headers' names stand for hyphens."""
        return self.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def post(self, path: str, body: bytes, **headers: str) -> Reply:
        """Makes a POST request; underscores in the headers' names stand for hyphens."""
        return self.request(
            "POST", path, body, {name.replace("_", "-"): text for name, text in headers.items()}
        )


@contextmanager
def running_server(**settings: object) -> Iterator[Server]:
    """Starts a server with `settings`, waits until it computes, and stops it at the end.

    Args:
        settings: as in `eitherside.Settings`; they become environment variables ``EITHERSIDE_*``. Those that
            the tests themselves were started with hold too.
    """
    values = {"port": 0, "log_level": "info", **settings}
    environment = dict(os.environ)
    for name, value in values.items():
        text = json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
        environment[f"EITHERSIDE_{name.upper()}"] = text
    with tempfile.TemporaryDirectory(prefix="eitherside-test-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as file:
            command = [str(Path(sys.executable).with_name("eitherside")), "serve"]
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
        try:
            yield _wait(process, log)
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], log: Path) -> Server:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"Listening at: http://[^ ]*:(\d+)", log.read_text(errors="replace"))
        if found:
            server = Server(int(found[1]), process, log)
            # A queue that is full by design is no reason to wait for readiness.
            if server.get("/healthz").status == 200:
                return server
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
