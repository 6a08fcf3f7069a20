"""Exits with 0 where the service in this container can compute; the image's HEALTHCHECK."""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 8.0
"""Less than the HEALTHCHECK's own limit, so that its log tells what went wrong."""


def main() -> int:
    """Ask /readyz and print what it said; http.client, as urllib would ask a proxy that is set."""
    port = int(os.environ.get("EITHERSIDE_PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        print(answer.status, answer.read(4096).decode(errors="replace").strip())
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer from port {port}: {error}")
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
