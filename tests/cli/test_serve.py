"""`eitherside serve`: starts, takes its settings, and stops when its work is done."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.images import picture, saved


class Service:
    """A running `eitherside serve`, and what it says."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "eitherside", "serve", "--port", "0", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line

    def until(self, pattern: str) -> re.Match[str]:
        """Waits until it has said something."""
        for _ in range(12000):
            if found := re.search(pattern, self.said):
                return found
            if self.process.poll() is not None:
                self._reader.join(10)
                break
            time.sleep(0.01)
        found = re.search(pattern, self.said)
        assert found, self.said
        return found

    def end(self) -> None:
        """Stops it."""
        self.process.terminate()
        self.process.wait(60)
        self._reader.join(60)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def url(self) -> str:
        """Its address."""
        return self.until(r"Listening at: (http://\S+)")[1]


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[Service]:
    service = Service([*arguments], environment)
    try:
        yield service
    finally:
        service.end()


def get(url: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(url + path, timeout=60) as answer:  # noqa: S310
        found: dict[str, object] = json.load(answer)
        return found


def test_it_compiles_before_somebody_asks(tmp_path: Path) -> None:
    with serving("--cache-dir", str(tmp_path / "cache")) as service:
        service.until(r"compiling the module, which takes a few seconds once")
        service.until(r"Ready: the module was loaded in")
        assert service.url().startswith("http://127.0.0.1:")
        assert len([path for path in (tmp_path / "cache").iterdir() if path.suffix != ".seal"]) == 1


def test_settings_reach_it_from_flags_and_environment() -> None:
    with serving("--max-body", "1MiB", "--no-pillow", EITHERSIDE_QUEUE_LENGTH="3") as service:
        found = get(service.url(), "/v1/interface")["service"]
        assert isinstance(found, dict)
        assert found["formats"] == []
        assert found["limits"]["max_body"] == 1 << 20
        assert found["limits"]["queue_length"] == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops(number: signal.Signals) -> None:
    with serving() as service:
        service.url()
        service.process.send_signal(number)
        assert service.process.wait(60) == 0
        assert "Traceback" not in service.said


def test_a_worker_stops_that_is_told_so_before_it_listens() -> None:
    command = [sys.executable, "-m", "eitherside", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0) as process:
        assert process.stdout is not None
        said = b""
        # Unbuffered and at once: the worker says so just before it takes over the handling of signals.
        while not (found := re.search(rb"Booting worker with pid: (\d+)", said)):
            piece = process.stdout.read(200)
            assert piece, said
            said += piece
        worker = int(found[1])
        os.kill(worker, signal.SIGTERM)
        for _ in range(600):
            if not Path(f"/proc/{worker}").exists():
                break
            time.sleep(0.05)
        else:
            os.kill(worker, signal.SIGKILL)
            pytest.fail("the worker goes on")
        process.terminate()
        process.communicate()


def test_sigterm_lets_a_running_call_end() -> None:
    image = saved(picture(400, 400, 3), "PNG")
    answers: list[int] = []
    with serving() as service:
        url = service.url()
        service.until("Ready")

        def ask() -> None:
            request = urllib.request.Request(f"{url}/v1/transcode?to=jxl&effort=9&distance=0.5", image)  # noqa: S310
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                answers.append(answer.status)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.5)
        service.process.terminate()
        asking.join(120)
        service.process.wait(60)
    assert answers == [200]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--host", "somewhere"), "bad setting: host (EITHERSIDE_HOST)"),
        (("--module", "/nowhere.wasm"), "cannot read the module /nowhere.wasm"),
    ],
)
def test_what_cannot_start_says_why(arguments: tuple[str, ...], message: str) -> None:
    with serving(*arguments) as service:
        assert service.process.wait(60) == 2
        service.until(re.escape(message))


def test_a_cache_that_others_can_write_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    with serving("--cache-dir", str(tmp_path / "cache")) as service:
        service.until(r"The service cannot compute: the cache folder .* can be written by others")
