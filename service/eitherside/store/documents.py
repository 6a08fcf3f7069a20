"""Yjs documents of libraries: kept as the updates that made them, joined from time to time."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..settings import Settings
from ..yjs.process import Died, Process
from .database import Database, lock
from .errors import Refused, Unavailable
from .libraries import changed, charge
from .tables import Document, DocumentUpdate

log = logging.getLogger(__name__)

MOST_HELD = 64
"""Documents that the process holds at once."""

MOST_UPDATES = 100
"""Updates of a document after which they are joined into one."""

_LEAST_GROWTH = 1 << 16
"""Bytes of updates up to which they are left alone, if they are few."""


@dataclass(frozen=True)
class Named:
    """A document: its name, and the number of its last change among those of the library."""

    name: str
    changed: int


@dataclass(frozen=True)
class _Stored:
    """What is stored of a document beyond what the process has: how far it goes, and whether it is all."""

    number: int
    is_all: bool
    updates: Sequence[bytes]


class Documents:
    """The documents of all libraries.

    An update is first tried in a process of its own, and stored as what it changed there. So what is stored
    can be applied, and what a client sends twice is stored once.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._process = Process(int(settings.sync_memory), settings.sync_time)
        # How far the process has each document; oldest use first.
        self._held: OrderedDict[str, int] = OrderedDict()

    def close(self) -> None:
        """Ends the process."""
        with self._process.lock:
            self._process.close()

    def since(self, library: str, change: int, most: int) -> list[Named]:
        """Returns the documents of a library that changed after its change of that number, in their order."""
        with self._database.reading() as session:
            query = (
                select(Document.name, Document.changed)
                .where(Document.library_id == library, Document.changed > change)
                .order_by(Document.changed)
                .limit(most)
            )
            return [Named(row.name, row.changed) for row in session.execute(query)]

    def sync(self, library: str, name: str, body: bytes) -> bytes:
        """Takes messages of y-protocols/sync and returns those that answer them.

        Args:
            library: whose document it is.
            name: of the document, which need not be there yet.
            body: messages: state vectors (step 1), and updates (step 2 or update).

        Returns:
            For each state vector what it lacks (step 2); at last the service's own state vector (step 1).

        Raises:
            Refused: bad_update; update_gap, where an update builds on others that are not here; library_full;
                document_full.
            Unavailable: the document cannot be had.
        """
        key = f"{library}/{name}"
        with self._process.lock:
            self._load(library, name, key)
            try:
                head, parts = self._process.ask({"do": "sync", "document": key}, body)
            except Died:
                self._held.clear()
                raise Refused("bad_update", "the update takes too much time, memory or depth") from None
        if "error" in head:
            self._held.pop(key, None)
            raise Refused(head["error"], head["message"])
        answer, made = parts
        if made:
            try:
                is_long = self._store(library, name, made)
            except BaseException:
                self._forget(key)
                raise
            if is_long:
                self._join(library, name, key)
        return answer

    def _load(self, library: str, name: str, key: str) -> None:
        """Has the process hold a document as far as it is stored."""
        if not self._process.is_running:
            self._held.clear()
        stored = self._stored(library, name, self._held.get(key))
        head = {
            "do": "load",
            "document": key,
            "fresh": stored.is_all,
            "sizes": [len(data) for data in stored.updates],
        }
        try:
            told, _ = self._process.ask(head, b"".join(stored.updates))
        except Died:
            self._held.clear()
            raise Unavailable("the document cannot be loaded") from None
        if "error" in told:
            raise Unavailable(f"the document cannot be loaded: {told['message']}")
        if told.get("refused"):
            log.error("%s updates of the document %s cannot be applied", told["refused"], key)
        self._held[key] = stored.number
        self._held.move_to_end(key)
        while len(self._held) > MOST_HELD:
            oldest, _ = self._held.popitem(last=False)
            self._process.ask({"do": "forget", "document": oldest})

    def _stored(self, library: str, name: str, known: int | None) -> _Stored:
        with self._database.reading() as session:
            found = session.scalars(
                select(Document).where(Document.library_id == library, Document.name == name)
            ).first()
            if found is None:
                return _Stored(0, True, [])
            is_all = known is None or known < found.joined
            start = found.joined if is_all or known is None else known
            updates = session.scalars(
                select(DocumentUpdate.data)
                .where(DocumentUpdate.document_id == found.id, DocumentUpdate.number > start)
                .order_by(DocumentUpdate.number)
            ).all()
            whole = [found.snapshot] if is_all and found.snapshot else []
            return _Stored(found.number, is_all, [*whole, *updates])

    def _store(self, library: str, name: str, data: bytes) -> bool:
        """Adds an update to what is stored; returns whether there are many by now."""
        with self._database.writing() as session:
            lock(session, f"{library} {name}")
            found = session.scalars(
                select(Document).where(Document.library_id == library, Document.name == name)
            ).first() or self._new(session, library, name)
            charge(session, library, self._settings, len(data))
            most = int(self._settings.document_bytes)
            if found.size + len(data) > most:
                raise Refused("document_full", f"the document would have more than {most} bytes", limit=most)
            found.number += 1
            found.size += len(data)
            found.changed = changed(session, library)
            session.add(DocumentUpdate(document_id=found.id, number=found.number, data=data))
            grown = found.size - found.snapshot_size
            return found.number - found.joined > MOST_UPDATES or grown > max(
                _LEAST_GROWTH, found.snapshot_size
            )

    def _new(self, session: Session, library: str, name: str) -> Document:
        most = self._settings.library_documents
        count = session.scalar(select(func.count()).where(Document.library_id == library)) or 0
        if count >= most:
            raise Refused("library_full", f"the library has {most} documents, its most", limit=most)
        made = Document(library_id=library, name=name, number=0, joined=0, snapshot_size=0, size=0, changed=0)
        session.add(made)
        session.flush()
        return made

    def _join(self, library: str, name: str, key: str) -> None:
        """Replaces the updates of a document by one, in which what was deleted takes next to no room."""
        with self._process.lock:
            self._load(library, name, key)
            until = self._held[key]
            try:
                _, (snapshot,) = self._process.ask({"do": "snapshot", "document": key})
            except Died:
                self._held.clear()
                return
        with self._database.writing() as session:
            lock(session, f"{library} {name}")
            found = session.scalars(
                select(Document).where(Document.library_id == library, Document.name == name)
            ).first()
            if found is None or found.joined >= until:
                return
            session.execute(
                delete(DocumentUpdate).where(
                    DocumentUpdate.document_id == found.id, DocumentUpdate.number <= until
                )
            )
            left = session.scalar(
                select(func.coalesce(func.sum(func.length(DocumentUpdate.data)), 0)).where(
                    DocumentUpdate.document_id == found.id
                )
            )
            size = len(snapshot) + int(left or 0)
            grown = size - found.size
            found.snapshot, found.snapshot_size, found.joined, found.size = (
                snapshot,
                len(snapshot),
                until,
                size,
            )
            # Growing by a few bytes is no reason to refuse what is stored already.
            charge(session, library, self._settings, grown, force=True)

    def _forget(self, key: str) -> None:
        """Has the process not hold a document any more: it may have what was not stored."""
        with self._process.lock:
            self._held.pop(key, None)
            if self._process.is_running:
                try:
                    self._process.ask({"do": "forget", "document": key})
                except Died:
                    self._held.clear()
