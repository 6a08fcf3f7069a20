"""Calls with helpers: as many as there is room for, stopped with their call, and none left over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eitherside import Answer, CallError, Codec, Host, Module, ModuleError, Settings, clock, forms, team
from eitherside.compiled import compile_module
from eitherside.worth import BYTES, WORK, is_worth_helpers
from support import wat

LARGE = bytes(BYTES)

MEET = f"{wat.MEET} {wat.OK}"
# Helpers that never look at the stop word.
THERE = f"(drop (i32.atomic.rmw.add (i32.const {wat.PRESENT}) (i32.const 1)))"
DEAF = f"""{THERE}
  (loop $again (i32.store (i32.const 3000) (i32.const 1)) (br $again))"""
# The call: waits for its helpers, and then for ever.
WAITING = f"""{wat.MEET}
  (loop $again {wat.POLL}
    (drop (memory.atomic.wait32 (i32.const 3008) (i32.const 0) (i64.const 20000000))) (br $again))"""


def meeting(helpers: int) -> str:
    """The call: waits for so many helpers, where it has any; blocks are given for more of them."""
    present = f"(i32.atomic.load (i32.const {wat.PRESENT}))"
    wait = f"(loop $again {wat.POLL} (br_if $again (i32.ne {present} (i32.const {helpers}))))"
    return f"(if (i32.load (i32.const {wat.GIVEN})) (then {wait})) {wat.OK}"


def until_word(address: int, value: int) -> str:
    """The call: waits until a word has a value."""
    word = f"(i32.atomic.load (i32.const {address}))"
    return f"(loop $again {wat.POLL} (br_if $again (i32.ne {word} (i32.const {value}))))"


@contextmanager
def host_of(folder: Path, call: str, help: str = wat.HELP, **given: Any) -> Iterator[Host]:
    module = Module(wat.write(folder, wat.helped(call, help)))
    with Host(module, Settings.load(**{"cache_dir": "off", "threads": 2, **given})) as host:
        yield host


def act(host: Host, threads: int | None = None, data: bytes = b"x", **given: Any) -> Answer:
    return host.call("act", None, {"data": data}, threads=threads, **given)


def helpers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("eitherside-help")]


def reserved() -> int:
    """Bytes of address space that memories reserve in this process."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    ranges = [line.split()[0].split("-") for line in lines]
    sizes = [int(end, 16) - int(start, 16) for start, end in ranges]
    return sum(size for size in sizes if size > 1 << 31)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(4000):
        if condition():
            return
        threading.Event().wait(0.005)
    pytest.fail("it never came to be")


@pytest.mark.parametrize("threads", [1, 2, 4, 9])
def test_a_call_has_the_threads_that_it_asks_for(tmp_path: Path, threads: int) -> None:
    with host_of(tmp_path, MEET) as host:
        for _ in range(3):
            answer = act(host, threads, b"abc")
            assert (answer.threads, [bytes(part.data) for part in answer.outputs]) == (threads, [b"abc"])


def test_no_call_has_more_than_its_memory_has_room_for(tmp_path: Path) -> None:
    with host_of(tmp_path, MEET) as host:
        assert act(host, 1000).threads == 17
        assert act(host, 4, memory_limit=8 << 20).threads == 1


def test_threads_are_kept_and_nothing_else(tmp_path: Path) -> None:
    others = set(helpers())
    with host_of(tmp_path, MEET) as host:
        act(host, 4)
        before, kept = reserved(), set(helpers()) - others
        assert len(kept) == 3
        for _ in range(20):
            act(host, 4)
        assert set(helpers()) - others == kept
        until(lambda: reserved() <= before)
    until(lambda: not any(thread.is_alive() for thread in kept))


def test_idle_cores_help_large_calls(tmp_path: Path) -> None:
    with host_of(tmp_path, meeting(2), threads=3) as host:
        assert act(host, data=b"small").threads == 1
        until(lambda: act(host, data=LARGE).threads == 3)


@pytest.mark.parametrize(("setting", "threads"), [(1, 1), (2, 2), (0, 3), (50, 3)])
def test_the_setting_is_the_most(tmp_path: Path, setting: int, threads: int) -> None:
    with host_of(tmp_path, meeting(threads - 1), threads=3, threads_per_call=setting) as host:
        host._running().forms.several(wait=True)
        assert act(host, data=LARGE).threads == threads


def test_nobody_waits_for_the_second_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, real = threading.Event(), compile_module

    def slow(*given: Any, **named: Any) -> Any:
        if named.get("background"):
            assert go_on.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(forms, "compile_module", slow)
    with host_of(tmp_path, MEET) as host:
        assert act(host, data=LARGE).threads == 1
        # Who asks for a number waits, but can be cancelled.
        cancel = threading.Event()
        threading.Timer(0.2, cancel.set).start()
        with pytest.raises(CallError, match="cancelled"):
            act(host, 2, cancel=cancel)
        go_on.set()
        assert act(host, 2).threads == 2


