"""docs/codec.md, done as it is written: its Python, its shell, its JavaScript."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from eitherside import Module
from eitherside.module import shipped_folder
from server import Server, running_server
from support.images import picture, saved

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "codec.md"
ADDRESS = "http://127.0.0.1:8000"
SECONDS = 300.0
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The guide's blocks of a language, in order."""
    return [text for found, text in _BLOCK.findall(GUIDE.read_text()) if found == language]


@pytest.fixture(scope="module")
def server(module: Module) -> Iterator[Server]:
    if "thumbnail" not in module.interface.functions:
        pytest.skip("the module is older than the guide")
    with running_server() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the guide speaks of."""
    made = tmp_path_factory.mktemp("guide")
    exif = Image.Exif()
    exif[0x010E] = "a photograph"
    (made / "photo.jpg").write_bytes(saved(picture(320, 240, 3), "JPEG", quality=90, exif=exif))
    (made / "picture.png").write_bytes(saved(picture(300, 200, 3, seed=2), "PNG"))
    return made


def run(command: list[str], text: str, folder: Path, server: Server) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [*command, text.replace(ADDRESS, server.url)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"


def test_python(folder: Path, server: Server) -> None:
    run([sys.executable, "-c"], "\n".join(blocks("python")), folder, server)


def test_shell(folder: Path, server: Server) -> None:
    run(["bash", "-euo", "pipefail", "-c"], "".join(blocks("sh")), folder, server)


def test_javascript(folder: Path, server: Server, browser: Browser) -> None:
    if not (shipped_folder() / "static" / "client.js").is_file():
        pytest.skip("the client library is not built (make static)")
    first, *others = blocks("js")
    imported = re.sub(
        r'^import (\{.*\}) from ("[^"]+");$', r"const \1 = await import(\2);", first, flags=re.M
    )
    # Each block has names of its own.
    body = imported + "".join(f"{{\n{text}}}\n" for text in others)
    page = browser.new_page(base_url=server.url)
    page.goto("/")
    script = """async (text) => {{
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const file = new Blob([bytes]);
      {}
    }}"""
    page.evaluate(script.format(body), base64.b64encode((folder / "photo.jpg").read_bytes()).decode())
    page.close()


def test_every_block_is_of_a_language_that_is_run() -> None:
    assert {language for language, _ in _BLOCK.findall(GUIDE.read_text())} == {"python", "sh", "js"}
