"""What can go wrong, as exceptions that carry their facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class EithersideError(Exception):
    """Base of everything this package raises on purpose."""


class SettingsError(EithersideError):
    """A setting has a value that cannot be used; the message names it."""


class ModuleError(EithersideError):
    """The module file is missing, malformed, or does not speak the binary interface of docs/abi.md."""


class CacheError(EithersideError):
    """The cache of compiled modules must not be trusted: someone else owns it or could write it."""


@dataclass(frozen=True)
class ErrorKind:
    """One kind of failure of a call.

    Attributes:
        code: stable name, such as ``"bad_option"``.
        number: the module's status for it, above 0; 0 for the host's own kinds, which no module returns.
        title: a short sentence in English.
        status: the HTTP status that fits.
    """

    code: str
    number: int
    title: str
    status: int


# The codes of a module's interface that a host itself must be able to give (docs/abi.md).
BAD_CALL = "bad_call"
MEMORY_LIMIT = "memory_limit"
INTERNAL = "internal"

TIME_LIMIT = ErrorKind("time_limit", 0, "The call took longer than its time limit", 503)
OVER_CAPACITY = ErrorKind("over_capacity", 0, "The service has more work than it can take", 503)
CANCELLED = ErrorKind("cancelled", 0, "The call was cancelled", 499)

HOST_ERRORS: tuple[ErrorKind, ...] = (TIME_LIMIT, OVER_CAPACITY, CANCELLED)
"""The kinds that the host adds to those of the interface."""

UNREACHABLE = ErrorKind("unreachable", 0, "The service does not answer", 502)
BAD_ANSWER = ErrorKind("bad_answer", 0, "The service's answer is not what the interface says", 502)
OTHER_MODULE = ErrorKind("other_module", 0, "The service runs another module than the client", 412)
NOT_ALLOWED = ErrorKind("not_allowed", 0, "The service does not let everyone ask for that", 403)

REMOTE_ERRORS: tuple[ErrorKind, ...] = (UNREACHABLE, BAD_ANSWER, OTHER_MODULE, NOT_ALLOWED)
"""The kinds that calling a service adds."""


class CallError(EithersideError):
    """A call failed.

    Attributes:
        kind: the kind of failure, of the interface, of `HOST_ERRORS`, of `REMOTE_ERRORS`, or a service's own.
        message: what was wrong and where, in one sentence.
        option: JSON Pointer (RFC 6901) into the options, where one is at fault.
        input: index of the input buffer at fault, in the order they were given, where one is.
        retry_after: seconds after which another try may succeed, for ``over_capacity``.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        option: str | None = None,
        input: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.option = option
        self.input = input
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """Stable name of the kind of failure."""
        return self.kind.code

    @property
    def title(self) -> str:
        """Title of the kind of failure."""
        return self.kind.title

    @property
    def status(self) -> int:
        """HTTP status that fits."""
        return self.kind.status

    def __reduce__(self) -> tuple[Any, ...]:
        facts = {"option": self.option, "input": self.input, "retry_after": self.retry_after}
        return _call_error, (self.kind, self.message, facts)

    def __str__(self) -> str:
        where = f" (option {self.option})" if self.option else ""
        return f"{self.code}: {self.message}{where}"


def _call_error(kind: ErrorKind, message: str, facts: dict[str, Any]) -> CallError:
    """Makes the error anew from a pickle, which knows no keyword arguments."""
    return CallError(kind, message, **facts)
