"""Jobs: calls that the service makes when it can, kept until they are done, whatever ends in between."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ..errors import OVER_CAPACITY, CallError
from ..settings import Settings
from .database import Database, lock
from .errors import Refused, not_found
from .libraries import changed, new_id
from .tables import Answered, Job
from .uploads import DAY

QUEUED, RUNNING, DONE, FAILED, CANCELLED_STATE = "queued", "running", "done", "failed", "cancelled"
STATES = (QUEUED, RUNNING, DONE, FAILED, CANCELLED_STATE)
FINAL = frozenset({DONE, FAILED, CANCELLED_STATE})

IN_FLIGHT = 10.0
"""Seconds that a request has its key: should the service die meanwhile, a repeat waits for so long."""

ABANDONED = "job_abandoned"


@dataclass(frozen=True)
class Asked:
    """A call that is asked for: function, options, and the digests of each input's buffers."""

    function: str
    options: Mapping[str, Any]
    inputs: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Told:
    """What is known of a job.

    Attributes:
        id: in addresses.
        library: whose it is.
        asked: the call.
        state: one of `STATES`.
        created, begun, ended: when, in seconds since 1970.
        attempts: how often it was begun.
        outcome: what it gave, once it is done; the problem, once it has failed.
        changed: number of its last change among those of the library.
    """

    id: str
    library: str
    asked: Asked
    state: str
    created: float
    begun: float | None
    ended: float | None
    attempts: int
    outcome: Mapping[str, Any] | None
    changed: int


@dataclass(frozen=True)
class Claim:
    """A request's hold on its idempotency key.

    Attributes:
        token: whose it is now; None: the key has been answered.
        fingerprint, job: of the request that was, and its job.
    """

    token: str | None
    fingerprint: str | None = None
    job: str | None = None


