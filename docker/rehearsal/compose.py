"""What the compose file promises about the running container, as Compose itself reads the file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError


@dataclass(frozen=True)
class Container:
    """How Compose would run the service.

    Attributes:
        environment: variables that it sets, over the image's.
        is_read_only: whether the root file system cannot be written.
        tmpfs: options of the mounts in memory, by their place.
        volumes: places of named volumes.
        drops_all: whether every capability is dropped.
        no_new_privileges: whether setuid programs gain nothing.
        stop_seconds: time that it has to end.
    """

    environment: dict[str, str]
    is_read_only: bool
    tmpfs: dict[str, str]
    volumes: list[str]
    drops_all: bool
    no_new_privileges: bool
    stop_seconds: float


def compose_program() -> str | None:
    """Docker Compose's own program: the one beside this Python, or one on the PATH."""
    beside = Path(sys.executable).with_name("docker-compose")
    return str(beside) if beside.is_file() else shutil.which("docker-compose")


def read(path: Path) -> dict[str, Any]:
    """The compose file as Compose understands it, checked and with its defaults filled in.

    Raises:
        RehearsalError: Compose is not installed, or finds fault with the file.
    """
    program = compose_program()
    if program is None:
        raise RehearsalError("docker-compose is not installed; `make rehearse` installs it")
    command = [program, "-f", str(path), "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": "/nonexistent"})
    if done.returncode != 0:
        raise RehearsalError(f"{path}: {done.stderr.strip()}")
    found = json.loads(done.stdout)
    if not isinstance(found, dict):
        raise RehearsalError(f"{path}: Compose printed no object")
    return found


def container(service: dict[str, Any]) -> Container:
    """The promises of one service of `read`."""
    mounts = (entry.partition(":") for entry in service.get("tmpfs", ()))
    options = service.get("security_opt", ())
    return Container(
        environment={name: str(value) for name, value in service.get("environment", {}).items()},
        is_read_only=bool(service.get("read_only")),
        tmpfs={place: text for place, _, text in mounts},
        volumes=[entry["target"] for entry in service.get("volumes", ()) if entry["type"] == "volume"],
        drops_all="ALL" in service.get("cap_drop", ()) and not service.get("cap_add"),
        no_new_privileges=any(
            option in ("no-new-privileges", "no-new-privileges:true") for option in options
        ),
        stop_seconds=seconds(service.get("stop_grace_period", "10s")),
    )


def seconds(text: str) -> float:
    """The length of a duration such as ``2m40s``."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    total, number = 0.0, ""
    for character in text:
        if character in units:
            total += units[character] * float(number)
            number = ""
        else:
            number += character
    return total
