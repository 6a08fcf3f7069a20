"""The kinds of problems that only libraries have."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ErrorKind

KINDS: Mapping[str, ErrorKind] = {
    kind.code: kind
    for kind in (
        ErrorKind("upload_length", 0, "The lengths that were told of an upload do not fit", 400),
        ErrorKind("upload_complete", 0, "The upload is complete already", 400),
        ErrorKind("upload_offset", 0, "The upload goes on at another offset", 409),
        ErrorKind("idempotency_key_missing", 0, "The request has no usable Idempotency-Key", 400),
        ErrorKind("idempotency_in_flight", 0, "A request with this Idempotency-Key is not answered yet", 409),
        ErrorKind("update_gap", 0, "The update builds on others that are not there", 409),
        ErrorKind("document_full", 0, "The document is as large as it may be", 413),
        ErrorKind("library_full", 0, "The library holds as much as it may", 413),
        ErrorKind("idempotency_key_reused", 0, "Another request had this Idempotency-Key", 422),
        ErrorKind("bad_update", 0, "The messages are no update that can be taken", 422),
        ErrorKind("digest_mismatch", 0, "The bytes are not those that were announced", 422),
        ErrorKind("too_many", 0, "There were too many such requests of late", 429),
        ErrorKind("job_abandoned", 0, "The service ended too often while it did the job", 500),
        ErrorKind("storage_unavailable", 0, "What is stored cannot be used now", 503),
    )
}
