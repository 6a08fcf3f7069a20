"""A stage as a folder, made step by step, with what the image would say about itself."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from rehearsal.dockerfile import Stage, Step, arguments_of, expand
from rehearsal.errors import RehearsalError
from rehearsal.network import FOLDER, Lent
from rehearsal.shell import PATH, inside, run

_NOTED = {"LABEL", "EXPOSE", "STOPSIGNAL"}
"""Instructions that change nothing that is rehearsed."""


@dataclass(frozen=True)
class Facts:
    """What an image says about how to run it."""

    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": PATH})
    folder: str = "/"
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    shell: tuple[str, ...] = ("/bin/sh", "-c")


@dataclass
class Image:
    """A folder and its facts.

    Attributes:
        root: the folder.
        facts: what the steps so far say.
        log: file that gets what the steps print.
    """

    root: Path
    log: Path
    facts: Facts = field(default_factory=Facts)

    def make(
        self,
        stage: Stage,
        sources: Mapping[str, Path],
        given: Mapping[str, str],
        outer: Mapping[str, str],
        lent: Lent,
    ) -> None:
        """Run all steps of `stage`.

        Args:
            stage: what to run; the folder is as its base already.
            sources: folders to copy from: the build context by the empty name, other stages by theirs.
            given: build arguments.
            outer: the Dockerfile's own arguments and their values.
            lent: what steps need to reach registries.

        Raises:
            RehearsalError: a step failed or cannot be rehearsed; the text names its line.
        """
        scope: dict[str, str] = {}
        for step in stage.steps:
            print(f"  {stage.name}: line {step.line}: {step.name} {' '.join(step.words)[:90]}", flush=True)
            with self.log.open("a") as log:
                log.write(f"\n--- {stage.name}, line {step.line}: {step.name} {' '.join(step.words)}\n")
            try:
                if step.name == "ARG":
                    scope |= arguments_of(step, given, outer)
                else:
                    self._step(step, scope, sources, lent)
            except RehearsalError as error:
                raise RehearsalError(f"docker/Dockerfile, line {step.line}: {error}") from None

    def _step(self, step: Step, scope: Mapping[str, str], sources: Mapping[str, Path], lent: Lent) -> None:
        values = {**scope, **self.facts.environment}
        if step.name == "RUN":
            self._run(step, scope, lent)
        elif step.name == "COPY":
            self._copy(step, [expand(word, values) for word in step.words], sources)
        elif step.name == "ENV":
            pairs = zip(step.words[::2], step.words[1::2], strict=True)
            found = {name: " ".join(shlex.split(expand(value, values))) for name, value in pairs}
            self._note(environment={**self.facts.environment, **found})
        elif step.name == "WORKDIR":
            folder = str(PurePosixPath(self.facts.folder) / expand(step.words[0], values))
            self.path(folder).mkdir(parents=True, exist_ok=True)
            self._note(folder=folder)
        elif step.name == "USER":
            self._note(user=expand(step.words[0], values))
        elif step.name in ("ENTRYPOINT", "CMD", "SHELL"):
            where = {"CMD": "command"}.get(step.name, step.name.lower())
            self._note(**{where: self._command(step.words, step.is_list)})
        elif step.name == "HEALTHCHECK":
            kind, *words = step.words
            self._note(healthcheck=self._command(tuple(words), step.is_list) if kind == "CMD" else ())
        elif step.name == "VOLUME":
            self._note(volumes=(*self.facts.volumes, *step.words))
        elif step.name not in _NOTED:
            raise RehearsalError(f"{step.name} cannot be rehearsed")

    def _note(self, **changes: object) -> None:
        self.facts = replace(self.facts, **changes)  # type: ignore[arg-type]

    def _command(self, words: tuple[str, ...], is_list: bool) -> tuple[str, ...]:
        return words if is_list else (*self.facts.shell, " ".join(words))

    def path(self, name: str) -> Path:
        """Where this machine sees the image's path `name`; links out of the folder are refused."""
        found = (self.root / name.lstrip("/")).resolve()
        if not found.is_relative_to(self.root.resolve()):
            raise RehearsalError(f"{name} leads out of the folder")
        return found

    def _run(self, step: Step, scope: Mapping[str, str], lent: Lent) -> None:
        if step.flags:
            raise RehearsalError(f"flags of RUN cannot be rehearsed: {', '.join(step.flags)}")
        environment = {"HOME": "/root", **scope, **lent.environment, **self.facts.environment}
        folder = self.path(FOLDER)
        (self.root / "proc").mkdir(exist_ok=True)
        folder.mkdir(parents=True)
        try:
            for seen in lent.files.values():
                self.path(seen).touch()
            command = self._command(step.words, step.is_list)
            user = self.facts.user
            wrapped = inside(
                self.root, command, environment, folder=self.facts.folder, user=user, lent=lent.files
            )
            run(wrapped, log=self.log, name=f"RUN {' '.join(step.words)[:200]}")
        finally:
            shutil.rmtree(folder)

    def _copy(self, step: Step, words: list[str], sources: Mapping[str, Path]) -> None:
        if unknown := set(step.flags) - {"from", "chown"}:
            raise RehearsalError(f"COPY --{min(unknown)} cannot be rehearsed")
        *names, target = words
        source = sources.get(step.flags.get("from", ""))
        if source is None:
            raise RehearsalError(f"there is no stage {step.flags['from']}")
        into_folder = target.endswith("/") or len(names) > 1
        at = self.path(str(PurePosixPath(self.facts.folder) / target))
        with tempfile.TemporaryDirectory(dir=self.root.parent) as staging:
            copied = Path(staging) / "copied"
            for name in names:
                path = source / name.strip("/")
                if not path.exists():
                    raise RehearsalError(f"COPY: there is no {name}, or .dockerignore leaves it out")
                self._stage(path, copied, within=into_folder)
            if owner := step.flags.get("chown"):
                run(["chown", "-hR", owner, str(copied)])
            at.parent.mkdir(parents=True, exist_ok=True)
            if copied.is_dir():
                at.mkdir(exist_ok=True)
                run(["cp", "-a", f"{copied}/.", str(at)])
            else:
                run(["cp", "-a", str(copied), str(at)])

    def _stage(self, path: Path, copied: Path, *, within: bool) -> None:
        """Copy as COPY does: of a folder what is in it, a file into or as the target; all belongs to root."""
        copy = ["cp", "-R", "--no-dereference", "--preserve=mode,timestamps,links"]
        if path.is_dir():
            copied.mkdir(exist_ok=True)
            run([*copy, f"{path}/.", str(copied)])
        else:
            if within:
                copied.mkdir(exist_ok=True)
            run([*copy, str(path), str(copied)])


