"""Runs the steps of docker/Dockerfile without a container engine: `make rehearse`.

Each stage becomes a folder, its base a Debian made by debootstrap; its steps run in it by chroot. Then the
runtime stage's command is started as its user under what docker/compose.yaml promises, asked for work, and
stopped. It needs root, Linux and debootstrap. What pip and npm need to reach their registries on this machine
(certificates, proxies, addresses) is lent to the steps while they run.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rehearsal.base import base_folder, cache_folder, version
from rehearsal.checks import check_all
from rehearsal.compose import container, read
from rehearsal.context import send
from rehearsal.dockerfile import Dockerfile
from rehearsal.errors import RehearsalError
from rehearsal.image import Facts, Image, copy_folder, remove_folder, size
from rehearsal.network import lend
from rehearsal.running import running

HERE = Path(__file__).resolve().parent
TOOLS = ("debootstrap", "unshare", "nsenter", "setpriv", "chroot", "mount", "ip", "curl")


def missing() -> str:
    """Why nothing can be rehearsed on this machine; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "folders for stages take Linux and root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def build(file: Dockerfile, target: str, arguments: dict[str, str], work: Path) -> dict[str, Image]:
    """Make the folders of `target` and of all stages that it needs."""
    outer = {**file.arguments, **arguments}
    context = work / "context"
    send(HERE.parent, "docker/Dockerfile", context)
    lent = lend()
    made: dict[str, Image] = {}
    for stage in file.needed(target, arguments):
        base = file.base(stage, arguments)
        began = time.monotonic()
        root, facts = work / f"stage-{stage.name}", Facts()
        if base in made:
            copy_folder(made[base].root, root)
            facts = made[base].facts
        elif base == "scratch":
            copy_folder(None, root)
        else:
            folder = base_folder(base)
            print(f"{base}: {folder.name} {version(folder)} by debootstrap", flush=True)
            copy_folder(folder, root)
        image = Image(root, work / "steps.log", facts)
        sources = {"": context, **{name: other.root for name, other in made.items()}}
        image.make(stage, sources, arguments, outer, lent)
        made[stage.name] = image
        seconds = time.monotonic() - began
        print(f"{stage.name}: {size(root) / 1e6:.0f} MB, {seconds:.0f} s", flush=True)
    return made


def compare(image: Image) -> None:
    """Hold the module of the image's stage against the committed one.

    Raises:
        RehearsalError: they differ, so that one of them is not what native/ gives.
    """
    made, committed = (
        hashlib.sha256((folder / "build" / "codec.wasm").read_bytes()).hexdigest()
        for folder in (image.root, HERE.parent)
    )
    if made != committed:
        raise RehearsalError(f"the module made is {made}, the committed one {committed}")
    print(f"the module is the committed one, byte for byte: {made}", flush=True)


def try_out(image: Image, work: Path) -> None:
    """Start the image twice under the compose file's promises and check it; the second finds its cache."""
    compose = read(HERE / "compose.yaml")
    promised = container(compose["services"]["eitherside"])
    volumes = work / "volumes"
    volumes.mkdir()
    for turn, what in enumerate(("a new volume", "the same volume again")):
        began = time.monotonic()
        log = work / f"service-{turn}.log"
        with running(image, promised, volumes, log) as service:
            print(f"started with {what}: ready after {time.monotonic() - began:.1f} s", flush=True)
            check_all(service, promised, volumes)
        print("stopped by SIGTERM", flush=True)
    if "compiling the module" in log.read_text(errors="replace"):
        raise RehearsalError("the second start did not find the compiled module in the volume")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--target", default="runtime", help="the stage to make (default: runtime, and run it)"
    )
    parser.add_argument(
        "--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as of docker build"
    )
    parser.add_argument("--keep", action="store_true", help="leave the folders for a look")
    options = parser.parse_args()
    if why := missing():
        print(f"rehearse: {why}", file=sys.stderr)
        return 2
    # Ended from outside, it still stops what it started and removes its folders.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cache_folder().mkdir(parents=True, exist_ok=True)
    # In the cache: /tmp may be in memory, or mounted so that no device works in it.
    work = Path(tempfile.mkdtemp(prefix="work-", dir=cache_folder()))
    arguments = dict(text.partition("=")[::2] for text in options.build_arg)
    try:
        images = build(Dockerfile.read(HERE / "Dockerfile"), options.target, arguments, work)
        if "module" in images:
            compare(images["module"])
        if options.target == "runtime":
            try_out(images["runtime"], work)
    except RehearsalError as error:
        print(f"rehearse: {error}", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            print(f"kept: {work}")
        else:
            remove_folder(work)
    print("the rehearsal succeeded")
    return 0


if __name__ == "__main__":
    sys.exit(main())
