"""The description is the only source: client library, host, HTTP, CLI and Python API type no function's name.

The functions' names are words that other things are called by, too (``str.encode``, the interface's member
``measure``). So what counts is what can only be a use of a function: a string that is the name and nothing
else, an address under ``/v1/``, a member of something called codec, and, for names that neither the platform
nor the interface uses, any member and any definition.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eitherside import Module

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "service" / "eitherside"
CLIENT = ROOT / "static" / "client"
GENERATED = {CLIENT / "generated.ts", PYTHON / "codec.pyi"}

APPLICATIONS = {PYTHON / "pillow" / "calls.py"}
"""What is made of the codec, as the viewer is, and calls it in one place: types hold it to the interface."""

ELSEWHERE = {"encode", "decode", "inspect", "measure"}
"""Names with another meaning: of texts and bytes, of Python's library, of the interface's own members."""

TS_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)
TS_STRING = re.compile(r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`")

Code = tuple[list[str], str]
"""The strings of a file, and the rest of it without comments."""


def split_python(text: str) -> Code:
    strings: list[str] = []
    rest: list[str] = []
    inner = {getattr(tokenize, name) for name in ("FSTRING_MIDDLE",) if hasattr(tokenize, name)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING or token.type in inner:
            strings.append(token.string.lstrip("rbfuRBFU").strip("\"'"))
        elif token.type != tokenize.COMMENT:
            rest.append(token.string)
    return strings, " ".join(rest)


def split_typescript(text: str) -> Code:
    code = TS_COMMENT.sub(" ", text)
    strings = [
        next(each for each in found.groups() if each is not None) for found in TS_STRING.finditer(code)
    ]
    return strings, TS_STRING.sub(" ", code)


SPLIT: dict[str, Callable[[str], Code]] = {
    ".py": split_python,
    ".pyi": split_python,
    ".ts": split_typescript,
}


def uses(suffix: str, text: str, names: Sequence[str]) -> list[str]:
    """Returns the names of functions that a source text uses."""
    strings, code = SPLIT[suffix](text)
    found = []
    for name in names:
        patterns = [rf"\bcodec\s*\??\.\s*{name}\b"]
        if name not in ELSEWHERE:
            patterns += [rf"\.\s*{name}\b", rf"\b(?:def|function)\s+{name}\b", rf"(?<![\w.]){name}\s*[:(]"]
        addressed = re.compile(rf"\bv1/{name}\b")
        is_text = any(each == name or addressed.search(each) for each in strings)
        if is_text or any(re.search(pattern, code) for pattern in patterns):
            found.append(name)
    return found


@pytest.fixture(scope="module")
def names(module: Module) -> list[str]:
    return list(module.interface.functions)


def test_no_source_uses_a_function_by_name(names: list[str]) -> None:
    sources = [path for kind in ("*.py", "*.pyi") for path in PYTHON.rglob(kind)] + list(CLIENT.rglob("*.ts"))
    assert len(sources) > 50
    found = {
        str(path.relative_to(ROOT)): uses(path.suffix, path.read_text(), names)
        for path in sources
        if path not in GENERATED | APPLICATIONS
    }
    assert {path: those for path, those in found.items() if those} == {}


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".ts", 'await run("decode", file);'),
        (".ts", "const address = `v1/decode`;"),
        (".ts", "const { samples } = await codec.decode(file);"),
        (".ts", "codec?.encode(samples)"),
        (".ts", "const made = { transcode: 1 };"),
        (".ts", "async function transcode() {}"),
        (".py", "call('inspect')"),
        (".py", 'client.post("/v1/encode?effort=1")'),
        (".py", "codec.decode(data)"),
        (".py", "self.transcode(data)"),
        (".py", "def transcode(data): ..."),
    ],
)
def test_the_search_finds_uses(names: list[str], suffix: str, text: str) -> None:
    assert len(uses(suffix, text, names)) == 1


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".ts", "// codec.decode(file)\nnew TextDecoder().decode(bytes);"),
        (".ts", '/* codec.transcode() */ const text = "it cannot decode this";'),
        (".py", "import inspect\ntext = 'x'.encode()  # codec.encode()\n"),
        (".py", '"""codec.transcode(data)."""\nfound = interface.cost.measure\n'),
    ],
)
def test_the_search_finds_nothing_else(names: list[str], suffix: str, text: str) -> None:
    assert uses(suffix, text, names) == []
