"""The example modules, built here and now by the pinned compiler."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from eitherside import Codec, Host, Module, Settings
from eitherside.binary import custom_section
from eitherside.interface import SECTION
from eitherside.module import shipped_folder
from make_module import build
from server import Server, running_server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def compiler() -> None:
    """The pinned compiler; skips where it was not installed, but fails where CI asks for it."""
    if importlib.util.find_spec("ziglang") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the compiler of the examples is not installed (make examples)")
        pytest.skip("the compiler of the examples is not installed (make examples)")


@pytest.fixture(scope="session")
def fractal(compiler: None, tmp_path_factory: pytest.TempPathFactory) -> Module:
    """The fractal renderer."""
    source = ROOT / "examples" / "fractal" / "fractal.c"
    return build(source, tmp_path_factory.mktemp("fractal") / "fractal.wasm")


@pytest.fixture(scope="session")
def fractal_host(fractal: Module, settings: Settings) -> Iterator[Host]:
    """A host of the fractal renderer."""
    with Host(fractal, settings) as made:
        yield made


@pytest.fixture(scope="session")
def fractal_codec(fractal: Module, settings: Settings) -> Iterator[Codec]:
    """The fractal renderer's functions as methods."""
    with Codec(fractal, settings) as made:
        yield made


@pytest.fixture(scope="session")
def fractal_server(fractal: Module) -> Iterator[Server]:
    """A server of the fractal renderer."""
    with running_server(module=fractal.path, threads=1) as started:
        yield started


@pytest.fixture
def fractal_page(browser: Browser, fractal_server: Server) -> Iterator[Page]:
    """A page of the fractal renderer's server."""
    if not (shipped_folder() / "static" / "client.js").is_file():
        pytest.skip("the client library is not built (make static)")
    page = browser.new_page(base_url=fractal_server.url)
    page.goto("/")
    yield page
    page.close()


STUB = """#define EITHERSIDE_INTERFACE "interface.json"
#define EITHERSIDE_IMPLEMENTATION
#include <eitherside.h>

static bool nothing(EithersideCall* call) { return call != 0; }

EITHERSIDE_FUNCTIONS(%s)
"""


@pytest.fixture(scope="session")
def stub(compiler: None, module: Module, tmp_path_factory: pytest.TempPathFactory) -> Module:
    """A module in C with the codec's own interface, whose functions check their call and do nothing."""
    folder = tmp_path_factory.mktemp("stub")
    interface = custom_section(module.bytes, SECTION)
    assert interface is not None
    (folder / "interface.json").write_bytes(interface)
    names = [function["name"] for function in json.loads(interface)["functions"]]
    (folder / "stub.c").write_text(STUB % ", ".join(f'{{"{name}", nothing}}' for name in names))
    return build(folder / "stub.c", folder / "stub.wasm")
