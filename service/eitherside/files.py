"""Files that are never seen half written."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

TEMPORARY = ".eitherside-part"
"""End of the names of files that are being written; they start with a dot."""


def write_atomically(
    path: Path,
    parts: Iterable[bytes | bytearray | memoryview],
    *,
    durable: bool = True,
    replace: bool = True,
) -> None:
    """Writes `parts` to a temporary file beside `path` and renames it: `path` is whole or as it was.

    Args:
        durable: whether it is on the disk when this returns.
        replace: whether a file that is there is replaced.

    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: it cannot be written; nothing is left behind.
    """
    # A link stays a link, to a file that is replaced.
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}{TEMPORARY}")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(file, "wb") as stream:
            for part in parts:
                stream.write(part)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        if replace:
            temporary.replace(path)
        else:
            _link(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _link(temporary: Path, path: Path) -> None:
    """Gives a file its name if nothing has it yet."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has hard links; without them there is a moment between the two.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.rename(path)
    else:
        temporary.unlink()
