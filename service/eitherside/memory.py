"""What outlives a process: modules from services, and what planners have learned. All of it is checked."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import time
from pathlib import Path

from .errors import ModuleError
from .files import write_atomically
from .module import Module
from .planner import PlannerRecord, parse_record, to_json

log = logging.getLogger(__name__)

_MOST = 4 << 20
_KEPT_MODULES = 8


class Memory:
    """A folder that only its owner may enter; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def module(self, sha256: str) -> Module | None:
        """Returns the module of that hash, if it is kept and undamaged."""
        path = self._path("modules", f"{sha256}.wasm")
        if path is None or not path.is_file():
            return None
        try:
            found = Module(path, is_trusted=False)
        except ModuleError:
            return None
        return found if found.sha256 == sha256 else None

    def keep_module(self, wasm: bytes) -> Module:
        """Keeps a module, and returns it.

        Raises:
            ModuleError: it is no module of this kind, or there is no folder to keep it in.
        """
        path = self._path("modules", f"{hashlib.sha256(wasm).hexdigest()}.wasm")
        if path is None:
            raise ModuleError(
                "the service's module is another than ours, and there is no cache folder for it"
            )
        try:
            write_atomically(path, [wasm])
            self._prune(path.parent)
        except OSError as error:
            raise ModuleError(
                f"the service's module cannot be kept in {path.parent}: {error.strerror}"
            ) from None
        return Module(path, is_trusted=False)

    def record(self, module: str, service: str) -> PlannerRecord | None:
        """Returns what a planner has learned of a module and a service."""
        path = self._path("planner", _name(module, service))
        try:
            if path is None or path.stat().st_size > _MOST:
                return None
            return parse_record(json.loads(path.read_bytes()), module, service, 1000 * time.time())
        except (OSError, ValueError, RecursionError):
            return None

    def keep_record(self, record: PlannerRecord) -> None:
        """Keeps what a planner has learned. What cannot be kept is lost, which costs only time."""
        path = self._path("planner", _name(record.module, record.service))
        if path is None:
            return
        try:
            write_atomically(path, [json.dumps(to_json(record)).encode()], durable=False)
        except OSError as error:
            log.warning("what was learned is not kept: %s", error.strerror)

    def _path(self, *parts: str) -> Path | None:
        """Returns the path of a file in the folder, made where absent; None where it is not private."""
        if self._folder is None:
            return None
        path = self._folder.joinpath(*parts)
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self._folder, *reversed(path.relative_to(self._folder).parents[:-1])):
                folder = self._folder / folder
                folder.mkdir(mode=0o700, exist_ok=True)
                facts = folder.lstat()
                if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
                    log.warning("nothing is kept in %s: others could have written it", folder)
                    return None
        except OSError as error:
            log.warning("nothing is kept in %s: %s", self._folder, error.strerror)
            return None
        return path

    @staticmethod
    def _prune(folder: Path) -> None:
        found = sorted(folder.glob("*.wasm"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in found[_KEPT_MODULES:]:
            path.unlink(missing_ok=True)


def _name(module: str, service: str) -> str:
    return f"{hashlib.sha256(f'{module} {service}'.encode()).hexdigest()}.json"
