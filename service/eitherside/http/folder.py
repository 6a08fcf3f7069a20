"""A private folder for one run of the service, gone after it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "eitherside-results-"
_OWNER = ".owner"


class RunFolder:
    """A folder that only its owner may enter, in `parent`. Those of runs that were killed are removed first.

    The run holds a lock on a file in it, as do the processes forked from it, until the last of them ends.

    Attributes:
        path: where it is.
    """

    def __init__(self, parent: Path | None = None) -> None:
        """Makes the folder.

        Raises:
            OSError: it cannot be made.
        """
        parent = Path(parent if parent is not None else tempfile.gettempdir())
        _clear(parent)
        # Under its final name only once it is locked, so that nobody who clears takes it for abandoned.
        made = Path(tempfile.mkdtemp(prefix=".eitherside-", dir=parent))
        self._pid = os.getpid()
        self._owner = _locked(made / _OWNER, os.O_CREAT | os.O_EXCL)
        self.path = made.rename(parent / f"{_PREFIX}{made.name.removeprefix('.eitherside-')}")

    def remove(self) -> None:
        """Removes the folder and what is in it. Only the process that made it does."""
        if os.getpid() == self._pid and self._owner >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._owner)
            self._owner = -1


def _locked(path: Path, flags: int = 0) -> int:
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(file)
        raise
    return file


def _clear(parent: Path) -> None:
    for path in parent.glob(f"{_PREFIX}*"):
        # Another user's, or one whose run goes on.
        with suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            file = _locked(path / _OWNER)
            try:
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(file)
