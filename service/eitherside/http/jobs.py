"""``/v1/jobs``: calls that the service makes when it can, of inputs that a library has.

The header ``Idempotency-Key`` is that of the Internet-Draft draft-ietf-httpapi-idempotency-key-header-07. A
key belongs to a library. It stands for the job that its request made for as long as the job is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from flask import Response, request

from ..store.errors import Refused
from . import access, blobs, body, calls, events, libraries, problems
from .description import dump
from .endpoints import Endpoint
from .mounting import prefix
from .options import from_json, pointer
from .problems import Problem
from .state import Service

if TYPE_CHECKING:
    from ..store.jobs import Asked, Told

KEY = "Idempotency-Key"
KEY_PATTERN = '^"[ !#-\\[\\]-~]{1,255}"$'
MOST_BYTES = 1 << 20
"""Largest body of a request for a job."""

_KEY = re.compile(r' *"([ !#-\[\]-~]{1,255})" *\Z')
_MOST_INPUTS = 1000
_SECONDS = 5.0
_MEMBERS = frozenset({"function", "options", "inputs"})
_DIGEST = re.compile(blobs.DIGEST_PATTERN)


def submit(service: Service) -> Response:
    """Puts a job into the queue, once for each key.

    Raises:
        Problem: idempotency_key_missing, idempotency_key_reused; bad_request, bad_option, bad_input,
            not_allowed.
        Refused: idempotency_in_flight.
        CallError: over_capacity.
    """
    library = access.library(service)
    jobs = service.store.jobs
    key = _key()
    claim = jobs.claim(library, key)
    if claim.token is None:
        _, fingerprint = _body(service)
        if fingerprint != claim.fingerprint or claim.job is None:
            text = f"another request had this {KEY}; a new request needs a new one"
            raise Problem("idempotency_key_reused", text)
        return _accepted(service, jobs.get(library, claim.job))
    try:
        data, fingerprint = _body(service)
        asked = _asked(service, library, data)
        job = jobs.submit(library, key, claim.token, fingerprint, asked)
    except BaseException:
        # There was no effect, so the key may come again, with whatever is right.
        jobs.release(library, key, claim.token)
        raise
    service.runner.wake()
    return _accepted(service, job)


def tell(service: Service, job: str) -> Response:
    """Tells how a job is."""
    library = access.library(service)
    return libraries.private(dump(document(service, service.store.jobs.get(library, job))))


def cancel(service: Service, job: str) -> Response:
    """Cancels a job; one that has ended stays as it is."""
    service.store.jobs.cancel(access.library(service), job)
    return libraries.nothing()


def listen(service: Service, job: str) -> Response:
    """Tells each change of a job until it has ended."""
    library = access.library(service)
    store, place = service.store, prefix()
    store.jobs.get(library, job)

    def since(seen: int) -> events.Batch:
        change = store.libraries.facts(library).changes
        found = store.jobs.get(library, job)
        # It may have changed between the two looks.
        change = max(change, found.changed)
        made = [event(service, found, place)] if found.changed > seen else []
        return events.Batch(change, made, found.ended is not None)

    return events.response(service, library, events.last_change() or -1, since)


def event(service: Service, job: Told, place: str) -> events.Event:
    """Returns the event that tells how a job is; `place` is the path that the application is under."""
    return events.Event("job", document(service, job, place), job.changed)


def document(service: Service, job: Told, place: str | None = None) -> dict[str, Any]:
    """Returns what is told of a job."""
    at = prefix() if place is None else place
    found: dict[str, Any] = {
        "id": job.id,
        "url": f"{at}/v1/jobs/{job.id}",
        "state": job.state,
        "function": job.asked.function,
        "options": dict(job.asked.options),
        "inputs": dict(job.asked.inputs),
        "created": job.created,
        "begun": job.begun,
        "ended": job.ended,
        "attempts": job.attempts,
        "change": job.changed,
    }
    if job.outcome is not None and "code" in job.outcome:
        found["problem"] = problems.kept(job.outcome, service.interface, at)
    elif job.outcome is not None:
        outputs = [
            {**item, "url": f"{at}/v1/libraries/{job.library}/blobs/{item['sha256']}"}
            for item in job.outcome["outputs"]
        ]
        found |= {**job.outcome, "outputs": outputs}
    return found


def _accepted(service: Service, job: Told) -> Response:
    response = libraries.private(dump(document(service, job)), 202)
    response.headers["Location"] = f"{prefix()}/v1/jobs/{job.id}"
    return response


def _key() -> str:
    given = request.headers.get(KEY)
    found = _KEY.match(given or "")
    if found is None:
        wrong = "is no string of 1 to 255 characters in quotation marks" if given else "is missing"
        text = f"the header {KEY} {wrong}: each request for a job needs one of its own, chosen at random"
        raise Problem("idempotency_key_missing", text)
    return found[1]


def _body(service: Service) -> tuple[bytes, str]:
    """Returns the request's body, and its SHA-256, which tells one request from another."""
    lease = service.budget.lease()
    try:
        seconds = min(_SECONDS, service.settings.body_time)
        data, _ = body.read(MOST_BYTES, seconds, lease, lambda: False)
        return bytes(data), hashlib.sha256(data).hexdigest()
    finally:
        lease.release()


