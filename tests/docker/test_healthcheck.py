"""The image's health check, against a real server and against what is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from server import running_server
from support.loopback import loopback

PROGRAM = Path(__file__).parents[2] / "docker" / "healthcheck.py"


def check(port: int) -> subprocess.CompletedProcess[str]:
    """Runs it as the image does; a proxy that is set must not be asked."""
    environment = {"EITHERSIDE_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-I", str(PROGRAM)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on a free port that gives every request one status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"not now")

        def log_message(self, *arguments: object) -> None:
            pass

    with loopback(Handler) as origin:
        yield urlsplit(origin).port or 0


def test_a_service_that_computes_is_healthy() -> None:
    with running_server() as server:
        assert server.get("/readyz").status == 200  # compiled; a container has its start period for that
        done = check(server.port)
    assert (done.returncode, done.stdout) == (0, '200 {"status": "ready"}\n')


def test_a_service_that_does_not_is_not() -> None:
    with answering(503) as port:
        done = check(port)
    assert (done.returncode, done.stdout) == (1, "503 not now\n")


def test_nothing_at_the_port_is_not() -> None:
    with answering(200) as port:
        pass
    done = check(port)
    assert done.returncode == 1
    assert f"no answer from port {port}" in done.stdout
