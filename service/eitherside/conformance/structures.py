"""Structures of libjxl's C interface, version 0.11, for ctypes."""

from __future__ import annotations

from ctypes import Structure, c_float, c_int, c_int32, c_size_t, c_uint8, c_uint32


class BasicInfo(Structure):
    """JxlBasicInfo (jxl/codestream_header.h), its JxlAnimationHeader inlined."""

    _fields_ = (
        ("have_container", c_int),
        ("xsize", c_uint32),
        ("ysize", c_uint32),
        ("bits_per_sample", c_uint32),
        ("exponent_bits_per_sample", c_uint32),
        ("intensity_target", c_float),
        ("min_nits", c_float),
        ("relative_to_max_display", c_int),
        ("linear_below", c_float),
        ("uses_original_profile", c_int),
        ("have_preview", c_int),
        ("have_animation", c_int),
        ("orientation", c_int),
        ("num_color_channels", c_uint32),
        ("num_extra_channels", c_uint32),
        ("alpha_bits", c_uint32),
        ("alpha_exponent_bits", c_uint32),
        ("alpha_premultiplied", c_int),
        ("preview_xsize", c_uint32),
        ("preview_ysize", c_uint32),
        ("tps_numerator", c_uint32),
        ("tps_denominator", c_uint32),
        ("num_loops", c_uint32),
        ("have_timecodes", c_int),
        ("intrinsic_xsize", c_uint32),
        ("intrinsic_ysize", c_uint32),
        ("padding", c_uint8 * 100),
    )


class PixelFormat(Structure):
    """JxlPixelFormat (jxl/types.h)."""

    _fields_ = (
        ("num_channels", c_uint32),
        ("data_type", c_int32),
        ("endianness", c_int32),
        ("align", c_size_t),
    )
