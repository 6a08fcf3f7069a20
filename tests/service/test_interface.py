"""Reading a module's own description."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from eitherside import Interface, Module, ModuleError
from support import wat

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def described(document: Any) -> bytes:
    contents = document if isinstance(document, bytes) else json.dumps(document).encode()
    return b"\0asm\x01\0\0\0" + wat.custom_section("eitherside:interface", contents)


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(wat.interface())
    target: Any = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return document


def test_the_shipped_interface(module: Module) -> None:
    interface = module.interface
    assert set(interface.functions) >= {"inspect", "decode", "encode", "transcode"}
    assert interface.functions["transcode"].format_option == "to"
    assert interface.functions["encode"].required == ["width", "height", "channels", "type"]
    assert interface.extensions["jpg"].media_type == "image/jpeg"
    assert interface.error(2).code == "bad_option"
    assert interface.error(999).code == "internal"


def test_the_shipped_schemas_are_valid_and_whole(module: Module) -> None:
    assert "$ref" not in json.dumps(module.interface.raw)
    for function in module.interface.functions.values():
        Draft202012Validator.check_schema(function.options)
        Draft202012Validator.check_schema(function.result)
        for name, schema in function.properties.items():
            assert schema.get("description"), f"{function.name}/{name} is not described"


def test_a_module_without_an_interface() -> None:
    with pytest.raises(ModuleError, match="no custom section eitherside:interface"):
        Interface.from_module(b"\0asm\x01\0\0\0")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"\xff\xfe{", "not JSON"),
        (b"{nonsense", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ([], "not a JSON object"),
        ({}, "/eitherside: Field required"),
        (changed(("eitherside",), 2), "/eitherside: Input should be 1"),
        (changed(("functions", 0, "id"), "0"), "/functions/0/id: Input should be a valid integer"),
        (changed(("functions", 0, "name"), "Not/a name"), "/functions/0/name"),
        (changed(("functions", 0, "options"), {"properties": []}), "/functions/0: .*options/properties"),
        (changed(("functions", 0, "options"), {"required": ["x"]}), "options/required names what"),
        (changed(("functions", 0, "options"), {"properties": {"a-b": {}}}), "'a-b' is not an identifier"),
        (changed(("functions", 0, "errors"), ["nope"]), "act names the unknown error nope"),
        (changed(("functions", 0, "inputs", 0, "formats"), ["nope"]), "names the unknown format nope"),
        (
            changed(("functions",), wat.interface()["functions"] * 2),
            "two functions have the name or number 'act'",
        ),
        (changed(("errors",), wat.ERRORS[:1]), "it has no error memory_limit"),
        (changed(("errors", 0, "status"), 200), "/errors/0/status"),
    ],
)
def test_malformed_interfaces_tell_where(document: Any, message: str) -> None:
    with pytest.raises(ModuleError, match=message):
        Interface.from_module(described(document))


@given(st.binary(max_size=64))
def test_any_section_is_read_or_refused(contents: bytes) -> None:
    with pytest.raises(ModuleError):
        Interface.from_module(described(contents))


@given(st.sampled_from(["eitherside", "name", "formats", "errors", "functions"]), JSON)
def test_any_document_is_read_or_refused(key: str, value: Any) -> None:
    try:
        interface = Interface.from_module(described(changed((key,), value)))
    except ModuleError as error:
        assert "interface" in str(error)
    else:
        assert interface.raw[key] == value


@given(st.sampled_from(sorted(wat.interface()["functions"][0])), JSON)
def test_any_function_is_read_or_refused(key: str, value: Any) -> None:
    try:
        Interface.from_module(described(changed(("functions", 0, key), value)))
    except ModuleError as error:
        assert "interface" in str(error)
