"""A service whose data a test can look at, and put back to what they were."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from libraries.live import Live

DATABASE = "eitherside.sqlite3"


class Stored(Live):
    """A real service on a folder, with a library in it."""

    def __init__(self, folder: Path, **settings: object) -> None:
        """Starts it."""
        self.folder = folder
        super().__init__({"data_dir": folder, "pillow": False, "threads": 2, **settings})

    def own(self, remote: Mapping[str, str]) -> None:
        """Has all requests be about a client's library from now on."""
        self.id, self.key = remote["id"], remote["key"]
        self.url = f"/v1/libraries/{self.id}"

    def blobs(self) -> int:
        """How many files the library has, unfinished uploads included."""
        return int(self.ask("GET", self.url).json["blobs"])

    def jobs(self) -> list[str]:
        """The key of each job that the library has, one for each job."""
        query = (
            "SELECT answered.key FROM jobs LEFT JOIN answered ON answered.job_id = jobs.id"
            " WHERE jobs.library_id = ?"
        )
        with closing(sqlite3.connect(self.folder / DATABASE)) as database:
            return [str(key) for (key,) in database.execute(query, (self.id,))]

    @contextmanager
    def backup(self) -> Iterator[None]:
        """Puts database and files back, at the end, to what they are at the beginning."""
        saved = self.save()
        yield
        self.kill()
        self.restore(saved)
        self.start()

    def save(self) -> Path:
        """Copies database and files, in this order, while the service runs or not; returns the folder."""
        saved = Path(tempfile.mkdtemp(dir=self.folder.parent))
        names = (self.folder / DATABASE, saved / DATABASE)
        with closing(sqlite3.connect(names[0])) as source, closing(sqlite3.connect(names[1])) as target:
            source.backup(target)
        shutil.copytree(self.folder / "blobs", saved / "blobs")
        return saved

    def restore(self, saved: Path) -> None:
        """Puts a copy in the place of the data of a service that does not run."""
        shutil.rmtree(self.folder)
        saved.rename(self.folder)
