"""Every engine gives the very bytes that are kept in golden.json."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eitherside import Host, Module, Settings
from eitherside.engines import ENGINES, Failure, Reply
from support.engines import started
from support.images import picture

from .matrix import NOT_TOUCHED, Entry, Form, matrix
from .record import load, outcome
from .run import differences, run

# make golden does all everywhere; here only a part is done with shared memory, on threads, and in browsers:
# every so manieth entry, and of the forms a third of what wasmtime does.
_PARTS = {Form(shared=True): (0, 6), Form(threads=2): (1, 8), Form(threads=4): (5, 8)}
_STEP = {"chromium": 4, "firefox": 10, "webkit": 16}
_STEP_OF_FORMS = 3


@pytest.fixture(scope="module")
def entries(module: Module) -> list[Entry]:
    return matrix(module.interface)


def test_the_matrix_is_large(entries: Sequence[Entry]) -> None:
    made = [entry for entry in entries if entry.group == "made"]
    assert len(made) >= 200
    assert len({entry.id for entry in entries}) == len(entries)


def test_every_function_and_option_is_touched(module: Module, entries: Sequence[Entry]) -> None:
    touched = {f"{entry.function}/{option}" for entry in entries for option in entry.options}
    every = {
        f"{function.name}/{option}"
        for function in module.interface.functions.values()
        for option in function.properties
    }
    assert every - touched == set(NOT_TOUCHED)
    assert {entry.function for entry in entries} == set(module.interface.functions)


def test_every_value_of_an_enumeration_is_touched(module: Module, entries: Sequence[Entry]) -> None:
    touched = {
        (entry.function, option, str(value)) for entry in entries for option, value in entry.options.items()
    }
    for function in module.interface.functions.values():
        if function.name in ("transcode", "thumbnail", "edit"):
            continue
        for option, schema in function.properties.items():
            for value in schema.get("enum", []):
                if value != schema.get("default"):
                    assert (function.name, option, str(value)) in touched


def test_every_input_is_touched(module: Module, entries: Sequence[Entry]) -> None:
    touched = {(entry.function, name) for entry in entries for name in entry.inputs}
    for function in module.interface.functions.values():
        assert {(function.name, item.name) for item in function.inputs} <= touched


def test_pushed_calls_are_among_them(entries: Sequence[Entry]) -> None:
    assert sum(entry.pieces is not None for entry in entries) >= 10


def test_golden_values_are_of_the_matrix(entries: Sequence[Entry]) -> None:
    kept = load()
    assert {entry.id for entry in entries} <= set(kept)
    assert {key for key in kept if "suite:" not in key} == {
        entry.id for entry in entries if entry.group == "made"
    }


def test_no_golden_value_is_a_fault_of_the_module() -> None:
    faults = {key: value["failure"] for key, value in load().items() if "failure" in value}
    assert [key for key, failure in faults.items() if failure["code"] in ("internal", "memory_limit")] == []
    assert len(faults) < len(load()) / 8


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ENGINES)
def test_engine(module: Module, entries: Sequence[Entry], name: str) -> None:
    each = _STEP.get(name, 1)
    with started(name, module) as engine:
        found = run(engine, entries[::each])
        assert differences(found, load()) == []
        for form, (first, step) in _PARTS.items():
            more = _STEP_OF_FORMS if name in _STEP else 1
            found = run(engine, entries[first :: step * more], form=form)
            assert differences(found, load()) == [], str(form)


def test_several_threads_are_what_they_say(module: Module, entries: Sequence[Entry]) -> None:
    """Else the same bytes would tell nothing."""
    with Host(module, Settings.load(threads=1)) as host:
        # Long enough for helpers to come, however much else the machine does.
        samples = picture(1000, 1000, 3).tobytes()
        options = {"width": 1000, "height": 1000, "channels": 3, "type": "u8", "effort": 6}
        for threads in (1, 2, 4):
            assert host.call("encode", options, {"samples": [samples]}, threads=threads).threads == threads


def test_a_wrong_byte_is_a_difference(entries: Sequence[Entry]) -> None:
    reply = Reply({"width": 1}, [("samples", b"\1\2\3")])
    expected = {"it": outcome([reply])}
    assert differences({"it": outcome([reply])}, expected) == []
    wrong = Reply({"width": 1}, [("samples", b"\1\2\4")])
    assert differences({"it": outcome([wrong])}, expected) == ["it: outputs"]
    assert differences({"it": outcome([Reply({"width": 2}, reply.outputs)])}, expected) == ["it: result"]
    failed = Reply({}, (), Failure("internal", "no"))
    assert len(differences({"it": outcome([failed])}, expected)) == 1
    assert differences({"other": outcome([reply])}, expected) == ["other: has no golden value (make golden)"]
