"""What gunicorn does in each of its processes: `eitherside serve` names this file as its configuration."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from ..errors import EithersideError


def post_worker_init(worker: Any) -> None:
    """Sends the package's messages where gunicorn's go, and compiles the module before somebody waits."""
    logger = logging.getLogger("eitherside")
    logger.handlers = worker.log.error_log.handlers
    logger.setLevel(worker.log.error_log.level)
    threading.Thread(target=_compile, args=(worker,), name="eitherside-start", daemon=True).start()


def _compile(worker: Any) -> None:
    host = worker.wsgi.extensions["eitherside"].host
    began = time.monotonic()
    try:
        host.start()
    except EithersideError as error:
        # Every call will say so too, and so does /readyz.
        worker.log.error("The service cannot compute: %s", error)  # noqa: TRY400
    else:
        worker.log.info("Ready: the module was loaded in %.1f s", time.monotonic() - began)
