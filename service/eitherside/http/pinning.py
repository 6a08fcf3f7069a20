"""``Eitherside-Module`` in a request: the module that the client holds."""

from __future__ import annotations

import re

from flask import request

from . import description
from .mounting import prefix
from .problems import Problem
from .state import Service

HEADER = "Eitherside-Module"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def check(service: Service) -> None:
    """Holds the client's module against the service's.

    Raises:
        Problem: bad_request, the header is no SHA-256; other_module, it is another's.
    """
    named = request.headers.get(HEADER)
    if named is None or named == service.module.sha256:
        return
    if not _SHA256.match(named):
        raise Problem("bad_request", f"the header {HEADER} is not a SHA-256 in lower-case hexadecimal")
    detail = f"the service runs another module, {service.module.sha256}; nothing was read or computed"
    raise Problem("other_module", detail, module=description.module(service, prefix()))
