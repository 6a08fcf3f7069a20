"""What is kept of a call's answer, and the file that it is kept in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import rfc8785

from eitherside.engines import Reply
from eitherside.files import write_atomically

PATH = Path(__file__).with_name("golden.json")

Outcome = dict[str, Any]


def outcome(replies: Sequence[Reply]) -> Outcome:
    """Returns what is kept of an answer: SHA-256 of the result and of each output, or the failure.

    The result is hashed as canonical JSON (RFC 8785), so that no engine's way to write numbers is in it. Of a
    pushed call the results are hashed as a list, and the outputs of all replies follow each other.
    """
    last = replies[-1]
    results = [dict(reply.result) for reply in replies if reply.failure is None]
    found: Outcome = {}
    if len(replies) > 1:
        found["replies"] = len(replies)
    if results:
        found["result"] = sha256(rfc8785.dumps(results if len(replies) > 1 else results[0]))
    # By name: hosts give the buffers of one output in order, not those of several.
    outputs = [
        f"{name} {sha256(data)}"
        for reply in replies
        for name, data in sorted(reply.outputs, key=lambda output: output[0])
    ]
    if outputs:
        found["outputs"] = outputs
    if last.failure is not None:
        found["failure"] = {key: value for key, value in asdict(last.failure).items() if value is not None}
    return found


def sha256(data: bytes) -> str:
    """Returns the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def load() -> dict[str, Outcome]:
    """Returns the golden values by the ids of their entries."""
    found: dict[str, Outcome] = json.loads(PATH.read_text())["entries"]
    return found


def save(entries: Mapping[str, Outcome], module: str) -> None:
    """Writes the golden values, a line for each entry."""
    lines = [f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items()]
    text = f'{{\n  "module": "{module}",\n  "entries": {{\n' + ",\n".join(lines) + "\n  }\n}\n"
    write_atomically(PATH, [text.encode()])
