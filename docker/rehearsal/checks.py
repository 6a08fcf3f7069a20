"""What must be true of the running container."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image as Picture

from rehearsal.compose import Container
from rehearsal.errors import RehearsalError
from rehearsal.image import tools_left
from rehearsal.running import SHARED, Running

SERVICE = "http://127.0.0.1:8000"


def check_all(service: Running, container: Container, volumes: Path) -> None:
    """Run every check and print what each found.

    Raises:
        RehearsalError: one failed; the text says what was wrong.
    """
    checks: list[Callable[[Running, Container, Path], str]] = [
        _not_root,
        _read_only,
        _listening,
        _health,
        _viewer,
        _module,
        _transcode,
        _foreign,
        _cached,
        _nothing_left,
    ]
    for check in checks:
        print(f"  ok: {check(service, container, volumes)}", flush=True)


def _require(truth: bool, problem: str) -> None:
    if not truth:
        raise RehearsalError(problem)


def _not_root(service: Running, container: Container, volumes: Path) -> str:
    status = service.status()
    users, groups = set(status["Uid"].split()), set(status["Gid"].split())
    _require("0" not in users | groups, f"it runs as user {users}, group {groups}")
    _require(container.drops_all and container.no_new_privileges, "the compose file leaves it privileges")
    kept = {name: status[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb")}
    _require(not any(int(value, 16) for value in kept.values()), f"it keeps capabilities: {kept}")
    _require(status["NoNewPrivs"] == "1", "it could gain privileges")
    return f"user {users.pop()}, no capabilities, no new privileges"


def _read_only(service: Running, container: Container, volumes: Path) -> str:
    for path in ("/written", "/opt/eitherside/written", "/usr/bin/written"):
        done = service.execute(["touch", path], as_root=True)
        _require(b"Read-only file system" in done.stderr, f"{path} can be written: {done.stderr!r}")
    places = [SHARED, *container.tmpfs, *container.volumes]
    for place in places:
        done = service.execute(["sh", "-c", f"touch {place}/.written && rm {place}/.written"])
        _require(done.returncode == 0, f"{place} cannot be written: {done.stderr!r}")
    return f"the root file system is read-only, to root too; {', '.join(places)} can be written"


def _listening(service: Running, container: Container, volumes: Path) -> str:
    found = []
    for line in Path(f"/proc/{service.pid}/net/tcp").read_text().splitlines()[1:]:
        address, state = line.split()[1], line.split()[3]
        if state == "0A":
            found.append((address[:8], int(address[9:], 16)))
    _require(found == [("00000000", 8000)], f"it listens on {found}")
    return "listens on port 8000 of all the container's addresses, and on nothing else"


def _health(service: Running, container: Container, volumes: Path) -> str:
    done = service.execute(service.image.facts.healthcheck)
    _require(done.returncode == 0, f"HEALTHCHECK failed: {done.stdout!r} {done.stderr!r}")
    # A check that cannot fail would be none: without a server at the port it must.
    elsewhere = ["env", "EITHERSIDE_PORT=9", *service.image.facts.healthcheck]
    _require(service.execute(elsewhere).returncode == 1, "HEALTHCHECK succeeds where nothing listens")
    return f"HEALTHCHECK: {done.stdout.decode().strip()}"


def _get(service: Running, path: str, *arguments: str, body: bytes = b"") -> bytes:
    done = service.curl("-f", *arguments, f"{SERVICE}{path}", body=body)
    _require(done.returncode == 0, f"{path}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _viewer(service: Running, container: Container, volumes: Path) -> str:
    page = _get(service, "/").decode()
    scripts = [part.split('"')[0] for part in page.split('src="')[1:]]
    _require(bool(scripts), "the viewer's page has no script")
    for script in scripts:
        _require(bool(_get(service, "/" + script.removeprefix("./"))), f"{script} is empty")
    return f"the viewer's page and {', '.join(scripts)}"


def _module(service: Running, container: Container, volumes: Path) -> str:
    told = json.loads(_get(service, "/v1/interface"))["module"]
    served = _get(service, told["url"])
    sha256 = hashlib.sha256(served).hexdigest()
    _require(sha256 == told["sha256"], f"the module served is {sha256}, not {told['sha256']}")
    return f"serves the module {sha256}"


def _transcode(service: Running, container: Container, volumes: Path) -> str:
    photo = _jpeg()
    send = ("--data-binary", "@-")
    jxl = _get(service, "/v1/transcode", *send, "-H", "Accept: image/jxl", body=photo)
    _require(jxl[:2] == b"\xff\x0a" or jxl[4:8] == b"JXL ", "transcode gave no JPEG XL file")
    back = _get(service, "/v1/transcode", *send, "-H", "Accept: image/jpeg", body=jxl)
    _require(back == photo, "the JPEG file that came back is another one")
    return f"JPEG ({len(photo)} bytes) to JPEG XL ({len(jxl)}) and back, byte for byte"


def _foreign(service: Running, container: Container, volumes: Path) -> str:
    webp = _get(service, "/v1/transcode", "--data-binary", "@-", "-H", "Accept: image/webp", body=_jpeg())
    _require(Picture.open(io.BytesIO(webp)).size == (320, 200), "transcode gave no WebP file of that size")
    return "JPEG to WebP, by Pillow's process"


def _cached(service: Running, container: Container, volumes: Path) -> str:
    files = [path for path in volumes.rglob("*") if path.is_file()]
    owners = {path.stat().st_uid for path in files}
    user = int((service.image.facts.user or "0").partition(":")[0])
    _require(bool(files) and owners == {user}, f"the cache has {files}, of {owners}")
    return f"the compiled module is in the volume ({sum(path.stat().st_size for path in files)} bytes)"


def _nothing_left(service: Running, container: Container, volumes: Path) -> str:
    left = tools_left(service.image.root)
    _require(not left, f"the image has what it does not need: {', '.join(left[:10])}")
    return "no build tool and no package manager's files are left in the image"


def _jpeg() -> bytes:
    """A small photograph's like."""
    pixels: Iterator[tuple[int, int, int]] = (
        (x * 255 // 319, y * 255 // 199, (x * y) % 251) for y in range(200) for x in range(320)
    )
    picture = Picture.new("RGB", (320, 200))
    picture.putdata(list(pixels))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()
