"""A short run of `partitions`; ``make partitions`` makes a long one."""

from __future__ import annotations

from playwright.sync_api import Browser

from .partitions import Partitions
from .stored import Stored

SEED = 241
OPERATIONS = 40


def test_whatever_happens_all_agree_and_nothing_is_lost(browser: Browser, service: Stored) -> None:
    log: list[str] = []
    partitions = Partitions(browser, service, SEED, log.append)
    try:
        partitions.run(OPERATIONS)
        assert partitions.settle() == [], "\n".join(log)
    finally:
        partitions.close()
