"""What gunicorn runs in each of its processes: `eitherside serve` names this file as its configuration."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import Any

from flask import Flask

from ..errors import EithersideError
from ..http import create_app
from ..http.shared import Shared
from ..settings import Settings

_shared: Shared | None = None

_HELD = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)


def on_starting(server: Any) -> None:
    """Makes what the workers share, in the process that starts them, before there are any."""
    # gunicorn hands nothing of ours from here to the application.
    global _shared
    _messages(server.log)
    _shared = Shared(Settings.load())
    # Made here, so that this process, which outlives the workers, removes it.
    _ = _shared.folder
    _hold_signals(os.getpid())


def application() -> Flask:
    """Returns a worker's application."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
    return create_app(shared=_shared)


def post_worker_init(worker: Any) -> None:
    """Compiles the module before somebody waits."""
    _messages(worker.log)
    # Who listens to events would hold up the end for as long as a call may take.
    worker.wsgi.extensions["eitherside"].streams.is_stopping = lambda: not worker.alive
    threading.Thread(target=_begin, args=(worker,), name="eitherside-start", daemon=True).start()


def worker_exit(server: Any, worker: Any) -> None:
    """Gives jobs back that are not done; other workers, or the next run, take them up at once."""
    # One that is told to end while it begins has none.
    loaded = getattr(worker, "wsgi", None)
    if loaded is not None:
        loaded.extensions["eitherside"].close()


def child_exit(server: Any, worker: Any) -> None:
    """Forgets the calls and the load of a worker that ended, however it did."""
    if _shared is not None:
        _shared.board.forget(worker.pid)


def on_exit(server: Any) -> None:
    """Removes what was kept."""
    if _shared is not None:
        _shared.close()


def _hold_signals(arbiter: int) -> None:
    """Lets signals to a new worker wait until it has its own handlers.

    Those it inherits from the process that started it would put them in a queue that nobody reads, and the
    worker would go on for as long as it may to end gracefully.
    """

    def mask(how: int) -> None:
        # Registered for good, but meant for the forks of one process alone.
        if os.getpid() == arbiter:
            signal.pthread_sigmask(how, _HELD)

    os.register_at_fork(
        before=lambda: mask(signal.SIG_BLOCK), after_in_parent=lambda: mask(signal.SIG_UNBLOCK)
    )


def _messages(log: Any) -> None:
    """Sends the package's messages where gunicorn's go."""
    logger = logging.getLogger("eitherside")
    logger.handlers = log.error_log.handlers
    logger.setLevel(log.error_log.level)


def _begin(worker: Any) -> None:
    service = worker.wsgi.extensions["eitherside"]
    began = time.monotonic()
    try:
        service.begin()
    except EithersideError as error:
        # Every call will say so too, and so does /readyz.
        worker.log.error("The service cannot compute: %s", error)  # noqa: TRY400
    else:
        worker.log.info("Ready: the module was loaded in %.1f s", time.monotonic() - began)
