"""Commands on this machine, and commands inside a folder as if it were the machine."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.errors import RehearsalError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def run(command: Sequence[str], log: Path | None = None, name: str = "") -> bytes:
    """Run a command and return what it printed on its standard output.

    Args:
        command: the command and its arguments.
        log: a file that gets all it prints, instead.
        name: how to call it in an error.

    Raises:
        RehearsalError: it failed; the text ends with what it printed last.
    """
    try:
        if log is None:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            printed = done.stderr or done.stdout
        else:
            with log.open("ab") as file:
                begun = file.tell()
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, check=False
                )
            printed = log.read_bytes()[begun:]
    except FileNotFoundError:
        raise RehearsalError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        last = "\n".join(printed.decode(errors="replace").splitlines()[-30:])
        raise RehearsalError(f"{name or ' '.join(command)} failed with {done.returncode}:\n{last}")
    return done.stdout or b""


def inside(
    root: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: str = "/",
    user: str = "",
    lent: Mapping[Path, str] | None = None,
) -> list[str]:
    """The command line that runs `command` in `root`, in mount and process namespaces of its own.

    Args:
        root: the folder that becomes /.
        command: what to run, as seen from inside.
        environment: all of its environment variables.
        folder: its working directory.
        user: ``uid:gid``; root where empty.
        lent: files of this machine, and where they are seen inside for as long as the command runs.
    """
    mounts = ['mount -t proc proc "$1/proc"']
    names = [str(root)]
    for outside, seen in (lent or {}).items():
        names += [str(outside), f"{root}{seen}"]
        mounts.append(f'mount --bind -o ro "${{{len(names) - 1}}}" "${{{len(names)}}}"')
    script = f'set -e; {"; ".join(mounts)}; shift {len(names)}; exec "$@"'
    return [
        *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh"),
        *names,
        *("chroot", *([f"--userspec={user}"] if user else []), str(root)),
        *("env", "-i", f"--chdir={folder}", *(f"{name}={value}" for name, value in environment.items())),
        *command,
    ]
