"""What can go wrong with a foreign format, as the same exception that a call of the module raises."""

from __future__ import annotations

from ..errors import CANCELLED, OVER_CAPACITY, TIME_LIMIT, CallError, ErrorKind

# Codes and statuses are those that modules use, so that a client need not care who read the file.
KINDS = {
    kind.code: kind
    for kind in (
        ErrorKind("bad_option", 0, "An option is unknown, of the wrong type or out of range", 400),
        ErrorKind("unknown_format", 0, "The input is in no format that the service reads", 415),
        ErrorKind("truncated", 0, "The input ends before the image does", 422),
        ErrorKind("corrupt", 0, "The input breaks the rules of its format", 422),
        ErrorKind("unsupported", 0, "The image has a feature that cannot be carried over", 422),
        ErrorKind("too_large", 0, "The image is larger than the service's limits allow", 413),
        ErrorKind("memory_limit", 0, "The work reached its memory ceiling", 413),
        ErrorKind("internal", 0, "The service failed for a reason of its own", 500),
        TIME_LIMIT,
        OVER_CAPACITY,
        CANCELLED,
    )
}


def failure(
    code: str, message: str, *, option: str | None = None, retry_after: int | None = None
) -> CallError:
    """Returns the exception for `code`; one that is not in `KINDS` becomes `internal`."""
    return CallError(KINDS.get(code, KINDS["internal"]), message, option=option, retry_after=retry_after)
