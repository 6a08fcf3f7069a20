"""The viewer, served to this machine until its page is gone."""

from __future__ import annotations

import signal
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from ..http import create_app
from ..http.opened import Opened, OpenedFile
from ..http.state import Service
from .context import Context

_HOST = "127.0.0.1"
_LOOK = 0.25


class _Quiet(WSGIRequestHandler):
    """Answers requests without a line about each."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing."""


class Viewing:
    """A server on a free port of the loopback.

    Attributes:
        url: what to open.
    """

    def __init__(self, context: Context, files: Sequence[OpenedFile], idle: float) -> None:
        """Makes the server; `run` has it answer.

        Args:
            context: the settings.
            files: what the viewer opens.
            idle: seconds after which it ends once no page is there; 0: never.

        Raises:
            SettingsError, ModuleError: see `create_app`.
        """
        app = create_app(context.settings, context.module)
        self._service: Service = app.extensions["eitherside"]
        self._opened = Opened(files)
        self._opened.register(app)
        self._idle = idle
        self._server = make_server(_HOST, 0, app, threaded=True, request_handler=_Quiet)
        self.url = f"http://{_HOST}:{self._server.server_port}/?{self._opened.query()}"

    def run(self, *, opens: bool) -> None:
        """Answers until Ctrl-C or SIGTERM, or until the page is gone.

        Args:
            opens: whether a browser is asked to open the page.
        """
        ended = threading.Event()
        serving = threading.Thread(target=self._server.serve_forever, name="eitherside-view", daemon=True)
        with _stopped_by(ended):
            serving.start()
            try:
                if opens:
                    webbrowser.open(self.url)
                while not ended.wait(_LOOK):
                    if self._idle and self._opened.is_left(self._idle):
                        break
            finally:
                self._opened.close()
                self._server.shutdown()
                self._server.server_close()
                self._service.close()


@contextmanager
def _stopped_by(ended: threading.Event) -> Iterator[None]:
    """Has Ctrl-C and SIGTERM set an event."""

    def stop(number: int, frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