def _asked(service: Service, library: str, data: bytes) -> Asked:
    from ..store.jobs import Asked

    found = from_json(data, "the body")
    if unknown := set(found) - _MEMBERS:
        raise Problem("bad_request", f"the body has an unknown member {json.dumps(min(unknown)[:80])}")
    name, options, inputs = found.get("function"), found.get("options", {}), found.get("inputs", {})
    endpoint = service.endpoints.get(name) if isinstance(name, str) else None
    if endpoint is None:
        known = ", ".join(service.endpoints)
        raise Problem("bad_request", f"the member function must be one of {known}")
    if not isinstance(options, dict) or not isinstance(inputs, dict):
        raise Problem("bad_request", "the members options and inputs must be objects")
    calls.check_allowed(service, endpoint, options)
    _check_format(endpoint, options)
    return Asked(endpoint.name, options, _inputs(service, library, endpoint, inputs))


def _check_format(endpoint: Endpoint, options: dict[str, object]) -> None:
    # There is no Accept that could choose it: the answer to this request is another one.
    option = endpoint.format_option
    if option is None or option in options or "default" in endpoint.function.properties[option]:
        return
    names = ", ".join(item.name for item in endpoint.formats)
    raise Problem(
        "bad_option", f"the option {option} is missing: give one of {names}", option=pointer(option)
    )


def _inputs(
    service: Service, library: str, endpoint: Endpoint, given: dict[str, object]
) -> dict[str, list[str]]:
    known = {item.name: item for item in endpoint.function.inputs}
    found: dict[str, list[str]] = {}
    for name, value in given.items():
        if name not in known:
            shown = json.dumps(name[:80])
            raise Problem(
                "bad_input", f"{endpoint.name} has no input {shown}; its inputs: {', '.join(known)}"
            )
        digests: list[Any] = value if isinstance(value, list) else [value]
        if len(digests) > (_MOST_INPUTS if known[name].repeated else 1):
            raise Problem("bad_input", f"the input {name} has too many buffers", input=name)
        for digest in digests:
            _check_held(service, library, name, digest)
        if digests:
            found[name] = digests
    for name, item in known.items():
        if not item.optional and name not in found:
            raise Problem("bad_input", f"the input {name} is missing", input=name)
    return found


def _check_held(service: Service, library: str, name: str, digest: object) -> None:
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise Problem(
            "bad_input", f"the input {name} is not the SHA-256 of a blob, in hexadecimal", input=name
        )
    try:
        service.store.contents.get(library, digest)
    except Refused:
        raise Problem("bad_input", f"the library has no blob {digest}", input=name) from None
