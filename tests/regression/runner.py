"""Runs pytest again and again, each time in a fork of this process, which has loaded all that is large.

Loading takes longer than most runs. Asks come as lines of JSON, answers are the exit status, a line each.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

import pytest

import eitherside.regression.golden


def main() -> None:
    """Answers until its standard input ends."""
    assert eitherside.regression.golden
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(_run(json.loads(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(ask: dict[str, Any]) -> int:
    """Runs pytest in the folder, with the environment and into the file that are asked for."""
    output = os.open(ask["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(ask["folder"])
    os.environ.clear()
    os.environ.update(ask["environment"])
    try:
        status = int(pytest.main(ask["arguments"]))
    except BaseException:  # noqa: BLE001 - whatever it is, it must not go on in this loop
        traceback.print_exc()
        status = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    main()
