"""Commands and events of an automation protocol over a WebSocket: JSON objects with an id."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .common import EngineError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

ANSWER_LIMIT = 60.0
"""Seconds that an answer to a command may take."""


class Channel:
    """A connection to a browser's automation protocol."""

    def __init__(self, url: str, heard: Callable[[dict[str, Any]], None] = lambda event: None) -> None:
        """Connects to `url`; `heard` is told every event.

        Raises:
            EngineError: there is nobody, or the package websockets is not installed.
        """
        try:
            from websockets.sync.client import connect
        except ImportError:
            raise EngineError(
                "browsers are driven with websockets: pip install 'eitherside[conformance]'"
            ) from None
        self._heard = heard
        self._next = 0
        self._stack = contextlib.ExitStack()
        # Its own process on the loopback interface: no proxy has a part in it.
        connecting = connect(url, max_size=None, proxy=None, open_timeout=10, close_timeout=1)
        try:
            self._socket: ClientConnection = self._stack.enter_context(connecting)
        except (OSError, TimeoutError) as error:
            raise EngineError(f"the browser does not answer: {error}") from None

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer.

        Raises:
            EngineError: the browser refuses it, is silent, or has hung up.
        """
        self._next += 1
        message = {"id": self._next, "method": method, "params": parameters}
        self._send(message)
        while True:
            found = self._receive(ANSWER_LIMIT)
            if found is None:
                raise EngineError(f"the browser does not answer {method}")
            if found.get("id") != self._next:
                self._heard(found)
                continue
            if "error" in found:
                told = found.get("message") or found["error"]
                raise EngineError(f"{method} failed: {told}")
            result: dict[str, Any] = found.get("result", {})
            return result

    def poll(self) -> None:
        """Hears the events that have come.

        Raises:
            EngineError: the browser has hung up.
        """
        while (found := self._receive(0)) is not None:
            self._heard(found)

    def close(self) -> None:
        """Hangs up."""
        with contextlib.suppress(OSError):
            self._stack.close()

    def _send(self, message: dict[str, Any]) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            self._socket.send(json.dumps(message))
        except (ConnectionClosed, OSError):
            raise EngineError("the browser has hung up") from None

    def _receive(self, timeout: float) -> dict[str, Any] | None:
        from websockets.exceptions import ConnectionClosed

        try:
            found = json.loads(self._socket.recv(timeout))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError):
            raise EngineError("the browser has hung up") from None
        return found if isinstance(found, dict) else None