def test_a_second_form_that_cannot_be_had_costs_only_the_helpers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = compile_module

    def failing(*given: Any, **named: Any) -> Any:
        if named.get("background"):
            raise ModuleError("no")
        return real(*given, **named)

    monkeypatch.setattr(forms, "compile_module", failing)
    with host_of(tmp_path, MEET) as host:
        assert act(host, 2).threads == 1


def test_a_module_without_helpers_runs_on_one_thread(tmp_path: Path) -> None:
    module = Module(wat.write(tmp_path, wat.build(wat.OK)))
    with Host(module, Settings.load(cache_dir="off")) as host:
        assert act(host, 4).threads == 1


def test_cores_are_given_back_as_soon_as_others_want_them(tmp_path: Path) -> None:
    """The large call ends when its helper was told to leave, and another has come after the small call."""
    parting = until_word(2048, 1) + until_word(wat.LAST, 2056)
    call = f"(if (i32.load (i32.const {wat.GIVEN})) (then {parting})) {wat.OK}"
    with host_of(tmp_path, call) as host, ThreadPoolExecutor() as pool:
        host._running().forms.several(wait=True)
        first = pool.submit(act, host, None, LARGE)
        until(lambda: host.load().running == 1 and host._running().pool.spare() == 0)
        assert not first.done()
        assert host.call("act").threads == 1
        assert first.result(60).threads == 2


def test_under_load_each_call_has_one_thread(tmp_path: Path) -> None:
    call = (
        f"(if (i32.eqz (local.get $count)) (then (loop $again {wat.POLL} (br $again))) (else {meeting(1)}))"
    )
    with host_of(tmp_path, call) as host, ThreadPoolExecutor() as pool:
        host._running().forms.several(wait=True)
        cancel = threading.Event()
        other = pool.submit(host.call, "act", cancel=cancel)
        until(lambda: host.load().running == 1)
        assert act(host, data=LARGE).threads == 1
        cancel.set()
        assert isinstance(other.exception(60), CallError)
        assert act(host, data=LARGE).threads == 2


def test_a_trap_in_a_helper_fails_the_call_cleanly(tmp_path: Path) -> None:
    call = f"(if (i32.load (i32.const {wat.GIVEN})) (then {WAITING}) (else {wat.OK}))"
    divides = f"{THERE} (drop (i32.div_u (i32.const 1) (i32.const 0)))"
    with host_of(tmp_path, call, divides) as host, ThreadPoolExecutor() as pool:
        before = reserved()
        for _ in range(3):
            others = [pool.submit(act, host, 1) for _ in range(4)]
            with pytest.raises(CallError, match=r"trapped: .*integer divide by zero") as caught:
                act(host, 2)
            assert (caught.value.code, caught.value.status) == ("internal", 500)
            assert [other.result(60).result for other in others] == [{"ok": True}] * 4
        until(lambda: reserved() <= before)
        assert host.load().running == 0


def test_a_trap_in_a_helper_counts_even_where_the_call_ends(tmp_path: Path) -> None:
    with host_of(tmp_path, MEET, f"{wat.HELP} unreachable") as host:
        with pytest.raises(CallError, match=r"trapped: .*unreachable") as caught:
            act(host, 3)
        assert caught.value.code == "internal"
        assert act(host, 1).result == {"ok": True}


def test_what_a_helper_has_written_before_it_trapped_is_the_error(tmp_path: Path) -> None:
    fails = f"{THERE} {wat.FAIL} unreachable"
    with host_of(tmp_path, WAITING, fails) as host, pytest.raises(CallError, match="not so") as caught:
        act(host, 2)
    assert (caught.value.code, caught.value.option) == ("bad_call", "/some_thing")


def test_a_trap_in_the_call_ends_its_helpers(tmp_path: Path) -> None:
    with host_of(tmp_path, f"{wat.MEET} (i32.store (i32.const -4) (i32.const 1))") as host:
        with pytest.raises(CallError, match=r"trapped: .*out of bounds"):
            act(host, 4)
        assert host.load().running == 0


@pytest.mark.parametrize("how", ["time", "cancel"])
@pytest.mark.parametrize("help", [wat.HELP, DEAF])
def test_a_call_that_waits_for_helpers_is_stopped_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, help: str
) -> None:
    monkeypatch.setattr(clock, "LAST_RESORT", 0.2)
    with host_of(tmp_path, WAITING, help) as host:
        before = reserved()
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        given = {"time_limit": 0.3} if how == "time" else {"cancel": cancel}
        with pytest.raises(CallError) as caught:
            act(host, 3, **given)
        assert caught.value.code == {"time": "time_limit", "cancel": "cancelled"}[how]
        until(lambda: reserved() <= before)


