"""Brings a database up to date by the migrations of this package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from .errors import Unavailable

# Needed once for each version of the service; it takes longer to load than all else here.
if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).with_name("migrations")


def configuration(connection: Connection) -> Config:
    """Returns what Alembic's commands need to work on the database of `connection`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Runs the migrations that the database lacks, in the transaction of `connection`.

    Raises:
        Unavailable: it is of a later version than this service.
    """
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise Unavailable("the database is of a later version of the service") from error
