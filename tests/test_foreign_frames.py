"""Messages between the service and Pillow's processes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside.foreign.frames import LENGTHS, MAX_HEAD, BrokenMessage, pack, read, unpack

HEADS = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
)


@given(HEADS, st.binary())
def test_messages_arrive_as_they_were(head: dict[str, Any], body: bytes) -> None:
    message = b"".join(bytes(piece) for piece in pack(head, body))
    assert read(io.BytesIO(message)) == (head, body)
    found, rest = unpack(message)
    assert (found, bytes(rest)) == (head, body)


@given(HEADS, st.binary(), st.data())
def test_a_cut_message_is_broken(head: dict[str, Any], body: bytes, data: st.DataObject) -> None:
    message = b"".join(bytes(piece) for piece in pack(head, body))
    cut = message[: data.draw(st.integers(0, len(message) - 1))]
    with pytest.raises(BrokenMessage):
        unpack(cut)
    with pytest.raises(BrokenMessage):
        read(io.BytesIO(cut))


@pytest.mark.parametrize("head", [b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_head_that_is_no_object_is_broken(head: bytes) -> None:
    with pytest.raises(BrokenMessage):
        unpack(LENGTHS.pack(len(head), 0) + head)


def test_a_head_that_claims_too_much_is_broken() -> None:
    with pytest.raises(BrokenMessage):
        read(io.BytesIO(LENGTHS.pack(MAX_HEAD + 1, 0)))
    with pytest.raises(BrokenMessage):
        unpack(LENGTHS.pack(MAX_HEAD + 1, 0))
