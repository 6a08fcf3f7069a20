"""Memory of a module in C: blocks apart, a ceiling that holds, nothing lost from call to call."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from eitherside import CallError, Host, Module
from eitherside.binary import PAGE
from support.effort import examples

from .raw import Exports, exports

STEPS = st.lists(st.integers(0, 300_000) | st.integers(0, 100) | st.floats(0, 0.99), max_size=60)


@given(steps=STEPS)
@settings(max_examples=examples(60))
def test_blocks_do_not_overlap(steps: list[int | float], fractal: Module) -> None:
    """A whole number allocates so many bytes, a fraction frees the block that lies there in the list."""
    with exports(fractal) as module:
        blocks: list[tuple[int, bytes]] = []
        for nth, step in enumerate(steps):
            if isinstance(step, float):
                if blocks:
                    address, data = blocks.pop(int(step * len(blocks)))
                    assert module.read(address, len(data)) == data
                    module.run("free", address)
                continue
            address = module.run("allocate", step)
            assert address and address % 16 == 0
            data = bytes([nth % 256]) * step
            module.write(address, data)
            blocks.append((address, data))
        for address, data in blocks:
            assert module.read(address, len(data)) == data


def test_the_ceiling_holds(fractal: Module) -> None:
    pages = fractal.memory.minimum + 20
    with exports(fractal, pages) as module:
        for size in (2**32 - 1, 2**31, pages * PAGE, (pages - 3) * PAGE):
            assert module.run("allocate", size) == 0
        assert module.size == fractal.memory.minimum * PAGE
        blocks = []
        while address := module.run("allocate", 10_000):
            blocks.append(address)
        assert module.size == pages * PAGE
        # All of it comes back, as one piece.
        for address in blocks:
            module.run("free", address)
        assert module.run("allocate", 10_000 * len(blocks))
        module.run("free", 0)


def call(module: Exports, text: bytes) -> tuple[int, ...]:
    at = module.run("allocate", len(text))
    module.write(at, text)
    status = module.run("call", 0, at, len(text), 0, 0)
    answer = struct.unpack("<5I", module.read(module.run("answer"), 20))
    assert answer[0] == status
    module.run("free", at)
    return answer


def test_an_instance_makes_many_calls(fractal: Module) -> None:
    with exports(fractal) as module:
        found = set()
        for side in [100, 300, 200, 100, 300] * 4:
            status, json, length, table, count = call(
                module, b'{"width":%d,"height":%d,"iterations":8}' % (side, side)
            )
            assert (status, count) == (0, 1)
            address, size, output = struct.unpack("<3I", module.read(table, 12))
            assert (size, output) == (4 * side * side, 0)
            found.add((side, module.read(json, length), module.read(address, size)))
            module.run("free", address)
            assert call(module, b'{"width":0}')[0] == 2
            largest = module.size
        assert len(found) == 3
        assert largest <= fractal.memory.minimum * PAGE + 4 * 300 * 300


def test_a_call_that_runs_out_of_memory(fractal_host: Host) -> None:
    options = {"width": 4096, "height": 4096, "iterations": 1}
    error = None
    try:
        fractal_host.call("render", options, memory_limit=32 * 2**20)
    except CallError as caught:
        error = caught
    assert error is not None
    assert (error.code, error.message) == ("memory_limit", "the call reached its memory ceiling")
    assert fractal_host.call("render", {"width": 4, "height": 4}).outputs
