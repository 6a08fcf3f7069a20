"""The system's Chromium with a profile of its own, by which its processes can be found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
"""Features of Chromium that are turned off.

The first two are pages of its own that it readies for each window: a fourth of what opening the viewer takes.
The others are those that Playwright turns off: only the last such list on a command line counts.
"""

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    f"--disable-features={','.join(_OFF)}",
)  # fmt: skip


def installed() -> str | None:
    """Returns the path of the system's Chromium, where there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def sandbox() -> list[str]:
    """Returns the flags that Chromium needs to start as this user: it refuses to run its sandbox as root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


@contextmanager
def chromium(profile: str) -> Iterator[BrowserContext]:
    """Runs Chromium with the folder `profile`. What it measures is no service worker's doing.

    Raises:
        FileNotFoundError: there is none on the PATH.
    """
    path = installed()
    if path is None:
        raise FileNotFoundError(f"none of {', '.join(NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=path, args=[*FLAGS, *sandbox()], service_workers="block"
        )
        try:
            yield context
        finally:
            context.close()