def test_helpers_that_do_not_leave_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call itself has ended well by then."""
    monkeypatch.setattr(clock, "LAST_RESORT", 0.1)
    monkeypatch.setattr(team, "PATIENCE", 0.1)
    with host_of(tmp_path, MEET, DEAF) as host:
        before = reserved()
        assert act(host, 3).result == {"ok": True}
        until(lambda: reserved() <= before)


def test_a_helper_that_cannot_be_stopped_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that touches nothing, which no compiler makes of C++; here it ends after some seconds."""
    monkeypatch.setattr(clock, "LAST_RESORT", 0.1)
    monkeypatch.setattr(team, "PATIENCE", 0.1)
    monkeypatch.setattr(team, "_ABANDONED", 0.3)
    count = f"""(local $i i64) {THERE}
      (loop $again (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br_if $again (i64.lt_u (local.get $i) (i64.const 4000000000))))"""
    with host_of(tmp_path, MEET, count) as host:
        before = reserved()
        assert act(host, 2).result == {"ok": True}
        assert act(host, 1).result == {"ok": True}
        until(lambda: reserved() <= before)


def test_memory_that_helpers_need_is_no_reason_to_fail(tmp_path: Path) -> None:
    short = wat.FAIL.replace("(i32.const 1)", "(i32.const 9)", 1)
    call = f"(if (i32.load (i32.const {wat.GIVEN})) (then {short}) (else {wat.OK}))"
    with host_of(tmp_path, call) as host:
        with pytest.raises(CallError) as caught:
            act(host, 2)
        assert caught.value.code == "memory_limit"
        answer = act(host, data=LARGE)
        assert (answer.result, answer.threads) == ({"ok": True}, 1)


def test_no_room_for_helpers_is_none_either(tmp_path: Path) -> None:
    module = Module(wat.write(tmp_path, wat.helped(wat.OK, first=0)))
    with Host(module, Settings.load(cache_dir="off", threads=2)) as host:
        assert act(host, 3).threads == 1


@pytest.mark.parametrize("first", [2049, -8, 131072])
def test_a_block_that_is_nowhere_is_internal(tmp_path: Path, first: int) -> None:
    module = Module(wat.write(tmp_path, wat.helped(wat.OK, first=first)))
    with (
        Host(module, Settings.load(cache_dir="off", threads=2)) as host,
        pytest.raises(CallError, match="helper") as caught,
    ):
        act(host, 2)
    assert caught.value.code == "internal"


def test_many_calls_at_once_with_helpers(tmp_path: Path) -> None:
    with host_of(tmp_path, wat.OK, threads=3) as host, ThreadPoolExecutor(8) as pool:
        act(host, 2)
        before = reserved()
        answers = list(pool.map(lambda n: act(host, n % 4 or None, LARGE), range(80)))
        assert {bytes(answer.outputs[0].data) for answer in answers} == {LARGE}
        until(lambda: reserved() <= before)


def test_pushed_calls_have_helpers_for_large_pieces(tmp_path: Path) -> None:
    is_large = f"(i32.ge_u (local.get $length) (i32.const {BYTES}))"
    push = f"(if {is_large} (then {until_word(wat.PRESENT, 1)}) (else {wat.MEET})) {wat.ECHO}"
    path = wat.write(tmp_path, wat.helped_push(push))
    with Host(Module(path), Settings.load(cache_dir="off", threads=2)) as host:
        for threads in (1, 3):
            with_some = host.open("act", threads=threads)
            for _ in range(3):
                answer = with_some.push(b"piece")
                assert answer is not None
                assert (answer.threads, bytes(answer.outputs[0].data)) == (threads, b"piece")
            assert with_some.finish(b"last").threads == threads
        policy = host.open("act")
        seen = [policy.push(data).threads for data in (b"small", LARGE)]  # type: ignore[union-attr]
        assert seen == [1, 2]
        policy.close()
        assert host.load().memory == 0


def test_a_stopped_push_stops_its_helpers(tmp_path: Path) -> None:
    path = wat.write(tmp_path, wat.helped_push(WAITING))
    with Host(Module(path), Settings.load(cache_dir="off", threads=2)) as host:
        before = reserved()
        push = host.open("act", threads=3, time_limit=0.3)
        with pytest.raises(CallError) as caught:
            push.push(b"x")
        assert caught.value.code == "time_limit"
        until(lambda: reserved() <= before)


def test_provenance_tells_the_threads(tmp_path: Path) -> None:
    module = Module(wat.write(tmp_path, wat.helped(meeting(1))))
    with Codec(module, Settings.load(cache_dir="off", threads=2)) as codec:
        codec.host.call("act", threads=2)
        found = codec.act(data=[LARGE])  # type: ignore[attr-defined]
        assert found.provenance.threads == 2


def test_what_is_worth_helpers() -> None:
    described = wat.interface()
    function = described["functions"][0]
    for threads, cost, size, worth in (
        (False, {}, 1 << 30, False),
        (True, {}, BYTES - 1, False),
        (True, {}, BYTES, True),
        (True, {"work": {"product": [{"input_bytes": "data"}, 0.5]}}, 2 * WORK, True),
        (True, {"work": {"product": [{"input_bytes": "data"}, 0.5]}}, 2 * WORK - 1, False),
        (True, {"work": {"measured": "pixels"}}, BYTES, True),
    ):
        made = wat.described({**function, "threads": threads, "cost": cost})
        assert is_worth_helpers(made, {}, [(0, int(size))]) is worth
