"""What can go wrong with what is stored, as exceptions that carry their facts."""

from __future__ import annotations

from typing import Any

from ..errors import EithersideError


class Unavailable(EithersideError):
    """The database or the blobs cannot be used now; the message says why, without names of this machine."""


class Refused(EithersideError):
    """What is asked for is not done.

    Attributes:
        code: the stable name of the kind of problem, one of `http.problems.KINDS`.
        message: what was wrong and where, in one sentence.
        facts: further members of the problem.
        headers: headers of the answer.
    """

    def __init__(
        self, code: str, message: str, *, headers: dict[str, str] | None = None, **facts: Any
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.facts = facts


def not_found(what: str) -> Refused:
    """Returns what is raised where there is no `what`, or the client may not know of it."""
    return Refused("not_found", f"there is no such {what}")
