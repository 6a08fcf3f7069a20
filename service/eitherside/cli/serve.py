"""The command that runs the service, by gunicorn."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from ..settings import PREFIX, Settings
from .context import Context, given_settings, settings_flags
from .failure import told


@click.command("serve")
@settings_flags
@click.option("--json", "as_json", is_flag=True, help="Write the log, and errors, as lines of JSON.")
@click.pass_obj
def serve_command(context: Context, /, as_json: bool, **arguments: Any) -> None:
    """Runs the service and the viewer until it is stopped.

    One process is the default, and rarely too few: calls compute in threads outside Python's lock, and only
    in one process are queue and memory budget those of the whole service. With more, each gets its share.
    SIGTERM ends it when running requests are done.
    """
    with told():
        context = Context({**context.given, **given_settings(arguments)})
        settings = context.settings
        # Read here so that a missing module is an error now and not one of each worker.
        _ = context.module
        environment = os.environ | environment_of(settings)
        sys.stdout.flush()
        # The command becomes the server, so signals reach it; no shell is wanted.
        command = [sys.executable, "-m", "gunicorn", *gunicorn_arguments(settings)]
        if as_json:
            command.append("--logger-class=eitherside.cli.log.JsonLogger")
        os.execve(sys.executable, command, environment)


def environment_of(settings: Settings) -> dict[str, str]:
    """Returns the environment variables that say what `settings` say."""
    found = {}
    for name, value in settings.model_dump(exclude_none=True, exclude_defaults=True).items():
        found[PREFIX + name.upper()] = (
            json.dumps(value) if isinstance(value, dict | list | bool) else str(value)
        )
    return found


def gunicorn_arguments(settings: Settings) -> list[str]:
    """Returns gunicorn's arguments for `settings`."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    longest = settings.queue_time + settings.time_limit
    arguments = [
        "eitherside.cli.worker:application()",
        "--config=python:eitherside.cli.worker",
        f"--bind={host}:{settings.port}",
        f"--workers={settings.workers}",
        "--worker-class=gthread",
        f"--threads={settings.connections}",
        # A thread that answers no heartbeat is stuck for good; calls end by their own limits long before.
        "--timeout=120",
        f"--graceful-timeout={int(longest) + 5}",
        "--keep-alive=15",
        f"--log-level={settings.log_level}",
        "--no-control-socket",
    ]
    # gunicorn's own advice: the heartbeat must not wait for a disk.
    if Path("/dev/shm").is_dir():
        arguments.append("--worker-tmp-dir=/dev/shm")
    if settings.log_level in ("debug", "info"):
        arguments.append("--access-logfile=-")
    return arguments
