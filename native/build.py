"""Builds the module from its pinned sources: `make wasm`, and `make wasm-check`.

python3 native/build.py           write build/codec.wasm and build/codec.json
python3 native/build.py --check   build in a fresh folder and compare with the committed module
python3 native/build.py --stale   exit with 1 where native/ is not what the committed module was built from
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
from pathlib import Path

from recipe import pins, place
from recipe.module import build, native_hash, write
from recipe.provenance import provenance
from recipe.report import BuildError, step

BUILD = Path(__file__).resolve().parent.parent / "build"


def is_stale() -> bool:
    """Whether native/ differs from what build/codec.wasm was built from."""
    try:
        facts = json.loads((BUILD / "codec.json").read_text())
        module = (BUILD / "codec.wasm").read_bytes()
    except FileNotFoundError:
        return True
    same_module = facts["module"]["sha256"] == hashlib.sha256(module).hexdigest()
    return not same_module or bool(facts["native_sha256"] != native_hash())


def check(module: bytes) -> int:
    """Compare a module with the committed one; 0 where they are the same, byte for byte."""
    built = hashlib.sha256(module).hexdigest()
    committed = hashlib.sha256((BUILD / "codec.wasm").read_bytes()).hexdigest()
    print(f"built     {built}\ncommitted {committed}")
    print(
        "identical, byte for byte"
        if built == committed
        else "DIFFERENT: the committed module is not what native/ gives"
    )
    return 0 if built == committed else 1


def main() -> int:
    """Run the command line above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="compare a fresh build with the committed module"
    )
    parser.add_argument(
        "--stale", action="store_true", help="tell whether native/ changed since the committed build"
    )
    arguments = parser.parse_args()
    if arguments.stale:
        stale = is_stale()
        print(
            "native/ changed since build/codec.wasm was built"
            if stale
            else "build/codec.wasm is built from this native/"
        )
        return 1 if stale else 0
    # A build that is told to stop takes its compilers along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        pinned = pins.load()
        where = place.find_place(pinned.toolchain)
        module = build(where, pinned)
        if arguments.check:
            return check(module)
        write(BUILD / "codec.wasm", module)
        write(BUILD / "codec.json", provenance(where, pinned, module))
    except BuildError as error:
        print(f"make wasm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make wasm: stopped", file=sys.stderr)
        return 130
    step(f"wrote build/codec.wasm, {len(module):,} bytes, SHA-256 {hashlib.sha256(module).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
