"""Who may see a library: whoever sends its key. To others it is not there."""

from __future__ import annotations

import re

from flask import request

from .problems import Problem
from .state import Service

HEADER = "Authorization"
ID_PATTERN = "^[A-Za-z0-9_-]{22}$"
_KEY = re.compile(r"bearer +([A-Za-z0-9_~+/.=-]{1,256})\Z", re.IGNORECASE)


def library(service: Service, name: str | None = None) -> str:
    """Returns the id of the library whose key the request has (RFC 6750, 2.1).

    Args:
        service: which has it.
        name: the id that it must have, where the address says one.

    Raises:
        Problem: not_found, also where there is no key: 401 would tell that there is something.
        Refused: not_found.
    """
    found = _KEY.match(request.headers.get(HEADER, ""))
    if found is None:
        raise Problem("not_found", "there is no such library")
    return service.store.libraries.authorised(found[1], name)
