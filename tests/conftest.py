"""What all tests share: settings that are the tests' own, and the module that was shipped."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Playwright, sync_playwright

from eitherside import Codec, Host, Module, ModuleError, Settings
from eitherside.compiled import compile_module
from support.alone import alone_first, turn
from support.chromium import FLAGS, installed, sandbox
from support.conformance import CONFORMANCE

ROOT = Path(__file__).parents[1]
MODULE = "EITHERSIDE_MODULE"
_FLAGS = (
    *FLAGS,
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP eitherside.test 127.0.0.1",
)


def pytest_configure(config: pytest.Config) -> None:
    """Lets no setting of the user's but the module reach the tests; later runs find their cache."""
    for name in [name for name in os.environ if name.startswith("EITHERSIDE_") and name != MODULE]:
        del os.environ[name]
    os.environ["EITHERSIDE_CACHE_DIR"] = str(config.cache.mkdir("compiled"))
    # The user's libraries are none of the tests' business. Tests that make some have folders of their own.
    os.environ["EITHERSIDE_DATA_DIR"] = str(config.cache.mkdir("data"))
    # A shell's background jobs ignore Ctrl-C, and every process that a test starts would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Slow is the machine, not the test: no verdict hangs on time.
    hypothesis_settings.register_profile(
        "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    hypothesis_settings.load_profile("untimed")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Has the module compiled once, before processes that run tests at the same time would each do it."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        with suppress(ModuleError):
            shipped = Module.shipped(Settings.load().module)
            for shared in (False, True):
                compile_module(shipped, Path(os.environ["EITHERSIDE_CACHE_DIR"]), shared=shared)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has tests that need the machine for themselves run before all others."""
    alone_first(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Has a test that is marked "alone" wait for those in other processes, and them for it."""
    folder = item.config.cache.mkdir("turns")
    with turn(folder, alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The default settings."""
    return Settings.load()


@pytest.fixture(scope="session")
def module(settings: Settings) -> Module:
    """The module in build/, or the one that EITHERSIDE_MODULE names."""
    return Module.shipped(settings.module)


@pytest.fixture(scope="session")
def host(module: Module, settings: Settings) -> Iterator[Host]:
    """A host of the module with the default settings."""
    with Host(module, settings) as made:
        yield made


@pytest.fixture(scope="session")
def codec(module: Module, settings: Settings) -> Iterator[Codec]:
    """The module's functions as methods."""
    with Codec(module, settings) as made:
        yield made


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder of the JPEG XL conformance suite's test cases; skips where it is not there."""
    if not CONFORMANCE.is_dir():
        pytest.skip(
            f"the conformance suite is not at {CONFORMANCE.relative_to(ROOT.parent)} beside the checkout"
        )
    return CONFORMANCE


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; skips where there is none, but fails where CI asks for it."""
    found = installed()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium on the PATH, and CI must run the browser tests")
        pytest.skip("no Chromium on the PATH")
    return found


@pytest.fixture(scope="session")
def playwright(chromium: str) -> Iterator[Playwright]:
    """Playwright, which cannot be started twice in a process."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium, running, which compiles modules quickly and for once: most pages of tests run little."""
    yield from launched(playwright, chromium, "--js-flags=--liftoff-only")


@pytest.fixture(scope="session")
def optimising_browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Chromium as people have it: it compiles again, with optimisations, what runs often."""
    yield from launched(playwright, chromium)


def launched(playwright: Playwright, chromium: str, *flags: str) -> Iterator[Browser]:
    """Runs Chromium."""
    found = playwright.chromium.launch(executable_path=chromium, args=[*_FLAGS, *sandbox(), *flags])
    yield found
    found.close()
