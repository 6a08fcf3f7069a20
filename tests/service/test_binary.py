"""Reading the WebAssembly binary format, also where it is none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside import ModuleError
from eitherside.binary import PREAMBLE, clear_shared, custom_section, exports, imports, sections
from support import wat

SMALL = wat.build(wat.OK)


def test_sections_cover_the_file() -> None:
    found = list(sections(SMALL))
    assert found[-1].end == len(SMALL)
    assert all(first.end < second.start for first, second in pairwise(found))


def test_a_custom_section_is_found_by_its_name() -> None:
    wasm = SMALL + wat.custom_section("note", b"hello")
    assert custom_section(wasm, "note") == b"hello"
    assert custom_section(wasm, "another") is None


def test_two_sections_of_a_name_are_an_error() -> None:
    wasm = SMALL + wat.custom_section("note", b"a") * 2
    with pytest.raises(ModuleError, match="two custom sections note"):
        custom_section(wasm, "note")


def test_the_shared_bit_is_all_that_changes() -> None:
    memory = next(item.memory for item in imports(SMALL) if item.memory)
    assert (memory.minimum, memory.maximum, memory.shared) == (2, 1024, True)
    plain = clear_shared(SMALL, memory)
    changed = [at for at, (old, new) in enumerate(zip(SMALL, plain, strict=True)) if old != new]
    assert changed == [memory.flags_at]
    assert (SMALL[memory.flags_at], plain[memory.flags_at]) == (3, 1)
    again = next(item.memory for item in imports(plain) if item.memory)
    assert clear_shared(plain, again) is plain


def test_exports_are_found_by_their_names() -> None:
    found = exports(wat.build(wat.OK, more=wat.STOP))
    assert found == [*exports(SMALL), "eitherside_stop"]
    assert "eitherside_call" in found
    assert exports(PREAMBLE) == []
    with pytest.raises(ModuleError, match="1 bytes wanted at offset 15, 0 left"):
        exports(PREAMBLE + b"\x07\x05\x02\x01a\0\0")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "wrong magic"),
        (b"\0asm\x02\0\0\0", "wrong magic"),
        (PREAMBLE + b"\0", "1 bytes wanted at offset 9, 0 left"),
        (PREAMBLE + b"\0\x05ab", "5 bytes wanted at offset 10, 2 left"),
        (PREAMBLE + b"\0" + b"\xff" * 6, "number longer than 32 bits"),
        (PREAMBLE + b"\0\xff\xff\xff\xff\x7f", "number above 32 bits"),
        (PREAMBLE + b"\0\x03\x02\xff\xff", "name at offset 10 is not UTF-8"),
    ],
)
def test_malformed_modules_tell_where(data: bytes, message: str) -> None:
    with pytest.raises(ModuleError, match=message):
        custom_section(data, "note")


def test_an_unknown_kind_of_import_is_named() -> None:
    wasm = PREAMBLE + b"\x02\x06\x01\x01a\x01b\x09"
    with pytest.raises(ModuleError, match=r"import a\.b is of the unknown kind 9"):
        imports(wasm)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        imports(PREAMBLE + data)
        exports(PREAMBLE + data)
        custom_section(PREAMBLE + data, "note")
    except ModuleError as error:
        assert str(error)


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_any_changed_byte_is_read_or_refused(at: int, value: int) -> None:
    changed = bytearray(SMALL)
    changed[at] = value
    try:
        imports(bytes(changed))
        exports(bytes(changed))
        custom_section(bytes(changed), "eitherside:interface")
    except ModuleError as error:
        assert str(error)
