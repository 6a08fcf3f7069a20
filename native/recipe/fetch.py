"""Fetches the pinned sources by package name, checks them and unpacks them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from pathlib import Path

from recipe.pins import File, Pins, Source
from recipe.place import Place, cache_folder, debian_mirror
from recipe.report import BuildError, progress, progress_done, step

OWN_PATCHES = Path(__file__).resolve().parents[1] / "patches"


def fetch(place: Place, pins: Pins) -> dict[str, Path]:
    """Bring every pinned file into the cache.

    Returns:
        The path of each file by its name; each has the pinned SHA-256.

    Raises:
        BuildError: a file cannot be had, or is not the one that was pinned.
    """
    cache = cache_folder() / "sources"
    cache.mkdir(parents=True, exist_ok=True)
    _take_from_given_folder(pins, cache)
    missing = [source for source in pins.sources if not all(_is_good(cache, file) for file in source.files)]
    if missing:
        step(f"fetching the sources of {', '.join(source.name for source in missing)}")
        _download(place, pins.toolchain.suite, missing, cache)
    bad = [file.name for source in pins.sources for file in source.files if not _is_good(cache, file)]
    if bad:
        raise BuildError(
            f"these pinned files could not be fetched from Debian's archive: {', '.join(bad)}. "
            "The archive keeps only its newest versions; put the files into a folder and name it in "
            "EITHERSIDE_SOURCES, or pin newer ones"
        )
    return {file.name: cache / file.name for source in pins.sources for file in source.files}


def _is_good(folder: Path, file: File) -> bool:
    path = folder / file.name
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def _take_from_given_folder(pins: Pins, cache: Path) -> None:
    given = os.environ.get("EITHERSIDE_SOURCES")
    if not given:
        return
    for source in pins.sources:
        for file in source.files:
            if _is_good(Path(given), file):
                _keep(Path(given) / file.name, cache)


def _keep(path: Path, cache: Path) -> None:
    part = cache / f".{path.name}.{os.getpid()}"
    shutil.copyfile(path, part)
    part.rename(cache / path.name)


def _download(place: Place, suite: str, sources: list[Source], cache: Path) -> None:
    with place.work_folder() as (outside, inside):
        archive = _source_archive(place, suite, outside, inside)
        for source in sources:
            progress(source.name)
            # A mirror may lack a .dsc and still have the tarball: what arrived is what counts.
            wanted = f"{source.package}={source.version}"
            command = ["apt-get", *archive, "source", "--download-only", "-q", wanted]
            try:
                place.run(command, folder=inside)
            except BuildError as error:
                progress(str(error).splitlines()[0])
            for file in source.files:
                if _is_good(outside, file):
                    _keep(outside / file.name, cache)
        progress_done()


def _source_archive(place: Place, suite: str, outside: Path, inside: str) -> list[str]:
    """Options that let apt see source packages, where this machine's own settings may not."""
    mirror = debian_mirror()
    if place.root is not None or mirror is None:
        return []
    for folder in ("lists/partial", "cache/archives/partial"):
        (outside / folder).mkdir(parents=True)
    (outside / "sources.list").write_text(f"deb-src {mirror} {suite} main\n")
    options = {
        "Dir::Etc::SourceList": f"{inside}/sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": f"{inside}/lists",
        "Dir::Cache": f"{inside}/cache",
    }
    archive = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    place.run(["apt-get", *archive, "update", "-q"], on_line=progress)
    return archive


def _apply(place: Place, patch: Path, folder: Path) -> None:
    command = ["patch", "-s", "-p1", "--no-backup-if-mismatch", "-i", str(patch)]
    place.run(command, folder=str(folder))


def unpack(pins: Pins, files: dict[str, Path], folder: Path) -> None:
    """Unpack every source into `folder`/<name>, patched; libjxl gets its dependencies in their places."""
    place = Place(None)
    for source in pins.sources:
        progress(source.name)
        unpacked = folder / ".unpacked"
        with tarfile.open(files[source.files[0].name]) as archive:
            archive.extractall(unpacked, filter="data")
        target = folder / source.name
        (unpacked / source.folder).rename(target)
        if source.patches:
            debian = folder / ".debian"
            with tarfile.open(files[source.files[1].name]) as archive:
                archive.extractall(debian, filter="data")
            for patch in source.patches:
                _apply(place, debian / "debian/patches" / patch, target)
            shutil.rmtree(debian)
        for patch in source.own_patches:
            _apply(place, OWN_PATCHES / patch, target)
        shutil.rmtree(unpacked)
    third_party = folder / "libjxl" / "third_party"
    for name, at in (("highway", "highway"), ("brotli", "brotli"), ("lcms2", "lcms")):
        shutil.rmtree(third_party / at, ignore_errors=True)
        shutil.move(folder / name, third_party / at)
    # libjxl's build takes a bundled lcms2 only where it looks like a git submodule.
    (third_party / "lcms" / ".git").mkdir()
    progress_done()
