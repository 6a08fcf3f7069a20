"""Does jobs in this process: takes them from the queue, makes their calls, keeps what they give."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import CANCELLED, OVER_CAPACITY, CallError, EithersideError
from ..store.errors import Refused, Unavailable
from ..store.jobs import CANCELLED_STATE, DONE, FAILED, Told
from . import bridge, calls, problems

if TYPE_CHECKING:
    from ..store.store import Store
    from .state import Service

log = logging.getLogger(__name__)

PERIOD = 1.0
"""Seconds between two looks at the queue, for what other processes have put there."""

_TENDING = 0.5
_SWEEPING = 600.0
_PATIENCE = 5.0


class Running:
    """A job that runs here: as it was taken, what stops it, when its lease is asked for again."""

    def __init__(self, job: Told, lease: float) -> None:
        self.job = job
        self.cancel = threading.Event()
        self.renewal = time.monotonic() + lease / 3


class Runner:
    """Threads that do jobs, and one that keeps what they have taken and looks whether it is still wanted."""

    def __init__(self, service: Service, store: Store) -> None:
        """Begins nothing yet."""
        self._service = service
        self._store = store
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}
        self._threads: list[threading.Thread] = []
        self._wake = threading.Condition()
        self._closed = threading.Event()
        self._owner = f"{socket.gethostname()[:100]}/{os.getpid()}/{secrets.token_urlsafe(9)}"

    def begin(self) -> None:
        """Starts the threads, once."""
        with self._lock:
            if self._threads or self._closed.is_set():
                return
            names = [("job", self._work)] * self._service.settings.job_threads + [("tend", self._tend)]
            self._threads = [
                threading.Thread(target=work, name=f"eitherside-{name}", daemon=True) for name, work in names
            ]
            for thread in self._threads:
                thread.start()

    def wake(self) -> None:
        """Has the threads look at the queue now."""
        self.begin()
        with self._wake:
            self._wake.notify()

    def close(self) -> None:
        """Stops running jobs, which go back into the queue, and lets the threads end."""
        self._closed.set()
        with self._wake:
            self._wake.notify_all()
        with self._lock:
            for running in self._running.values():
                running.cancel.set()
        end = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                job = self._store.jobs.take(self._owner)
                if job is not None:
                    self._do(job)
                    continue
            except Unavailable as error:
                log.warning("jobs have to wait: %s", error)
            except Exception:
                # Its lease will be over, and somebody tries again.
                log.exception("a job could not be done")
            with self._wake:
                if not self._closed.is_set():
                    self._wake.wait(PERIOD)

    def _do(self, job: Told) -> None:
        running = Running(job, self._service.settings.job_lease)
        with self._lock:
            self._running[job.id] = running
            if self._closed.is_set():
                running.cancel.set()
        try:
            state, outcome = DONE, self._called(job, running)
        except CallError as error:
            if error.kind is OVER_CAPACITY or (error.kind is CANCELLED and self._closed.is_set()):
                self._store.jobs.give_back(job, self._owner, error.retry_after or 0)
                return
            if error.kind is CANCELLED:
                state, outcome = CANCELLED_STATE, {}
            else:
                state, outcome = FAILED, {"code": error.code, **problems.facts_of(error)}
        except Refused as refused:
            state, outcome = FAILED, {"code": refused.code, "detail": refused.message, **refused.facts}
        finally:
            with self._lock:
                del self._running[job.id]
        # Where the lease was lost, another has done it, with the same outcome.
        self._store.jobs.finish(job, self._owner, state, outcome or None)

    def _called(self, job: Told, running: Running) -> Mapping[str, Any]:
        """Makes the call and keeps its outputs; returns what is told of it."""
        endpoint = self._service.endpoints.get(job.asked.function)
        if endpoint is None:
            raise Refused("bad_request", f"the service has no function {job.asked.function} any more")
        lease = self._service.budget.lease()
        try:
            inputs: calls.Inputs = {}
            for name, digests in job.asked.inputs.items():
                inputs[name] = []
                for digest in digests:
                    data = self._store.contents.read(job.library, digest)
                    lease.grow(len(data))
                    inputs[name].append(memoryview(data))
            options = dict(job.asked.options)
            chosen = bridge.plan(endpoint, options, inputs)
            try:
                found = bridge.run(self._service.host, endpoint, chosen, options, inputs, running.cancel)
            except CallError as error:
                calls.name_inputs(error, endpoint, inputs)
                raise
            lease.force(sum(len(item.data) for item in found.outputs))
            outputs = []
            for item in found.outputs:
                held = self._store.contents.put(job.library, [item.data], item.media_type)
                outputs.append(
                    {
                        "name": item.name,
                        "media_type": item.media_type,
                        "sha256": held.digest,
                        "bytes": held.size,
                    }
                )
            times = {name: round(1000 * seconds, 3) for name, seconds in found.times.items()}
            return {"result": found.result, "outputs": outputs, "memory": found.memory, "times": times}
        finally:
            lease.release()

    def _tend(self) -> None:
        sweeping = 0.0
        while not self._closed.wait(_TENDING):
            with contextlib.suppress(Unavailable):
                with self._lock:
                    running = list(self._running.values())
                if running:
                    self._keep(running)
                if time.monotonic() >= sweeping:
                    sweeping = time.monotonic() + _SWEEPING
                    self._sweep()

    def _keep(self, running: list[Running]) -> None:
        gone = self._store.jobs.cancelled([each.job.id for each in running])
        for each in running:
            if each.job.id in gone:
                each.cancel.set()
            elif time.monotonic() >= each.renewal:
                each.renewal = time.monotonic() + self._service.settings.job_lease / 3
                if self._store.jobs.renew(each.job.id, self._owner) is not True:
                    each.cancel.set()

    def _sweep(self) -> None:
        try:
            self._store.uploads.sweep()
            self._store.jobs.sweep()
        except EithersideError as error:
            log.warning("what is too old was not removed: %s", error)
