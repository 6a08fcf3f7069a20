"""Sizes of modules, as they are and as they are sent."""

from __future__ import annotations

import gzip

import brotli

from eitherside import Module, Settings

from .chromium import PEERS

_FILES = {
    "@jsquash/jxl, decoder": "@jsquash/jxl/codec/dec/jxl_dec.wasm",
    "@jsquash/jxl, encoder (one thread)": "@jsquash/jxl/codec/enc/jxl_enc.wasm",
    "@jsquash/jxl, encoder (threads, SIMD)": "@jsquash/jxl/codec/enc/jxl_enc_mt_simd.wasm",
    "jxl-oxide-wasm, decoder": "jxl-oxide-wasm/jxl_oxide_wasm_bg.wasm",
}
OURS = "eitherside, encoder and decoder"


def sizes(quick: bool) -> dict[str, dict[str, int]]:
    """Returns bytes raw, by gzip -9 and by brotli -q 11, of this project's module and of the peers'.

    Args:
        quick: leave the peers out.
    """
    modules = {OURS: Module.shipped(Settings.load().module).bytes}
    if not quick:
        modules |= {
            name: (PEERS / path).read_bytes() for name, path in _FILES.items() if (PEERS / path).is_file()
        }
    return {
        name: {
            "raw": len(data),
            "gzip": len(gzip.compress(data, 9, mtime=0)),
            "brotli": len(brotli.compress(data, quality=11)),
        }
        for name, data in modules.items()
    }
