"""What a module was made from, as build/codec.json tells it."""

from __future__ import annotations

import gzip
import hashlib
import json

from recipe.module import embedded_interface, native_hash
from recipe.pins import Pins
from recipe.place import Place


def provenance(place: Place, pins: Pins, module: bytes) -> bytes:
    """codec.json: the module's identity, and the sources, patches, toolchain and flags it was made with."""
    tools = ["emscripten", "binaryen", "clang-19", "lld-19", "cmake"]
    versions = place.run(["dpkg-query", "-W", "-f", "${Package}=${Version}\n", *tools])
    facts = {
        "module": {
            "sha256": hashlib.sha256(module).hexdigest(),
            "bytes": len(module),
            "gzip_bytes": len(gzip.compress(module, 9, mtime=0)),
        },
        "interface_sha256": hashlib.sha256(embedded_interface()).hexdigest(),
        "native_sha256": native_hash(),
        "toolchain": dict(line.split("=", 1) for line in sorted(versions.split())),
        "flags": {
            "compile": pins.flags.compile,
            "compile_cxx": pins.flags.compile_cxx,
            "wasm_opt": pins.flags.wasm_opt,
        },
        "sources": [
            {
                "name": source.name,
                "debian_package": source.package,
                "debian_version": source.version,
                "debian_patches": source.patches,
                "own_patches": source.own_patches,
                "files": [{"name": file.name, "sha256": file.sha256} for file in source.files],
            }
            for source in pins.sources
        ],
    }
    return (json.dumps(facts, indent=2) + "\n").encode()
