"""What a process of Pillow's says where it cannot do what was asked."""

from __future__ import annotations


class Refused(Exception):
    """The request cannot be answered: a code and a message."""

    def __init__(self, code: str, message: str, option: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.option = option


def plain(error: Exception) -> str:
    """Returns an error's text on one line, without addresses or paths, short."""
    text = " ".join(str(error).split())
    return text[:200] if text and "<" not in text else type(error).__name__
