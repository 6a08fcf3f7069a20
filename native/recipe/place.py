"""Where the build runs: on this machine, or in a folder with Debian 13 made by debootstrap."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recipe.report import BuildError, progress, progress_done, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recipe.pins import Toolchain


def cache_folder() -> Path:
    """Folder of the toolchain and fetched sources: EITHERSIDE_BUILD_CACHE, or one in the user's cache."""
    set_folder = os.environ.get("EITHERSIDE_BUILD_CACHE")
    if set_folder:
        return Path(set_folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eitherside" / "build"


@dataclass(frozen=True)
class Place:
    """A root folder that commands run in; None is this machine itself."""

    root: Path | None

    def run(
        self,
        command: Sequence[str],
        *,
        folder: str = "/",
        environment: dict[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run a command, a path in it being as seen from the place.

        Returns:
            What it printed.

        Raises:
            BuildError: the command failed; the text ends with its last lines.
        """
        # --chdir is coreutils' own, so that one argument list serves both places.
        wrapped = [
            "env",
            f"--chdir={folder}",
            *(f"{k}={v}" for k, v in (environment or {}).items()),
            *command,
        ]
        if self.root is not None:
            clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
            clean["DEBIAN_FRONTEND"] = "noninteractive"
            inside = ["env", "-i", *(f"{k}={v}" for k, v in clean.items()), *wrapped]
            # A mount namespace of its own: /proc goes away with the command.
            alone = [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                f"--mount-proc={self.root}/proc",
            ]
            wrapped = [*alone, "chroot", str(self.root), *inside]
        return run(wrapped, on_line)

    @contextmanager
    def work_folder(self) -> Iterator[tuple[Path, str]]:
        """A fresh folder, as this machine and as the place see it, removed afterwards."""
        base = (self.root or Path("/")) / "tmp"
        made = Path(tempfile.mkdtemp(prefix="eitherside-", dir=base))
        try:
            yield made, f"/{made.relative_to(self.root or '/')}"
        finally:
            shutil.rmtree(made, ignore_errors=True)


def run(command: Sequence[str], on_line: Callable[[str], None] | None = None) -> str:
    """Run a command on this machine; see `Place.run`."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise BuildError(f"{command[0]} is not installed") from error
    lines = []
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                if on_line is not None:
                    on_line(line.rstrip())
        except BaseException:
            process.kill()
            raise
    progress_done()
    if process.returncode != 0:
        raise BuildError(f"{' '.join(command[-6:])}\nfailed:\n{''.join(lines[-40:])}")
    return "".join(lines)


def find_place(toolchain: Toolchain) -> Place:
    """This machine where its `emcc` is the right one, else the folder with Debian's, made if absent."""
    if _emscripten_here(toolchain):
        step(f"using this machine's Emscripten {toolchain.emscripten}")
        return Place(None)
    root = cache_folder() / f"{toolchain.suite}-{re.sub(r'[^0-9A-Za-z.]+', '-', toolchain.emscripten)}"
    if not (root / ".complete").exists():
        _bootstrap(root, toolchain)
    return Place(root)


def _emscripten_here(toolchain: Toolchain) -> bool:
    if shutil.which("emcc") is None or shutil.which("dpkg-query") is None:
        return False
    query = ["dpkg-query", "-W", "-f", "${Version}", "emscripten"]
    found = subprocess.run(query, capture_output=True, text=True, check=False)
    return found.stdout == toolchain.emscripten


def debian_mirror() -> str | None:
    """The address that this machine's apt takes Debian's main archive from; None where it has none."""
    if shutil.which("apt-get") is None:
        return None
    query = [
        "apt-get",
        "indextargets",
        "--format",
        "$(ORIGIN) $(CODENAME) $(REPO_URI)",
        "Created-By: Packages",
    ]
    listed = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        origin, codename, address = [*line.split(), "", "", ""][:3]
        if origin == "Debian" and codename and "-" not in codename:
            return address
    return None


def _bootstrap(root: Path, toolchain: Toolchain) -> None:
    if os.geteuid() != 0:
        raise BuildError(
            f"Emscripten {toolchain.emscripten} is not installed here, and making a folder with Debian "
            f"{toolchain.suite} takes root: run this as root, or in docker/Dockerfile's build stage, or on "
            "Debian 13 with emscripten installed"
        )
    if shutil.which("debootstrap") is None:
        if shutil.which("apt-get") is None:
            raise BuildError("debootstrap is not installed; install it with your system's package manager")
        step("installing debootstrap")
        run(["apt-get", "update", "-qq"])
        run(["apt-get", "install", "-y", "-qq", "debootstrap"])
    step(f"making a folder with Debian {toolchain.suite} (once; it is kept in {root.parent})")
    root.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    made.chmod(0o755)
    try:
        mirror = debian_mirror()
        options = ["--variant=minbase", "--include=ca-certificates", toolchain.suite, str(made)]
        run(["debootstrap", *options, *([mirror] if mirror else [])], progress)
        sources = made / "etc/apt/sources.list"
        lines = sources.read_text()
        sources.write_text(lines + lines.replace("deb ", "deb-src "))
        place = Place(made)
        step("installing Emscripten in it")
        place.run(["apt-get", "update", "-q"], on_line=progress)
        pinned = [f"emscripten={toolchain.emscripten}", *(p for p in toolchain.packages if p != "emscripten")]
        place.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *pinned], on_line=progress)
        (made / ".complete").touch()
        if root.exists():
            shutil.rmtree(root)
        made.rename(root)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