def copy_folder(source: Path | None, target: Path) -> None:
    """Make `target` the like of `source`, or empty."""
    if source is None:
        target.mkdir()
    else:
        run(["cp", "-a", "--reflink=auto", str(source), str(target)])


def remove_folder(folder: Path) -> None:
    """Remove an image's folder, unless something of this machine is still mounted in it.

    Raises:
        RehearsalError: something is mounted there.
    """
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    if found := [name for name in mounts if Path(name).is_relative_to(folder)]:
        raise RehearsalError(f"not removing {folder}: {found[0]} is mounted there")
    shutil.rmtree(folder, ignore_errors=True)


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    found = (
        os.lstat(Path(parent) / name)
        for parent, _, names in os.walk(folder, followlinks=False)
        for name in names
    )
    return sum(status.st_size for status in found if stat.S_ISREG(status.st_mode))


def tools_left(folder: Path) -> list[str]:
    """What no runtime image needs, and files that package managers leave behind."""
    patterns = ("node", "npm", r"pip3?(\.\d+)?", "hatch", r"(gcc|g\+\+|cc|clang)(-\d+)?", "emcc")
    found = []
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
        for name in names:
            path = Path(parent) / name
            if path.parent.name == "bin" and any(re.fullmatch(pattern, name) for pattern in patterns):
                found.append(str(path.relative_to(folder)))
    for name in ("var/lib/apt/lists", "var/cache/apt/archives", "root/.cache", "root/.npm", "wheels", "src"):
        kept = [path for path in (folder / name).rglob("*") if path.is_file() and path.name != "lock"]
        found += [str(path.relative_to(folder)) for path in kept]
    return sorted(found)
