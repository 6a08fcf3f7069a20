"""The command line: a command for each function of the module, and those that serve, list and do folders."""

from __future__ import annotations

import os
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process."""
    # Pydantic would look through all that is installed for plugins, which takes a while; none is wanted.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # The service's processes, too, are below this package, and need none of its commands.
    from .app import main as run

    run(arguments)
