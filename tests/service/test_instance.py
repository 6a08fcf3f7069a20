"""Modules that break the binary interface: always the error `internal`, never a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eitherside import Answer, CallError, Host, Module, ModuleError, Settings
from support import wat
from support.stopping import stops

NOTHING = "(i32.const 0) (i32.const 0)"
TEXT = f"(i32.const {wat.RESULT}) (i32.const 11)"


def run(
    folder: Path, call: str, *, data: list[bytes] | None = None, options: Any = None, **facts: Any
) -> Answer:
    module = Module(wat.write(folder, wat.build(call, **facts)))
    with Host(module, Settings.load(cache_dir="off", threads=1)) as host:
        return host.call("act", options, {"data": data or []}, time_limit=20)


def test_buffers_go_in_and_out(tmp_path: Path) -> None:
    data = [b"one", bytearray(b"two" * 100_000), memoryview(b"abcdef")[2:4], b"", b"x" * 3_000_000]
    answer = run(tmp_path, wat.OK, data=[*data])  # type: ignore[list-item]
    assert answer.result == {"ok": True}
    assert [bytes(output.data) for output in answer.outputs] == [bytes(item) for item in data]
    assert {output.media_type for output in answer.outputs} == {"application/octet-stream"}


@pytest.mark.parametrize("end", ["", "unreachable"])
def test_an_error_is_read_also_after_a_trap(tmp_path: Path, end: str) -> None:
    with pytest.raises(CallError) as caught:
        run(tmp_path, f"{wat.FAIL} {end}")
    error = caught.value
    assert (error.code, error.status, error.message, error.option) == (
        "bad_call",
        400,
        "not so",
        "/some_thing",
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("unreachable", "trapped: wasm trap: wasm `unreachable`"),
        ("(call $exit (i32.const 1))", "trapped: wasm trap: wasm `unreachable`"),
        ("(i32.store (i32.const -4) (i32.const 1))", "trapped: .*out of bounds"),
        (
            f"(call $answer (i32.const 0) (i32.const -16) (i32.const 64) {NOTHING})",
            "address outside",
        ),
        (f"(call $answer (i32.const 0) {TEXT} (i32.const 0) (i32.const -1))", "address outside"),
        (f"(call $answer (i32.const 0) {TEXT} (i32.const -4) (i32.const 1))", "address outside"),
        (f"(call $answer (i32.const 7) {TEXT} (i32.const 0) (i32.const 0))", "Internal"),
        (
            "(call $answer (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
            "no message",
        ),
        (
            f"(call $answer (i32.const 0) (i32.const {wat.NOT_JSON}) (i32.const 9) {NOTHING})",
            "not JSON",
        ),
        (
            f"(call $answer (i32.const 0) (i32.const {wat.NOT_AN_OBJECT}) (i32.const 5) {NOTHING})",
            "not a JSON object",
        ),
        (
            f"(i32.store offset=8 (i32.const 2048) (i32.const 9)) "
            f"(call $answer (i32.const 0) {TEXT} (i32.const 2048) (i32.const 1))",
            "an output 9 that act does not have",
        ),
        (
            f"(i32.store offset=4 (i32.const 2048) (i32.const 100000)) "
            f"(i32.store offset=16 (i32.const 2048) (i32.const 100000)) "
            f"(call $answer (i32.const 0) {TEXT} (i32.const 2048) (i32.const 2))",
            "outputs are larger than its memory",
        ),
    ],
)
def test_a_module_that_misbehaves_is_internal(tmp_path: Path, call: str, message: str) -> None:
    with pytest.raises(CallError, match=message) as caught:
        run(tmp_path, call)
    assert (caught.value.code, caught.value.status) == ("internal", 500)


def test_endless_recursion_is_internal(tmp_path: Path) -> None:
    recursion = ("(func $answer ", "(func $deep (call $deep) (call $deep)) (func $answer ")
    with pytest.raises(CallError, match="call stack exhausted") as caught:
        run(tmp_path, "(call $deep)", replace=recursion)
    assert caught.value.code == "internal"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"abi": 2}, "version 2 of the binary interface, this host version 1"),
        ({"answer": -8}, "address outside"),
        ({"replace": ("eitherside_answer", "eitherside_another")}, "no function eitherside_answer"),
        (
            {
                "replace": (
                    '(func (export "eitherside_start"))',
                    '(func (export "eitherside_start") unreachable)',
                )
            },
            "failed",
        ),
    ],
)
def test_a_module_of_another_make_is_internal(tmp_path: Path, facts: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError, match=message) as caught:
        run(tmp_path, wat.OK, **facts)
    assert caught.value.code == "internal"


def test_inputs_that_do_not_fit_are_told(tmp_path: Path) -> None:
    with pytest.raises(CallError, match="the inputs do not fit in the call's 67108864 bytes") as caught:
        run(tmp_path, wat.OK, data=[bytes(50 << 20), bytes(50 << 20)])
    assert (caught.value.code, caught.value.status) == ("memory_limit", 413)


def test_a_spinning_module_is_stopped_by_time_and_by_cancel(tmp_path: Path) -> None:
    module = Module(wat.write(tmp_path, wat.build(wat.SPIN)))
    stops(Host(module, Settings.load(cache_dir="off", threads=1)))


def test_a_module_that_spins_as_it_starts_is_stopped_too(tmp_path: Path) -> None:
    spins = ('(func (export "eitherside_start"))', f'(func (export "eitherside_start") {wat.SPIN})')
    module = Module(wat.write(tmp_path, wat.build(wat.OK, replace=spins)))
    with (
        Host(module, Settings.load(cache_dir="off", time_limit=0.2)) as host,
        pytest.raises(CallError) as caught,
    ):
        host.call("act")
    assert caught.value.code == "time_limit"


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        (
            ('"wasi_snapshot_preview1" "proc_exit"', '"wasi_snapshot_preview1" "random_get"'),
            "imports .*random_get",
        ),
        (
            ('"wasi_snapshot_preview1" "proc_exit"', '"env" "proc_exit"'),
            r"imports env\.proc_exit, which no host gives",
        ),
        (('"env" "memory"', '"env" "heap"'), "exactly one memory"),
        (("2 1024 shared", "2"), "no maximum"),
    ],
)
def test_modules_that_want_more_than_a_host_gives(
    tmp_path: Path, replace: tuple[str, str], message: str
) -> None:
    with pytest.raises(ModuleError, match=message):
        run(tmp_path, wat.OK, replace=replace)


def test_a_module_that_does_not_compile(tmp_path: Path) -> None:
    wasm = wat.build(wat.OK)
    broken = wasm.replace(b"\x0b", b"\xfe", 1)
    with (
        pytest.raises(ModuleError, match="cannot be compiled"),
        Host(Module(wat.write(tmp_path, broken)), Settings.load(cache_dir="off")) as host,
    ):
        host.start()
