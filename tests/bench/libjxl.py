"""Native libjxl by its C interface (jxl/decode.h, jxl/encode.h, version 0.11): the library of imagecodecs.

No wrapper stands between: what is measured is libjxl, on as many threads as asked.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import (
    Structure,
    byref,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_int32,
    c_size_t,
    c_uint32,
    c_void_p,
)
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eitherside.conformance.structures import BasicInfo, PixelFormat

Samples = NDArray[Any]

_TYPES = {"uint8": 2, "uint16": 3, "float32": 0}
_BASIC_INFO, _IMAGE, _JPEG = 0x40, 0x1000, 0x2000
_SUCCESS, _ERROR, _MORE = 0, 1, 2
_NEED_IMAGE, _NEED_JPEG = 5, 6
_EFFORT = 0
_SRGB, _GRAY, _D65, _BT709, _BT2100, _CURVE_SRGB, _CURVE_PQ, _RELATIVE = 0, 1, 1, 1, 9, 13, 16, 1


class LibjxlError(Exception):
    """A function of libjxl failed."""


class _Colour(Structure):
    """JxlColorEncoding."""

    _fields_ = (
        ("color_space", c_int),
        ("white_point", c_int),
        ("white_point_xy", c_double * 2),
        ("primaries", c_int),
        ("primaries_xy", c_double * 6),
        ("transfer_function", c_int),
        ("gamma", c_double),
        ("rendering_intent", c_int),
    )


class _Blend(Structure):
    """JxlBlendInfo."""

    _fields_ = (("blendmode", c_int), ("source", c_uint32), ("alpha", c_uint32), ("clamp", c_int))


class _FrameHeader(Structure):
    """JxlFrameHeader, its JxlLayerInfo inlined."""

    _fields_ = (
        ("duration", c_uint32),
        ("timecode", c_uint32),
        ("name_length", c_uint32),
        ("is_last", c_int),
        ("have_crop", c_int),
        ("crop_x0", c_int32),
        ("crop_y0", c_int32),
        ("xsize", c_uint32),
        ("ysize", c_uint32),
        ("blend_info", _Blend),
        ("save_as_reference", c_uint32),
    )


_POINTER_RESULTS = ("JxlDecoderCreate", "JxlEncoderCreate", "JxlEncoderFrameSettingsCreate")


class Libjxl:
    """libjxl on a number of threads."""

    def __init__(self, threads: int) -> None:
        """Loads it.

        Args:
            threads: how many threads a call uses; 1 uses no runner at all.

        Raises:
            LibjxlError: imagecodecs brings no libjxl of its own.
        """
        # The import loads the libraries that libjxl needs, from where the package keeps them.
        import imagecodecs
        from imagecodecs import _jpegxl  # noqa: F401

        package = Path(imagecodecs.__file__).parent
        folders = [package.with_name("imagecodecs.libs"), package / ".dylibs"]
        self._library = self._load(folders, "libjxl[-.]*")
        for name in _POINTER_RESULTS:
            getattr(self._library, name).restype = c_void_p
        self._runner: tuple[Any, c_void_p] | None = None
        if threads > 1:
            runners = self._load(folders, "libjxl_threads*")
            runners.JxlThreadParallelRunnerCreate.restype = c_void_p
            made = runners.JxlThreadParallelRunnerCreate(None, c_size_t(threads))
            self._runner = (runners.JxlThreadParallelRunner, c_void_p(made))
        number = int(self._library.JxlDecoderVersion())
        self.version = f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"

    @staticmethod
    def _load(folders: Sequence[Path], pattern: str) -> ctypes.CDLL:
        found = [path for folder in folders for path in folder.glob(pattern)]
        if not found:
            raise LibjxlError("imagecodecs brings no libjxl of its own here")
        return ctypes.CDLL(str(found[0]))

    def _do(self, name: str, *arguments: Any) -> None:
        if getattr(self._library, name)(*arguments) != _SUCCESS:
            raise LibjxlError(f"{name} failed")

    def decode(self, data: bytes, dtype: str) -> Samples:
        """Decodes all frames, each whole; (frames, height, width, channels) of the file's own colours."""
        frames: list[Samples] = []
        info = BasicInfo()
        decoder = c_void_p(self._library.JxlDecoderCreate(None))
        try:
            self._begin(decoder, data, _BASIC_INFO | _IMAGE)
            while (status := self._library.JxlDecoderProcessInput(decoder)) != _SUCCESS:
                if status in (_ERROR, _MORE):
                    raise LibjxlError("the file is broken or not whole")
                if status == _BASIC_INFO:
                    self._do("JxlDecoderGetBasicInfo", decoder, byref(info))
                elif status == _NEED_IMAGE:
                    channels = info.num_color_channels + (info.alpha_bits > 0)
                    frames.append(np.empty((info.ysize, info.xsize, channels), dtype))
                    wanted = PixelFormat(channels, _TYPES[dtype], 0, 0)
                    pointer = frames[-1].ctypes.data_as(c_void_p)
                    size = c_size_t(frames[-1].nbytes)
                    self._do("JxlDecoderSetImageOutBuffer", decoder, byref(wanted), pointer, size)
        finally:
            self._library.JxlDecoderDestroy(decoder)
        return np.stack(frames) if len(frames) > 1 else frames[0][None]

    def _begin(self, decoder: c_void_p, data: bytes, events: int) -> None:
        if self._runner:
            self._do("JxlDecoderSetParallelRunner", decoder, *self._runner)
        self._do("JxlDecoderSubscribeEvents", decoder, c_int(events))
        self._do("JxlDecoderSetInput", decoder, data, c_size_t(len(data)))
        self._library.JxlDecoderCloseInput(decoder)

    def reconstruct(self, data: bytes) -> bytes:
        """Returns the JPEG file that a JPEG XL file was made of."""
        buffer = ctypes.create_string_buffer(4 * len(data))
        decoder = c_void_p(self._library.JxlDecoderCreate(None))
        try:
            self._begin(decoder, data, _BASIC_INFO | _JPEG | _IMAGE)
            while (status := self._library.JxlDecoderProcessInput(decoder)) != _SUCCESS:
                if status == _JPEG:
                    self._do("JxlDecoderSetJPEGBuffer", decoder, buffer, c_size_t(len(buffer)))
                elif status not in (_BASIC_INFO, _IMAGE):
                    raise LibjxlError("the file holds no JPEG file")
            left = int(self._library.JxlDecoderReleaseJPEGBuffer(decoder))
        finally:
            self._library.JxlDecoderDestroy(decoder)
        return ctypes.string_at(buffer, len(buffer) - left)

    def encode(
        self, samples: Samples, colour: str, effort: int, distance: float | None, progressive: bool = False
    ) -> bytes:
        """Encodes (frames, height, width, channels); a distance of None is lossless."""
        encoder = c_void_p(self._library.JxlEncoderCreate(None))
        try:
            if self._runner:
                self._do("JxlEncoderSetParallelRunner", encoder, *self._runner)
            self._describe(encoder, samples, colour, lossless=distance is None)
            settings = c_void_p(self._library.JxlEncoderFrameSettingsCreate(encoder, None))
            self._do("JxlEncoderFrameSettingsSetOption", settings, c_int(_EFFORT), ctypes.c_int64(effort))
            if progressive:
                # JXL_ENC_FRAME_SETTING_RESPONSIVE, …_PROGRESSIVE_AC, …_QPROGRESSIVE_AC, …_PROGRESSIVE_DC
                for option, value in ((16, 1), (18, 1), (19, 1)):
                    self._do(
                        "JxlEncoderFrameSettingsSetOption", settings, c_int(option), ctypes.c_int64(value)
                    )
            if distance is None:
                self._do("JxlEncoderSetFrameLossless", settings, c_int(1))
            else:
                self._do("JxlEncoderSetFrameDistance", settings, c_float(distance))
            wanted = PixelFormat(samples.shape[3], _TYPES[samples.dtype.name], 0, 0)
            for frame in samples:
                if len(samples) > 1:
                    header = _FrameHeader()
                    self._library.JxlEncoderInitFrameHeader(byref(header))
                    header.duration = 1
                    self._do("JxlEncoderSetFrameHeader", settings, byref(header))
                pointer = frame.ctypes.data_as(c_void_p)
                size = c_size_t(frame.nbytes)
                self._do("JxlEncoderAddImageFrame", settings, byref(wanted), pointer, size)
            return self._output(encoder)
        finally:
            self._library.JxlEncoderDestroy(encoder)

    def _describe(self, encoder: c_void_p, samples: Samples, colour: str, lossless: bool) -> None:
        frames, height, width, channels = samples.shape
        info = BasicInfo()
        self._library.JxlEncoderInitBasicInfo(byref(info))
        info.xsize, info.ysize = width, height
        info.bits_per_sample = samples.itemsize * 8
        info.num_color_channels = 3 if channels > 2 else 1
        if channels in (2, 4):
            info.num_extra_channels, info.alpha_bits = 1, samples.itemsize * 8
        info.uses_original_profile = int(lossless)
        if frames > 1:
            info.have_animation, info.tps_numerator, info.tps_denominator = 1, 10, 1
        self._do("JxlEncoderSetBasicInfo", encoder, byref(info))
        if colour not in ("srgb", "rec2020_pq"):
            raise LibjxlError(f"no colour space {colour} here")
        curve, primaries = (_CURVE_SRGB, _BT709) if colour == "srgb" else (_CURVE_PQ, _BT2100)
        told = _Colour()
        told.color_space, told.white_point = _SRGB if channels > 2 else _GRAY, _D65
        told.primaries, told.transfer_function, told.rendering_intent = primaries, curve, _RELATIVE
        self._do("JxlEncoderSetColorEncoding", encoder, byref(told))

    def recompress(self, jpeg: bytes, effort: int) -> bytes:
        """Carries a JPEG file into JPEG XL without loss."""
        encoder = c_void_p(self._library.JxlEncoderCreate(None))
        try:
            if self._runner:
                self._do("JxlEncoderSetParallelRunner", encoder, *self._runner)
            self._do("JxlEncoderStoreJPEGMetadata", encoder, c_int(1))
            settings = c_void_p(self._library.JxlEncoderFrameSettingsCreate(encoder, None))
            self._do("JxlEncoderFrameSettingsSetOption", settings, c_int(_EFFORT), ctypes.c_int64(effort))
            self._do("JxlEncoderAddJPEGFrame", settings, c_char_p(jpeg), c_size_t(len(jpeg)))
            return self._output(encoder)
        finally:
            self._library.JxlEncoderDestroy(encoder)

    def _output(self, encoder: c_void_p) -> bytes:
        self._library.JxlEncoderCloseInput(encoder)
        pieces = []
        size = 1 << 20
        while True:
            buffer = ctypes.create_string_buffer(size)
            at, left = c_void_p(ctypes.addressof(buffer)), c_size_t(size)
            status = self._library.JxlEncoderProcessOutput(encoder, byref(at), byref(left))
            pieces.append(ctypes.string_at(buffer, size - left.value))
            if status == _SUCCESS:
                return b"".join(pieces)
            if status != _MORE:
                raise LibjxlError("the encoder failed")
            size *= 2
