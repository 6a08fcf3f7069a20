"""A native decoder's floats to compare with: the libjxl of imagecodecs, in a process of its own.

imagecodecs gives samples of the file's own integer type, too coarse for tight limits; so its libjxl is called
by the C interface (jxl/decode.h, jxl/types.h, jxl/codestream_header.h of version 0.11), as libjxl's own tool
does that made the suite's references: coalesced frames, no colour management, spot colours not rendered.

A process of its own because native code may leave the processor's vector state dirty, which slows wasm code
in the same thread many times over.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from ctypes import byref, c_int, c_size_t, c_uint32, c_void_p
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import EithersideError
from .structures import BasicInfo, PixelFormat

TIME_LIMIT = 300.0
_SUCCESS, _ERROR, _MORE_INPUT = 0, 1, 2
_NEED_PREVIEW, _NEED_IMAGE = 3, 5
_BASIC_INFO, _COLOUR, _PREVIEW, _FRAME, _IMAGE = 0x40, 0x100, 0x200, 0x400, 0x1000
_TARGET_DATA = 1


class NativeError(EithersideError):
    """The native decoder is absent, or does not decode the file."""


@dataclass(frozen=True)
class Native:
    """What the native decoder gave.

    Attributes:
        samples: float32, (frames, height, width, channels): colour, then extra channels in the file's order.
        icc: profile of the colour samples.
        preview: float32, (height, width, channels); None where the file has none.
        version: of libjxl.
    """

    samples: NDArray[np.float32]
    icc: bytes
    preview: NDArray[np.float32] | None
    version: str


def is_installed() -> bool:
    """Returns whether there is a native decoder to ask."""
    return find_spec("imagecodecs") is not None


def decode(data: bytes) -> Native:
    """Decodes a file to floats with native libjxl.

    Raises:
        NativeError: it is not installed, or fails.
    """
    if not is_installed():
        raise NativeError("imagecodecs is not installed: pip install 'eitherside[conformance]'")
    with tempfile.TemporaryDirectory(prefix="eitherside-") as folder:
        source, target = Path(folder) / "input", Path(folder) / "output.npz"
        source.write_bytes(data)
        command = [sys.executable, "-m", "eitherside.conformance.native", str(source), str(target)]
        try:
            subprocess.run(command, check=True, timeout=TIME_LIMIT, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            lines = str(error.stderr).strip().splitlines() or [f"exit status {error.returncode}"]
            raise NativeError(f"the native decoder failed: {lines[-1]}") from None
        except subprocess.TimeoutExpired:
            raise NativeError(f"the native decoder took longer than {TIME_LIMIT:g} s") from None
        with np.load(target, allow_pickle=False) as found:
            return Native(
                found["samples"], found["icc"].tobytes(), found.get("preview"), str(found["version"])
            )


def _library() -> ctypes.CDLL:
    # The import loads the libraries that libjxl needs, from where the package keeps them.
    import imagecodecs
    from imagecodecs import _jpegxl  # noqa: F401

    package = Path(imagecodecs.__file__).parent
    places = [package.with_name("imagecodecs.libs"), package / ".dylibs"]
    found = [path for place in places for path in place.glob("libjxl[-.]*")]
    if not found:
        raise NativeError("imagecodecs brings no libjxl of its own here")
    library = ctypes.CDLL(str(found[0]))
    library.JxlDecoderCreate.restype = c_void_p
    return library


class _Decoder:
    """One decoder, and what it has told."""

    def __init__(self, library: ctypes.CDLL, data: bytes) -> None:
        self._library = library
        self._decoder = c_void_p(library.JxlDecoderCreate(None))
        self._data = data
        self.info = BasicInfo()
        self.icc = b""
        self.frames: list[NDArray[np.float32]] = []
        self.preview: NDArray[np.float32] | None = None
        self._parts: list[NDArray[np.float32]] = []

    def _do(self, name: str, *arguments: Any) -> None:
        if getattr(self._library, name)(self._decoder, *arguments) != _SUCCESS:
            raise NativeError(f"{name} failed")

    def run(self) -> None:
        """Decodes everything."""
        events = _BASIC_INFO | _COLOUR | _PREVIEW | _FRAME | _IMAGE
        self._do("JxlDecoderSubscribeEvents", c_int(events))
        self._do("JxlDecoderSetRenderSpotcolors", c_int(0))
        self._do("JxlDecoderSetInput", self._data, c_size_t(len(self._data)))
        self._library.JxlDecoderCloseInput(self._decoder)
        while (status := self._library.JxlDecoderProcessInput(self._decoder)) != _SUCCESS:
            if status in (_ERROR, _MORE_INPUT):
                raise NativeError("the file is broken or not whole")
            if status == _BASIC_INFO:
                self._do("JxlDecoderGetBasicInfo", byref(self.info))
            elif status == _COLOUR:
                self.icc = self._profile(_TARGET_DATA)
            elif status == _NEED_PREVIEW:
                self.preview = self._buffer("Preview", self.info.preview_ysize, self.info.preview_xsize)
            elif status == _NEED_IMAGE:
                self._frame()
            elif status == _IMAGE:
                self.frames.append(np.concatenate(self._parts, axis=-1))

    def _format(self, channels: int) -> PixelFormat:
        return PixelFormat(channels, 0, 1, 0)

    def _profile(self, target: int) -> bytes:
        size = c_size_t()
        self._do("JxlDecoderGetICCProfileSize", c_int(target), byref(size))
        profile = ctypes.create_string_buffer(size.value)
        self._do("JxlDecoderGetColorAsICCProfile", c_int(target), profile, size)
        return profile.raw

    def _buffer(self, kind: str, height: int, width: int) -> NDArray[np.float32]:
        colours = self.info.num_color_channels
        buffer = np.zeros((height, width, colours), np.float32)
        form = self._format(colours)
        pointer = buffer.ctypes.data_as(c_void_p)
        self._do(f"JxlDecoderSet{kind}OutBuffer", byref(form), pointer, c_size_t(buffer.nbytes))
        return buffer

    def _frame(self) -> None:
        height, width = self.info.ysize, self.info.xsize
        self._parts = [self._buffer("Image", height, width)]
        form = self._format(1)
        for index in range(self.info.num_extra_channels):
            extra = np.zeros((height, width, 1), np.float32)
            pointer = extra.ctypes.data_as(c_void_p)
            arguments = (byref(form), pointer, c_size_t(extra.nbytes), c_uint32(index))
            self._do("JxlDecoderSetExtraChannelBuffer", *arguments)
            self._parts.append(extra)


def main(source: str, target: str) -> None:
    """Decodes the file `source` into `target`, an .npz file, with native code in this process."""
    library = _library()
    version = int(library.JxlDecoderVersion())
    decoder = _Decoder(library, Path(source).read_bytes())
    decoder.run()
    arrays: dict[str, NDArray[Any]] = {
        "samples": np.stack(decoder.frames),
        "icc": np.frombuffer(decoder.icc, np.uint8),
        "version": np.array(f"{version // 1_000_000}.{version // 1000 % 1000}.{version % 1000}"),
    }
    if decoder.preview is not None:
        arrays["preview"] = decoder.preview
    with Path(target).open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
