"""What `Accept` asks for: the format of an output, and the shape of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from werkzeug.datastructures import MIMEAccept

from ..interface import Format
from .multipart import MEDIA_TYPE
from .problems import Problem

JSON = "application/json"


@dataclass(frozen=True)
class Shape:
    """How an answer is written: its result as JSON, one output as the body, or everything as parts."""

    kind: Literal["json", "raw", "multipart"]
    media_type: str
    output: int = 0


def choose_format(accept: MIMEAccept, formats: Sequence[Format], option: str) -> Format:
    """Returns the format that `accept` names; the client's order decides among equals.

    Raises:
        Problem: not_acceptable where the client takes none of them; bad_option where it takes several without
            naming one: which of them is meant is not ours to guess.
    """
    by_type: dict[str, Format] = {}
    for item in formats:
        by_type.setdefault(item.media_type, item)
    listed = list(by_type)
    named = [(kind.lower(), quality) for kind, quality in accept if "*" not in kind]
    wanted = [
        (quality, -place, kind)
        for place, (kind, quality) in enumerate(named)
        if quality > 0 and kind in by_type
    ]
    if wanted:
        return by_type[max(wanted)[2]]
    possible = [kind for kind in listed if not accept or accept.quality(kind) > 0]
    if len(possible) == 1:
        return by_type[possible[0]]
    names = ", ".join(item.name for item in formats)
    if possible or any(kind == MEDIA_TYPE and quality > 0 for kind, quality in named):
        detail = f"the option {option} is missing: give one of {names}, or name one media type in Accept"
        raise Problem(
            "bad_option", detail, option=f"/{option}", headers={"Vary": "Accept"}, media_types=listed
        )
    raise not_acceptable(listed)


def not_acceptable(possible: Iterable[str]) -> Problem:
    """Returns the problem of a client that takes none of the media types `possible`."""
    kinds = list(dict.fromkeys(possible))
    return Problem(
        "not_acceptable",
        f"the answer can be {', '.join(kinds)}",
        headers={"Vary": "Accept"},
        media_types=kinds,
    )


def choose_shape(accept: MIMEAccept, outputs: Sequence[str]) -> Shape:
    """Returns the shape of an answer whose output buffers have the media types `outputs`.

    Without a wish, no outputs give JSON, one gives itself, several give multipart/form-data. A media type
    named in `accept` wins over wildcards; one that just one buffer has gives that buffer.

    Raises:
        Problem: not_acceptable.
    """
    if outputs:
        single = [Shape("raw", kind, place) for place, kind in enumerate(outputs) if outputs.count(kind) == 1]
        parts = Shape("multipart", MEDIA_TYPE)
        shapes = [*single, parts] if len(outputs) == 1 else [parts, *single]
    else:
        shapes = [Shape("json", JSON), Shape("multipart", MEDIA_TYPE)]
    if not accept:
        return shapes[0]
    named = {kind.lower() for kind, quality in accept if "*" not in kind and quality > 0}
    explicit = [shape for shape in shapes if shape.media_type.lower() in named]
    candidates = explicit or [shape for shape in shapes if accept.quality(shape.media_type) > 0]
    if not candidates:
        raise not_acceptable(shape.media_type for shape in shapes)
    return max(candidates, key=lambda shape: accept.quality(shape.media_type))


def preferences(accept: MIMEAccept, possible: Iterable[str]) -> Mapping[str, list[float | bool]]:
    """Returns all that `choose_shape` may ask of `accept` about these media types."""
    if not accept:
        return {}
    named = {kind.lower() for kind, quality in accept if "*" not in kind and quality > 0}
    return {kind: [accept.quality(kind), kind.lower() in named] for kind in sorted({*possible, MEDIA_TYPE})}
