"""The client library, driven from Python."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from .waiting import until

CONNECT = Path(__file__).with_name("driver.js").read_text()


@dataclass(frozen=True)
class Noise:
    """An input of so many bytes that the page makes up: megabytes that no test has to send there."""

    length: int


Given = bytes | Noise


class Client:
    """A connection of the client library in a page; calls that name no place run locally."""

    def __init__(self, page: Page, **options: object) -> None:
        self.page = page
        page.evaluate(CONNECT, {"place": "local", **options})

    def call(
        self,
        fn: str,
        *inputs: Given | Sequence[Given],
        options: Mapping[str, object] | None = None,
        **settings: object,
    ) -> dict[str, Any]:
        """Makes a call and waits: its fields and the types and lengths of its buffers, or its error."""
        outcome: dict[str, Any] = self.page.evaluate(
            "([fn, inputs, options, settings]) => driver.call(fn, inputs, options, settings)",
            [fn, texts(inputs), options or {}, settings],
        )
        return outcome

    def start(
        self,
        key: str,
        fn: str,
        *inputs: Given | Sequence[Given],
        options: Mapping[str, object] | None = None,
        **settings: object,
    ) -> None:
        """Begins a call that `outcome` waits for."""
        self.page.evaluate(
            "([key, fn, inputs, options, settings]) => driver.start(key, fn, inputs, options, settings)",
            [key, fn, texts(inputs), options or {}, settings],
        )

    def until(self, key: str, stage: str) -> None:
        """Waits until a call that was begun has come to a stage."""
        until(self.page, "([key, stage]) => driver.stages[key].includes(stage)", arg=[key, stage])

    def abort(self, key: str) -> None:
        """Aborts a call that was begun."""
        self.page.evaluate("(key) => driver.controllers[key].abort()", key)

    def outcome(self, key: str) -> dict[str, Any]:
        """Waits for a call that was begun."""
        until(self.page, "(key) => key in driver.outcomes", arg=key, seconds=120)
        outcome: dict[str, Any] = self.page.evaluate("(key) => driver.outcomes[key]", key)
        return outcome

    def digests(
        self,
        fn: str,
        *inputs: Given | Sequence[Given],
        options: Mapping[str, object] | None = None,
        **settings: object,
    ) -> dict[str, list[str]]:
        """Makes a call: the SHA-256 of each output buffer, by output."""
        outcome = self.call(fn, *inputs, options=options, digest=True, **settings)
        assert "error" not in outcome, outcome["error"]
        outputs = outcome["fields"]["provenance"]["outputs"]
        return {name: [each["sha256"] for each in buffers] for name, buffers in outputs.items() if buffers}


def texts(inputs: Sequence[Given | Sequence[Given]]) -> list[object]:
    return [_given(each) if isinstance(each, Given) else [_given(one) for one in each] for each in inputs]


def _given(data: Given) -> str | dict[str, int]:
    return {"noise": data.length} if isinstance(data, Noise) else text(data)


def text(data: bytes) -> str:
    """Bytes as the driver's `bytes` reads them."""
    return base64.b64encode(data).decode()
