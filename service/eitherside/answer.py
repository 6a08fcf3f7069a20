"""What a call gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Output:
    """One output buffer: the name it has in the interface, its media type, and its bytes."""

    name: str
    media_type: str
    data: bytes | bytearray


@dataclass(frozen=True)
class Answer:
    """What a call gave.

    Attributes:
        result: the fields that the function's ``result`` schema describes.
        outputs: the output buffers, in order.
        waited: seconds the call waited for a thread.
        ran: seconds it ran.
        memory: bytes that the module's memory had grown to at its end; it never shrinks, so that is its peak.
        threads: most threads that ran at once for it; of a pushed call so far.
    """

    result: dict[str, Any]
    outputs: list[Output]
    waited: float
    ran: float
    memory: int = 0
    threads: int = 1
