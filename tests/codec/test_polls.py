"""The polls that the build puts into loops, on small modules that wasmtime runs."""

import threading

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st
from recipe.polls import with_polls
from recipe.report import BuildError

WORD = 1024
HEAD = f"""(memory (export "memory") 1 1 shared)
  (func (export "eitherside_stop") (result i32) i32.const {WORD})"""

# Counts to its argument, in an outer loop around an inner one.
NESTED = f"""(module {HEAD}
  (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32)
    (loop $outer
      (local.set $j (i32.const 3))
      (loop $inner
        (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
        (br_if $inner (local.tee $j (i32.sub (local.get $j) (i32.const 1)))))
      (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    local.get $sum))"""

INNERMOST = f"""(module {HEAD}
  (func (export "run") (param $n i32) (result i32) (local $i i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    local.get $i))"""

CALLING = f"""(module {HEAD}
  (func $bounded (param i32) (result i32) local.get 0 i32.const 1 i32.add)
  (func $looping (param $n i32) (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func $around (param i32) local.get 0 call $looping)
  (func (export "bounded") (param $n i32) (local $i i32)
    (loop $l (br_if $l (i32.lt_u (local.tee $i (call $bounded (local.get $i))) (local.get $n)))))
  (func (export "looping") (param $n i32)
    (loop $l
      i32.const 2 call $around
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (table 1 funcref) (elem (i32.const 0) $looping) (type $t (func (param i32)))
  (func (export "indirect") (param $n i32)
    (loop $l
      i32.const 2 (call_indirect (type $t) (i32.const 0))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"""

LONG = f"""(module {HEAD}
  (data "bytes")
  (func (export "run") (param $n i32)
    (loop $l
      %s
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"""

# One of each kind of immediate that an instruction can have.
IMMEDIATES = f"""(module {HEAD}
  (table 2 funcref) (elem declare func $f) (global $g (mut i64) (i64.const -9223372036854775808))
  (func $f (param i32) (result i32) local.get 0)
  (data "bytes")
  (func (export "run") (param $n i32) (result i32) (local $v v128) (local $i i32) (local $f f64)
    (loop $outer
      (block $a (block $b (block $c (br_table $a $b $c (local.get $n)))))
      (local.set $v (v128.const i32x4 3 3 11 0x03030303))
      (local.set $v (i8x16.shuffle 3 3 3 3 3 3 3 3 11 11 11 11 2 2 2 2 (local.get $v) (local.get $v)))
      (local.set $v (v128.load32_lane offset=3 3 (i32.const 0) (local.get $v)))
      (local.set $v (i32x4.replace_lane 3 (local.get $v) (i32.const 3)))
      (local.set $v (f32x4.add (local.get $v) (v128.load64_zero offset=11 (i32.const 0))))
      (v128.store offset=16 align=1 (i32.const 3) (local.get $v))
      (local.set $f (f64.add (f64.const 0x1.0303030303030p+1) (f64.promote_f32 (f32.const 0x1.0303p+3))))
      (drop (i32.atomic.rmw.add offset=32 (i32.const 0) (i32.const 3)))
      (drop (memory.atomic.notify offset=32 (i32.const 0) (i32.const 0)))
      atomic.fence
      (memory.init 0 (i32.const 64) (i32.const 0) (i32.const 3))
      (memory.fill (i32.const 80) (i32.const 3) (i32.const 3))
      (memory.copy (i32.const 90) (i32.const 80) (i32.const 3))
      (table.set 0 (i32.const 0) (ref.func $f))
      (drop (table.grow 0 (ref.null func) (i32.const 0)))
      (drop (select (result i64) (global.get $g) (i64.const 3) (local.get $n)))
      (drop (memory.grow (i32.const 0)))
      (drop (i32.trunc_sat_f64_s (local.get $f)))
      (loop $inner (br_if $inner (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
      (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    local.get $i))"""


class Running:
    """A module with polls, and its shared memory's stop word."""

    def __init__(self, text: str) -> None:
        module, self.polls = with_polls(bytes(wasmtime.wat2wasm(text)))
        config = wasmtime.Config()
        config.wasm_threads = config.shared_memory = True
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        self.exports = wasmtime.Instance(self.store, wasmtime.Module(engine, module), []).exports(self.store)

    def __call__(self, name: str, *arguments: int) -> object:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        return function(self.store, *arguments)

    def stop(self) -> None:
        """Writes the stop word."""
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.SharedMemory)
        memory.data_ptr()[WORD] = 1


@given(st.integers(1, 50))
def test_results_stay_as_they_were(n: int) -> None:
    """Polls change nothing but that the call can be stopped."""
    assert Running(NESTED)("run", n) == 3 * n


def test_stops_a_loop_around_a_loop() -> None:
    """A loop that contains a loop traps soon after the word was written."""
    running = Running(NESTED)
    assert running.polls == 1
    threading.Timer(0.05, running.stop).start()
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        running("run", 0xFFFFFFFF)


def test_innermost_loops_have_no_poll() -> None:
    """A loop of straight code costs nothing, and ends by itself."""
    running = Running(INNERMOST)
    running.stop()
    assert (running.polls, running("run", 1000)) == (0, 1000)


@pytest.mark.parametrize(
    "long",
    [
        "(memory.fill (i32.const 80) (i32.const 3) (local.get $n))",
        "(memory.copy (i32.const 90) (i32.const 80) (local.get $n))",
        "(memory.init 0 (i32.const 64) (i32.const 0) (i32.const 3))",
        "(drop (memory.atomic.wait32 (i32.const 32) (i32.const 1) (i64.const 0)))",
        "(drop (memory.atomic.wait64 (i32.const 32) (i64.const 1) (i64.const 0)))",
    ],
)
def test_what_engines_do_by_themselves_counts_as_a_loop(long: str) -> None:
    """Waits and copies of any length run in the engine's code, which no host can interrupt by force."""
    running = Running(LONG % long)
    running.stop()
    assert running.polls == 1
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        running("run", 5)


@pytest.mark.parametrize(("name", "stops"), [("bounded", False), ("looping", True), ("indirect", True)])
def test_calls_count_where_the_callee_may_loop(name: str, stops: bool) -> None:
    """Calls of straight code are straight code; those of what loops, however deep, or of a table are not."""
    running = Running(CALLING)
    running.stop()
    assert running.polls == 2
    if stops:
        with pytest.raises(wasmtime.Trap, match="unreachable"):
            running(name, 5)
    else:
        running(name, 5)


def test_knows_the_length_of_every_instruction() -> None:
    """Immediates that look like loops and ends are skipped, and the module stays valid."""
    running = Running(IMMEDIATES)
    assert (running.polls, running("run", 3)) == (1, 9)


def test_needs_to_know_where_the_word_is() -> None:
    """A module that does not tell, or computes it, is refused."""
    with pytest.raises(BuildError, match="no export eitherside_stop"):
        with_polls(bytes(wasmtime.wat2wasm('(module (func (export "other")))')))
    computed = '(module (func (export "eitherside_stop") (result i32) (i32.add (i32.const 1) (i32.const 2))))'
    with pytest.raises(BuildError, match="more than give"):
        with_polls(bytes(wasmtime.wat2wasm(computed)))
