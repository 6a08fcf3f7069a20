"""A PostgreSQL of the system's, in a temporary folder, on a Unix socket."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

USER = "tests"


def programs() -> Path | None:
    """Returns the folder of the system's newest initdb and postgres, where there are any."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path is not None else []
    # Debian keeps them off the path.
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return next((path.parent for path in reversed(found) if (path.parent / "postgres").is_file()), None)


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> str:
        """Makes an empty database and returns its URL."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql://{USER}@/{name}?host={self._folder}"


@contextmanager
def running(where: Path) -> Iterator[Cluster]:
    """Runs the PostgreSQL of the folder `where`, as another user where this is root, which it refuses."""
    # Short, as names of sockets have to be, and open to that user.
    folder = Path(tempfile.mkdtemp(prefix="eitherside-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        entry = next(pwd.getpwnam(name) for name in ("postgres", "nobody") if _exists(name))
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    try:
        data = folder / "data"
        made = [
            str(where / "initdb"),
            "-D",
            str(data),
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(made, check=True, capture_output=True, cwd="/", **user)
        # Nothing of it is to outlive the tests, so nothing has to reach the disk.
        served = [
            str(where / "postgres"),
            "-D",
            str(data),
            "-k",
            str(folder),
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ]
        with (
            Path(os.devnull).open("wb") as nowhere,
            subprocess.Popen(served, stdout=nowhere, stderr=nowhere, cwd="/", **user) as process,
        ):
            try:
                cluster = Cluster(folder)
                _wait(cluster, process)
                yield cluster
            finally:
                # Its word for "now": it does not wait for clients to go.
                process.send_signal(3)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _wait(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None:
        try:
            psycopg.connect(cluster._address("postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL ended at once")
