"""What every call that never ends must do, however it is stopped."""

from __future__ import annotations

import threading

import pytest

from eitherside import CallError, Host


def stops(host: Host) -> None:
    """A call that never ends is stopped by its time and by being cancelled, and the next one goes well."""
    with host:
        with pytest.raises(CallError, match=r"act was stopped after 0\.2 s") as caught:
            host.call("act", time_limit=0.2)
        assert (caught.value.code, caught.value.status) == ("time_limit", 503)
        cancel = threading.Event()
        timer = threading.Timer(0.2, cancel.set)
        timer.start()
        with pytest.raises(CallError, match="cancelled while it ran"):
            host.call("act", cancel=cancel)
        timer.join()
