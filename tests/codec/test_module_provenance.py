"""The committed module is what native/ says it is."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from recipe import wasm
from recipe.module import ALLOWED_IMPORTS, SECTION, embedded_interface

ROOT = Path(__file__).parents[2]
MODULE = (ROOT / "build" / "codec.wasm").read_bytes()
PROVENANCE = json.loads((ROOT / "build" / "codec.json").read_text())


def interface() -> dict[str, Any]:
    for kind, content in wasm.sections(MODULE):
        if kind == 0:
            size, at = wasm.read_unsigned(content, 0)
            if content[at : at + size].decode() == SECTION:
                found: dict[str, Any] = json.loads(content[at + size :])
                return found
    raise AssertionError("the module has no interface")


def test_native_is_what_the_module_was_built_from() -> None:
    run = subprocess.run(
        [sys.executable, ROOT / "native/build.py", "--stale"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_provenance_names_this_module() -> None:
    assert PROVENANCE["module"]["sha256"] == hashlib.sha256(MODULE).hexdigest()
    assert PROVENANCE["module"]["bytes"] == len(MODULE)
    assert PROVENANCE["module"]["gzip_bytes"] == len(gzip.compress(MODULE, 9, mtime=0))
    pinned = tomllib.loads((ROOT / "native/sources.toml").read_text())
    assert [source["name"] for source in PROVENANCE["sources"]] == [s["name"] for s in pinned["source"]]
    assert all(len(file["sha256"]) == 64 for source in PROVENANCE["sources"] for file in source["files"])
    assert PROVENANCE["toolchain"]["emscripten"] == pinned["toolchain"]["emscripten"]


def test_imports_are_the_allowed_ones() -> None:
    found = wasm.imports(MODULE)
    assert "env.memory" in found
    assert set(found) <= ALLOWED_IMPORTS


def test_interface_in_the_module_is_the_source_with_references_resolved() -> None:
    assert interface() == json.loads(embedded_interface())
    assert "$ref" not in json.dumps(interface())


@pytest.mark.parametrize("function", interface()["functions"], ids=lambda function: function["name"])
def test_each_function_is_described_in_full(function: dict[str, Any]) -> None:
    codes = {error["code"] for error in interface()["errors"]}
    formats = {item["name"] for item in interface()["formats"]}
    for schema in (function["options"], function["result"]):
        jsonschema.Draft202012Validator.check_schema(schema)
        for name, described in schema["properties"].items():
            assert described["description"], name
    for name, described in function["options"]["properties"].items():
        assert described["title"], name
        if "default" in described:
            jsonschema.validate(described["default"], described)
    assert set(function["errors"]) <= codes
    assert function["cost"]["summary"]
    assert {"work", "output_bytes", "memory"} <= set(function["cost"])
    for item in function["inputs"]:
        assert set(item.get("formats", ())) <= formats
        assert item.get("formats") or item["media_type"]


def test_numbers_are_unique() -> None:
    for key, entries in (("number", interface()["errors"]), ("id", interface()["functions"])):
        numbers = [entry[key] for entry in entries]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 65535, 2**31, 2**32 - 1])
def test_leb128_round_trip(value: int) -> None:
    encoded = wasm.unsigned(value)
    assert wasm.read_unsigned(encoded, 0) == (value, len(encoded))
