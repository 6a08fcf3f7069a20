"""The module that was shipped: what it imports, which instructions it has, and what it says of itself."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
import wasmtime

from eitherside import Module, ModuleError
from eitherside.compiled import compile_module

IMPORTS = {
    "env.memory",
    "wasi_snapshot_preview1.fd_close",
    "wasi_snapshot_preview1.fd_seek",
    "wasi_snapshot_preview1.fd_write",
    "wasi_snapshot_preview1.proc_exit",
}
EXPORTS = {
    "eitherside_abi",
    "eitherside_allocate",
    "eitherside_answer",
    "eitherside_call",
    "eitherside_free",
    "eitherside_limit",
    "eitherside_start",
}


def compiled(module: Module) -> wasmtime.Module:
    return compile_module(module, Path(os.environ["EITHERSIDE_CACHE_DIR"])).module


def engine(*, simd: bool = True, relaxed: bool = False, threads: bool = True) -> wasmtime.Engine:
    config = wasmtime.Config()
    config.wasm_relaxed_simd = relaxed
    config.wasm_simd = simd
    config.wasm_threads = threads
    return wasmtime.Engine(config)


def test_it_imports_nothing_but_memory_and_four_functions(module: Module) -> None:
    assert set(module.imports) <= IMPORTS
    assert "env.memory" in module.imports
    imports = compiled(module).imports
    assert [f"{item.module}.{item.name}" for item in imports] == module.imports


def test_it_exports_what_the_binary_interface_says(module: Module) -> None:
    assert {item.name for item in compiled(module).exports} >= EXPORTS


def test_simd_is_on_and_relaxed_simd_is_not(module: Module) -> None:
    wasmtime.Module.validate(engine(relaxed=False), module.bytes)
    with pytest.raises(wasmtime.WasmtimeError, match="SIMD"):
        wasmtime.Module.validate(engine(simd=False), module.bytes)


def test_the_check_for_relaxed_simd_can_fail() -> None:
    relaxed = wasmtime.wat2wasm(
        "(module (func (param v128 v128) (result v128) local.get 0 local.get 1 i8x16.relaxed_swizzle))"
    )
    wasmtime.Module.validate(engine(relaxed=True), relaxed)
    with pytest.raises(wasmtime.WasmtimeError, match="relaxed SIMD"):
        wasmtime.Module.validate(engine(relaxed=False), relaxed)


def test_it_is_made_for_threads_and_runs_without(module: Module) -> None:
    assert module.memory.shared
    with pytest.raises(wasmtime.WasmtimeError):
        wasmtime.Module.validate(engine(threads=False), module.bytes)
    assert hashlib.sha256(module.one_thread_bytes()).hexdigest() != module.sha256


def test_its_identity_and_provenance(module: Module) -> None:
    assert module.sha256 == hashlib.sha256(module.path.read_bytes()).hexdigest()
    provenance = module.provenance
    assert provenance is not None
    assert module.sha256 in json.dumps(provenance)


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match=r"cannot read the module .*nothing\.wasm: No such file"):
        Module(tmp_path / "nothing.wasm")


def test_malformed_provenance_is_an_error(tmp_path: Path, module: Module) -> None:
    path = tmp_path / "codec.wasm"
    path.write_bytes(module.bytes)
    assert Module(path).provenance is None
    (tmp_path / "codec.json").write_text("[1]")
    with pytest.raises(ModuleError, match="not a JSON object"):
        _ = Module(path).provenance
