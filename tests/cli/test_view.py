"""`eitherside view`: these files, to this page, until it is gone."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from eitherside.module import shipped_folder
from support.images import picture, saved

PNG = saved(picture(40, 30, 3), "PNG")


@dataclass(frozen=True)
class View:
    """A running command."""

    process: subprocess.Popen[bytes]
    url: str

    @property
    def sources(self) -> list[str]:
        """Addresses of the files, as the page resolves them."""
        return [
            urljoin(self.url, value) for name, value in parse_qsl(urlsplit(self.url).query) if name == "src"
        ]

    def get(self, url: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        found = urlsplit(url)
        connection = http.client.HTTPConnection(found.netloc, timeout=60)
        connection.request(
            method, f"{found.path or '/'}{'?' if found.query else ''}{found.query}", headers=headers
        )
        return connection.getresponse()


@contextmanager
def viewing(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Iterator[View]:
    command = [sys.executable, "-m", "eitherside", "view", *map(str, arguments), "--json"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment}
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(stdin)
        process.stdin.close()
        yield View(process, json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    names = ["a.png", "b & c?#%2F<img>.png"]
    for name in names:
        (tmp_path / name).write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(b"not to be seen")
    return [tmp_path / name for name in names]


@pytest.mark.skipif(
    not (shipped_folder() / "static" / "index.html").is_file(), reason="the viewer is not built"
)
def test_these_files_and_no_others(pictures: list[Path]) -> None:
    with viewing("--no-open", "-", *pictures, stdin=b"from a pipe") as view:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?.*", view.url)
        first, *others = view.sources
        assert view.get(first).read() == b"from a pipe"
        for source in others:
            answer = view.get(source)
            assert answer.read() == PNG
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Cache-Control"] == "no-store"
        assert view.get(others[0], Range="bytes=1-3").read() == b"PNG"
        token = urlsplit(first).path.split("/")[2]
        assert len(token) >= 43
        path = urlsplit(first).path
        for wrong in (
            path.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b")),
            path.replace("/0/", "/3/"),
            path.replace("/0/", "/-1/"),
            path.replace("/0/", "/1/"),
            f"/opened/{token}/secret.png",
            f"/opened/{token}/",
            "/opened/",
        ):
            assert view.get(urljoin(view.url, wrong)).status == 404, wrong
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert view.get(others[0], method).status == 405
        page = view.get(view.url)
        assert b"alive.js" in page.read()
        assert "script-src 'self' 'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]
        pictures[0].unlink()
        assert view.get(others[0]).status == 404


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ended(pictures: list[Path], number: signal.Signals) -> None:
    with viewing("--no-open", pictures[0]) as view:
        assert view.get(view.sources[0]).status == 200
        view.process.send_signal(number)
        assert view.process.wait(60) == 0


def test_it_ends_with_its_page(pictures: list[Path], browser: Browser) -> None:
    with viewing("--no-open", "--idle", "1", pictures[0]) as view:
        page = browser.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        with page.expect_response(re.compile(r"/alive$")):
            page.goto(view.url)
        expect(page.locator("#file-name")).to_have_text(pictures[0].name)
        page.wait_for_timeout(2500)
        assert view.process.poll() is None
        # Nobody comes back to this port.
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        fetched = page.evaluate(
            "async (url) => (await (await fetch(url)).arrayBuffer()).byteLength", view.sources[0]
        )
        assert fetched == len(PNG)
        # Its policy lets the script in, and nothing else that was not there.
        assert [text for text in problems if "Content Security Policy" in text] == []
        page.close()
        assert view.process.wait(60) == 0


def test_it_opens_a_browser(pictures: list[Path], tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}.part"; mv "{opened}.part" "{opened}"\n')
    program.chmod(0o755)
    with viewing(pictures[0], BROWSER=str(program)) as view:
        for _ in range(600):
            if opened.exists():
                break
            view.process.poll()
            time.sleep(0.05)
        assert opened.read_text() == view.url


def test_what_cannot_be_read_is_told_before_anything_is_served(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eitherside", "view", "--no-open", str(tmp_path / "none.jxl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "none.jxl: No such file" in done.stderr
