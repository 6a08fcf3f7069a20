"""Native libjxl, by imagecodecs, in a process of its own, over .npy files.

A process of its own because native code may leave the processor's vector state dirty, which slows wasm code
in the same thread many times over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, __file__, *arguments], check=True, timeout=240)


def version() -> str:
    """libjxl's version, such as ``0.11.2``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "version"
        _run("version", str(path))
        return path.read_text()


def encode(samples: NDArray[Any], **options: Any) -> bytes:
    """Encodes an array of shape (height, width[, channels]) with native libjxl."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npy", Path(folder) / "out.jxl"
        np.save(source, samples)
        _run("encode", str(source), str(target), json.dumps(options))
        return target.read_bytes()


def decode(data: bytes) -> NDArray[Any]:
    """Decodes a JPEG XL file with native libjxl; an animation has its frames in the first axis."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.jxl", Path(folder) / "out.npy"
        source.write_bytes(data)
        _run("decode", str(source), str(target))
        decoded: NDArray[Any] = np.load(target)
        return decoded


def main() -> None:
    """Does what the command line says, with native code in this process."""
    import imagecodecs

    command, *paths = sys.argv[1:]
    if command == "version":
        Path(paths[0]).write_text(imagecodecs.jpegxl_version().split()[-1])
    elif command == "encode":
        Path(paths[1]).write_bytes(imagecodecs.jpegxl_encode(np.load(paths[0]), **json.loads(paths[2])))
    else:
        np.save(paths[1], imagecodecs.jpegxl_decode(Path(paths[0]).read_bytes()))


if __name__ == "__main__":
    main()
