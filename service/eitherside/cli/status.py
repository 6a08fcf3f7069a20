"""Exit statuses: the one table that help, documentation and tests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

DONE = 0
FAILED = 1
USAGE = 2
INTERRUPTED = 130

MEANINGS: Mapping[int, str] = {
    DONE: "All was done.",
    FAILED: (
        "A call failed for what it was given or for a limit, the service did not answer, or a file could not "
        "be read or written; of several files, at least one, and the others are done."
    ),
    USAGE: (
        "The command was wrong in itself: an argument, an option, a setting, the module; "
        "of several files, each failed so."
    ),
    INTERRUPTED: "Interrupted by Ctrl-C; batch and conformance by SIGTERM, too.",
}


def table() -> Iterable[tuple[int, str]]:
    """Returns the statuses, each with what it stands for."""
    return MEANINGS.items()
