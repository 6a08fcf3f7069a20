"""gunicorn's log as lines of JSON."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from gunicorn.glogging import Logger


class JsonFormatter(logging.Formatter):
    """Writes `time` (RFC 3339), `level`, `pid`, `message`, and `error` where something was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns a record on one line."""
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "pid": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return json.dumps(found)


class JsonLogger(Logger):  # type: ignore[misc]
    """gunicorn's own logger with that format."""

    def setup(self, cfg: Any) -> None:
        """Sets gunicorn's handlers up."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(JsonFormatter())
