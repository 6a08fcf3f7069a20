"""All that is stored, opened when it is first asked for."""

from __future__ import annotations

from ..settings import Settings
from .blobs import Blobs
from .contents import Contents
from .database import Database
from .documents import Documents
from .jobs import Jobs
from .libraries import Libraries
from .uploads import Uploads
from .watching import Watcher


class Store:
    """The database and the blobs of a service.

    Attributes:
        database: transactions.
        blobs: bytes by digest, of all libraries.
        libraries, contents, uploads, jobs, documents: what is in them.
        watcher: tells of changes.
    """

    def __init__(self, settings: Settings) -> None:
        """Opens nothing yet.

        Raises:
            SettingsError: a setting cannot be used.
        """
        self.database = Database(settings.database, settings.data_dir)
        self.blobs = Blobs(settings.blobs or str(settings.data_dir / "blobs"))
        self.libraries = Libraries(self.database, self.blobs, settings)
        self.contents = Contents(self.database, self.blobs, settings)
        self.uploads = Uploads(self.database, self.blobs, settings)
        self.jobs = Jobs(self.database, settings)
        self.documents = Documents(self.database, settings)
        self.watcher = Watcher(self.database)
        self.database.committed = self.watcher.poke

    def close(self) -> None:
        """Closes the database's connections, and ends the process of documents."""
        self.documents.close()
        self.database.close()