class Jobs:
    """The queue that all processes share.

    Whoever takes a job has it for the length of a lease, and asks for more while it works. A job whose lease
    is over, because its process is no more, is taken by another, so many times.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    # Requests

    def claim(self, library: str, key: str) -> Claim:
        """Takes a key for a request, or tells that it was answered.

        Raises:
            Refused: idempotency_in_flight, while another request has it.
        """
        now, token = time.time(), new_id()
        with self._database.writing() as session:
            lock(session, f"{library} {key}")
            found = session.get(Answered, (library, key))
            if found is None:
                session.add(Answered(library_id=library, key=key, token=token, until=now + IN_FLIGHT))
            elif found.job_id is not None:
                return Claim(None, found.fingerprint, found.job_id)
            elif found.until > now:
                wait = max(1, round(found.until - now))
                text = "a request with this Idempotency-Key is not answered yet"
                raise Refused(
                    "idempotency_in_flight", text, headers={"Retry-After": str(wait)}, retry_after=wait
                )
            else:
                found.token, found.until = token, now + IN_FLIGHT
        return Claim(token)

    def release(self, library: str, key: str, token: str) -> None:
        """Gives a key back that had no effect."""
        with self._database.writing() as session:
            session.execute(
                delete(Answered).where(
                    Answered.library_id == library,
                    Answered.key == key,
                    Answered.token == token,
                    Answered.job_id.is_(None),
                )
            )

    def submit(self, library: str, key: str, token: str, fingerprint: str, asked: Asked) -> Told:
        """Puts a job into the queue; from then on its key stands for it. Both happen or neither.

        Args:
            library: whose it is.
            key: of the request.
            token: of the claim.
            fingerprint: of the request's body.
            asked: the call.

        Raises:
            Refused: idempotency_in_flight, where another request has taken the key over meanwhile.
            CallError: over_capacity, where the queue is full.
        """
        job = Job(
            id=new_id(),
            library_id=library,
            function=asked.function,
            options=json.dumps(dict(asked.options)),
            inputs=json.dumps({name: list(digests) for name, digests in asked.inputs.items()}),
            state=QUEUED,
            created=time.time(),
            due=0.0,
            attempts=0,
            is_cancelled=False,
        )
        with self._database.writing() as session:
            lock(session, "jobs")
            waiting = session.scalar(select(func.count()).where(Job.state.in_((QUEUED, RUNNING)))) or 0
            if waiting >= self._settings.job_queue:
                raise CallError(
                    OVER_CAPACITY, f"{waiting} jobs wait or run, the most there may be", retry_after=5
                )
            job.changed = changed(session, library)
            session.add(job)
            session.flush()
            held = session.execute(
                update(Answered)
                .where(Answered.library_id == library, Answered.key == key, Answered.token == token)
                .values(job_id=job.id, fingerprint=fingerprint)
                .returning(Answered.key)
            ).scalar()
            if held is None:
                raise Refused("idempotency_in_flight", "another request has taken this Idempotency-Key over")
        return _told(job)

    def get(self, library: str, job: str) -> Told:
        """Returns what is known of a job.

        Raises:
            Refused: not_found.
        """
        with self._database.reading() as session:
            found = session.get(Job, job)
            if found is None or found.library_id != library:
                raise not_found("job")
            return _told(found)

    def since(self, library: str, change: int, most: int) -> list[Told]:
        """Returns the jobs of a library that changed after its change of that number, in their order."""
        with self._database.reading() as session:
            query = (
                select(Job)
                .where(Job.library_id == library, Job.changed > change)
                .order_by(Job.changed)
                .limit(most)
            )
            return [_told(job) for job in session.scalars(query)]

    def cancel(self, library: str, job: str) -> None:
        """Has a job not be done; one that runs is stopped soon, one that has ended stays as it is.

        Raises:
            Refused: not_found.
        """
        with self._database.writing() as session:
            found = session.get(Job, job, with_for_update=True)
            if found is None or found.library_id != library:
                raise not_found("job")
            if found.state == QUEUED:
                _end(session, found, CANCELLED_STATE, None)
            elif found.state == RUNNING:
                found.is_cancelled = True

    # Whoever does them

    def take(self, owner: str) -> Told | None:
        """Takes the job that waits for longest, for the length of a lease; None where there is none.

        Args:
            owner: who takes it: a name for the process.
        """
        now = time.time()
        can_be_had = or_(
            and_(Job.state == QUEUED, Job.due <= now), and_(Job.state == RUNNING, Job.lease < now)
        )
        # A look disturbs nobody, a writing transaction does.
        with self._database.reading() as session:
            if session.scalar(select(Job.id).where(can_be_had).limit(1)) is None:
                return None
        # PostgreSQL passes over those that others are just taking; with SQLite nobody else writes now.
        first = (
            select(Job.id).where(can_be_had).order_by(Job.created).limit(1).with_for_update(skip_locked=True)
        )
        with self._database.writing() as session:
            job = session.scalars(
                update(Job)
                .where(Job.id == first.scalar_subquery())
                .values(
                    state=RUNNING,
                    owner=owner,
                    lease=now + self._settings.job_lease,
                    begun=now,
                    attempts=Job.attempts + 1,
                )
                .returning(Job)
            ).first()
            if job is None:
                return None
            if job.is_cancelled:
                _end(session, job, CANCELLED_STATE, None)
                return None
            if job.attempts > self._settings.job_attempts:
                most = self._settings.job_attempts
                text = f"the service ended {most} times while it did this job, which is not tried again"
                _end(session, job, FAILED, {"code": ABANDONED, "detail": text})
                return None
            job.changed = changed(session, job.library_id)
            return _told(job)

    def renew(self, job: str, owner: str) -> bool | None:
        """Asks for another lease; returns whether the job is to go on, None where it is another's by now."""
        with self._database.writing() as session:
            cancelled = session.execute(
                update(Job)
                .where(Job.id == job, Job.owner == owner, Job.state == RUNNING)
                .values(lease=time.time() + self._settings.job_lease)
                .returning(Job.is_cancelled)
            ).scalar()
        return None if cancelled is None else not cancelled

    def cancelled(self, jobs: Sequence[str]) -> set[str]:
        """Returns which of some jobs are cancelled or are no more."""
        with self._database.reading() as session:
            going = session.scalars(select(Job.id).where(Job.id.in_(jobs), Job.is_cancelled.is_(False))).all()
        return set(jobs) - set(going)

    def finish(self, job: Told, owner: str, state: str, outcome: Mapping[str, Any] | None) -> bool:
        """Ends a job; returns whether it was still this owner's.

        Args:
            job: as it was taken.
            owner: who took it.
            state: `DONE`, `FAILED` or `CANCELLED_STATE`.
            outcome: what it gave, or its problem.
        """
        with self._database.writing() as session:
            found = self._own(session, job, owner)
            if found is not None:
                _end(session, found, state, outcome)
        return found is not None

    def give_back(self, job: Told, owner: str, seconds: float) -> None:
        """Puts a job back that was not really tried; it is taken again after so many seconds."""
        with self._database.writing() as session:
            found = self._own(session, job, owner)
            if found is not None:
                found.state, found.due, found.owner = QUEUED, time.time() + seconds, None
                found.attempts -= 1
                found.changed = changed(session, found.library_id)

    def sweep(self) -> None:
        """Forgets jobs, and the keys of their requests, that ended long ago."""
        oldest = time.time() - self._settings.job_days * DAY
        with self._database.writing() as session:
            session.execute(delete(Job).where(Job.ended < oldest))
            session.execute(delete(Answered).where(Answered.job_id.is_(None), Answered.until < oldest))

    def _own(self, session: Session, job: Told, owner: str) -> Job | None:
        query = select(Job).where(
            Job.id == job.id, Job.owner == owner, Job.state == RUNNING, Job.attempts == job.attempts
        )
        return session.scalars(query.with_for_update()).first()


def _end(session: Session, job: Job, state: str, outcome: Mapping[str, Any] | None) -> None:
    job.state, job.ended, job.owner = state, time.time(), None
    job.outcome = json.dumps(dict(outcome)) if outcome is not None else None
    job.changed = changed(session, job.library_id)


def _told(job: Job) -> Told:
    asked = Asked(job.function, json.loads(job.options), json.loads(job.inputs))
    outcome = json.loads(job.outcome) if job.outcome is not None else None
    return Told(
        job.id,
        job.library_id,
        asked,
        job.state,
        job.created,
        job.begun,
        job.ended,
        job.attempts,
        outcome,
        job.changed,
    )
