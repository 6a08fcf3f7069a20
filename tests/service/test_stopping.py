"""Modules with a stop word: what looks at it ends by itself, and what does not loses its memory."""

from __future__ import annotations

import ctypes
import threading
import time
from pathlib import Path

import pytest
import wasmtime

from eitherside import CallError, Host, Module, Settings, clock
from eitherside.compiled import has_helpers, has_stop_word, new_engine
from eitherside.linear import RESERVED, Linear
from eitherside.memory import Memory
from support import wat
from support.stopping import stops

POLLING = f"(loop $again {wat.POLL} (br $again))"
STORING = "(loop $again (i32.store (i32.const 4096) (i32.const 1)) (br $again))"
COUNTING = f"""
  (loop $again (i32.atomic.store (i32.const 4096) (i32.add (i32.atomic.load (i32.const 4096)) (i32.const 1)))
    (br_if $again (i32.lt_u (i32.load (i32.const 4096)) (i32.const 10000000)))) {wat.OK}"""


def host_of(folder: Path, call: str, more: str = wat.STOP, **given: object) -> Host:
    module = Module(wat.write(folder, wat.build(call, more=more)))
    return Host(module, Settings.load(**{"cache_dir": "off", "threads": 1, **given}))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort comes at once."""
    monkeypatch.setattr(clock, "LAST_RESORT", 0.2)


def test_what_looks_at_the_word_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Linear, "revoke", lambda _: pytest.fail("not needed"))
    stops(host_of(tmp_path, POLLING))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "access",
    [
        "(i32.store (i32.const 4096) (i32.const 1))",
        "(i32.store (local.get $inputs) (i32.const 1))",
        "(drop (i32.load (i32.const 4096)))",
        "(i32.atomic.store (i32.const 4096) (i32.const 1))",
        "(drop (i32.atomic.rmw.add (local.get $inputs) (i32.const 1)))",
        "(v128.store (i32.const 4096) (i32x4.splat (local.get $inputs)))",
    ],
)
def test_what_never_looks_at_it_loses_its_memory(tmp_path: Path, access: str) -> None:
    stops(host_of(tmp_path, f"(loop $again {access} (br $again))"))


def test_a_module_without_the_word_is_interrupted_by_epochs(tmp_path: Path) -> None:
    host = host_of(tmp_path, STORING, more="")
    assert not has_stop_word(host.module)
    stops(host)


def test_a_module_of_others_is_not_believed(tmp_path: Path) -> None:
    """It could say that it looks at the word, and have nothing that the last resort stops."""
    path = wat.write(tmp_path, wat.helped(wat.SPIN))
    module = Module(path, is_trusted=False)
    assert (has_stop_word(module), has_helpers(module)) == (False, False)
    assert has_helpers(Module(path))
    stops(Host(module, Settings.load(cache_dir="off", threads=2)))
    memory = Memory(tmp_path / "memory")
    kept = memory.keep_module(path.read_bytes())
    found = memory.module(kept.sha256)
    assert found is not None
    assert not (kept.is_trusted or found.is_trusted)


@pytest.mark.usefixtures("soon")
def test_other_calls_go_on(tmp_path: Path) -> None:
    call = f"(if (i32.eqz (local.get $count)) (then {STORING}) (else (block {wat.OK})))"
    with host_of(tmp_path, call, threads=3) as host:
        ends: list[CallError] = []

        def spin() -> None:
            with pytest.raises(CallError) as caught:
                host.call("act", time_limit=0.3)
            ends.append(caught.value)

        threads = [threading.Thread(target=spin) for _ in range(2)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert host.call("act", None, {"data": b"x" * 100_000}).result == {"ok": True}
        for thread in threads:
            thread.join()
        assert [end.code for end in ends] == ["time_limit"] * 2


def test_a_call_that_ends_after_the_word_was_written_has_ended(tmp_path: Path) -> None:
    """Nothing looks at the word, and the last resort is far: the answer is as good as any."""

    class ForTheClock(threading.Event):
        asked = 0

        def is_set(self) -> bool:
            is_asked = threading.current_thread().name == "eitherside-clock"
            self.asked += is_asked
            return is_asked

    cancel = ForTheClock()
    with host_of(tmp_path, COUNTING) as host:
        assert host.call("act", cancel=cancel).result == {"ok": True}
        assert cancel.asked == 1


@pytest.mark.parametrize("where", ["513", "-4", "131070"])
def test_a_word_that_is_nowhere_is_internal(tmp_path: Path, where: str) -> None:
    more = wat.STOP.replace("512", where)
    with host_of(tmp_path, wat.OK, more) as host, pytest.raises(CallError, match="stop word") as caught:
        host.call("act")
    assert caught.value.code == "internal"


@pytest.mark.parametrize("shared", [False, True])
def test_a_memory_never_moves(shared: bool) -> None:
    """The word's address is told once; the memory may grow to its end after that."""
    engine = new_engine(epochs=False)
    store = wasmtime.Store(engine)
    memory = Linear(engine, store, wasmtime.Limits(1, 65536), shared=shared)
    word = memory.word(512)
    word.value = 7
    given = () if shared else (store,)
    for pages in (1, 1000, 32000, 65536 - 33002):
        memory.extern.grow(*given, pages)
        assert ctypes.addressof(memory.extern.data_ptr(*given).contents) == memory.base
    assert memory.size == RESERVED
    assert word.value == 7
    del word
    store.close()
    memory.close()


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").is_dir(), reason="the system has no huge pages to ask for"
)
@pytest.mark.parametrize("shared", [False, True])
def test_memories_ask_for_huge_pages(shared: bool) -> None:
    engine = new_engine(epochs=False)
    store = wasmtime.Store(engine)
    memory = Linear(engine, store, wasmtime.Limits(1, 65536), shared=shared)
    maps = Path("/proc/self/smaps").read_text().split(f"\n{memory.base:x}-", 1)[1]
    flags = next(line for line in maps.splitlines() if line.startswith("VmFlags:"))
    assert "hg" in flags.split()
    store.close()
    memory.close()


def test_the_word_is_written_while_the_memory_grows(tmp_path: Path) -> None:
    grow = f"(loop $again {wat.POLL} (drop (memory.grow (i32.const 1))) (br $again))"
    stops(host_of(tmp_path, grow))


def test_closing_races_with_stopping(tmp_path: Path) -> None:
    """Calls end by themselves and by the clock at about the same time, over and over."""
    count = COUNTING.replace("10000000", "2000000")
    with host_of(tmp_path, count, threads=2) as host:
        end = time.monotonic() + 2
        outcomes: set[str] = set()

        def run() -> None:
            while time.monotonic() < end:
                try:
                    host.call("act", time_limit=0.01)
                    outcomes.add("ok")
                except CallError as error:
                    outcomes.add(error.code)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes <= {"ok", "time_limit"}


def test_a_call_whose_cancelling_cannot_be_asked_goes_on(tmp_path: Path) -> None:
    class Strange(threading.Event):
        def is_set(self) -> bool:
            if threading.current_thread().name == "eitherside-clock":
                raise RuntimeError("no")
            return super().is_set()

    with host_of(tmp_path, COUNTING) as host:
        assert host.call("act", cancel=Strange()).result == {"ok": True}
        assert host.call("act").result == {"ok": True}
