"""The runtime image's command under the limits of the compose file, in namespaces of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.compose import Container
from rehearsal.errors import RehearsalError
from rehearsal.image import Image

SHARED = "/dev/shm"  # noqa: S108 - Docker mounts it in every container
STARTING = 120.0
"""Seconds until the first answer, compiling the module included."""


@dataclass(frozen=True)
class Running:
    """The started service.

    Attributes:
        image: what runs.
        pid: its first process, as this machine sees it.
        log: what it printed.
    """

    image: Image
    pid: int
    log: Path

    def execute(self, command: Sequence[str], *, as_root: bool = False) -> subprocess.CompletedProcess[bytes]:
        """Run a command inside, as `docker exec` would."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--ipc"]
        chroot = ["chroot", str(self.image.root), *_as_user("" if as_root else self.image.facts.user)]
        variables = [f"{name}={value}" for name, value in self._environment().items()]
        return subprocess.run(
            [*enter, *chroot, "env", "-i", *variables, *command], capture_output=True, check=False
        )

    def curl(self, *arguments: str, body: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run this machine's curl in the container's network."""
        command = ["nsenter", f"--target={self.pid}", "--net", "curl", "-sS", "--noproxy", "*", *arguments]
        return subprocess.run(command, input=body, capture_output=True, check=False)

    def status(self) -> dict[str, str]:
        """What the kernel says of the first process."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def _environment(self) -> dict[str, str]:
        raw = Path(f"/proc/{self.pid}/environ").read_bytes().decode().split("\0")
        return dict(line.split("=", 1) for line in raw if line)


def _as_user(user: str) -> list[str]:
    uid, _, gid = (user or "0:0").partition(":")
    drop = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *drop, "--"]


def _mounts(root: Path, container: Container, volumes: Path) -> list[list[str]]:
    """The mounts in their order: what can be written lies over a root that cannot."""
    tmpfs = {SHARED: "size=64m,mode=1777,noexec,nosuid,nodev", **container.tmpfs}
    found = [
        ["mount", "--bind", str(root), str(root)],
        ["mount", "-t", "proc", "proc", f"{root}/proc"],
    ]
    for place, options in tmpfs.items():
        found.append(["mount", "-t", "tmpfs", "-o", options or "mode=1777", "tmpfs", f"{root}{place}"])
    found.extend(
        ["mount", "--bind", str(volume(root, place, volumes)), f"{root}{place}"]
        for place in container.volumes
    )
    if container.is_read_only:
        found.append(["mount", "-o", "remount,bind,ro", str(root)])
    return found


def volume(root: Path, place: str, volumes: Path) -> Path:
    """The folder of a named volume; a new one begins as the image's folder is, owner and mode too."""
    kept = volumes / place.strip("/").replace("/", "-")
    if not kept.exists():
        shutil.copytree(root / place.strip("/"), kept, symlinks=True)
        status = (root / place.strip("/")).stat()
        os.chown(kept, status.st_uid, status.st_gid)
    return kept


@contextmanager
def running(image: Image, container: Container, volumes: Path, log: Path) -> Iterator[Running]:
    """Start the image's command, wait until it is ready, and stop it at the end.

    Raises:
        RehearsalError: it did not become ready, or did not end well in the time that it has.
    """
    facts = image.facts
    root = image.root.resolve()
    environment = {**facts.environment, "HOSTNAME": "rehearsal", "HOME": "/", **container.environment}
    command = [
        *("chroot", str(root), *_as_user(facts.user)),
        *(
            "env",
            "-i",
            f"--chdir={facts.folder}",
            *(f"{name}={value}" for name, value in environment.items()),
        ),
        *(*facts.entrypoint, *facts.command),
    ]
    steps = [["ip", "link", "set", "lo", "up"], *_mounts(root, container, volumes)]
    script = "set -e\n" + "\n".join(" ".join(f"'{word}'" for word in step) for step in steps) + '\nexec "$@"'
    apart = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*apart, "sh", "-c", script, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    started = None
    try:
        started = Running(image, _child(process), log)
        _wait_ready(started, process)
        yield started
        _stop(started.pid, process, container.stop_seconds)
    finally:
        if process.poll() is None:
            # The service changed its user, so that it does not die with its parent; with it all others end.
            if started is not None:
                os.kill(started.pid, signal.SIGKILL)
            process.kill()
            process.wait()


def _child(process: subprocess.Popen[bytes]) -> int:
    """The process that is the first in the new namespace."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.02)
    raise RehearsalError("the container's first process did not start")


def _wait_ready(started: Running, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        if started.curl("-f", "-o", "/dev/null", "http://127.0.0.1:8000/readyz").returncode == 0:
            return
        time.sleep(0.2)
    raise RehearsalError(f"the service did not become ready:\n{started.log.read_text(errors='replace')}")


def _stop(pid: int, process: subprocess.Popen[bytes], limit: float) -> None:
    os.kill(pid, signal.SIGTERM)
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        raise RehearsalError(f"the service did not end within {limit:.0f} s") from None
    if code != 0:
        raise RehearsalError(f"the service ended with {code}")
