"""Who may see a library: whoever sends its key. To others it is not there."""

from __future__ import annotations

import re

from flask import request

from .problems import Problem
from .state import Service

HEADER = "Authorization"
ID_PATTERN = "^[A-Za-z0-9_-]{22}$"
KEY_PATTERN = "^[A-Za-z0-9_-]{43}$"
"""Keys: 256 bits at random, in base64url."""

_CHOSEN = re.compile(r"bearer +([A-Za-z0-9_-]{43})\Z", re.IGNORECASE)
_KEY = re.compile(r"bearer +([A-Za-z0-9_~+/.=-]{1,256})\Z", re.IGNORECASE)


def chosen_key() -> str | None:
    """Returns the key that whoever asks for a library wants it to have; None: any.

    Raises:
        Problem: bad_request, where it is not as keys are.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return None
    found = _CHOSEN.match(given)
    if found is None:
        text = f"{HEADER} has no key that a library may have: Bearer and 256 bits at random in base64url"
        raise Problem("bad_request", text)
    return found[1]


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
