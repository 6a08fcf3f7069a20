"""How many bytes come out: the interface's prediction, or the bytes that go in, times a learned ratio."""

from __future__ import annotations

import math

from .coefficient import Book, Term
from .compute import exp
from .types import Job

_NOISE = 0.04


class Output:
    """Predicts bytes of outputs."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def predict(self, job: Job) -> float:
        """Returns the bytes that a job is expected to give."""
        base = job.bytes_in if job.bytes_out is None else job.bytes_out
        return base * exp(sum(self._book.get(term.key).mean for term in _terms(job)))

    def learn(self, job: Job, actual: float) -> None:
        """Learns from the bytes that a job gave."""
        predicted = self.predict(job)
        if predicted > 0:
            # One byte beside, so that an empty output is a number, too.
            self._book.learn(_terms(job), math.log((actual + 1) / (predicted + 1)), _NOISE, "output")


def _terms(job: Job) -> list[Term]:
    word = "outin" if job.bytes_out is None else "out"
    keys = f"{word}_function:{job.function}", f"{word}_kind:{job.function}:{job.kind}"
    return [Term(key, 1.0) for key in keys]
