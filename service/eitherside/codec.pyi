# Made by "python -m eitherside.stubs" from the interface of the module; do not edit.
import os
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, type_check_only

from numpy.typing import NDArray

from .connection import CallSettings, Connection, Explanation
from .host import Host
from .module import Module
from .places import Progress
from .planner import Priority
from .provenance import Provenance
from .settings import Settings

Data: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str]

@type_check_only
class InspectResult:
    format: str
    bytes: int | None
    container: bool | None
    width: int
    height: int
    bits_per_sample: int
    exponent_bits: int
    colour_channels: int
    colour: dict[str, Any]
    xyb: bool | None
    orientation: int
    intensity_target: float | None
    jpeg_reconstruction: bool | None
    animation: dict[str, Any] | None
    preview: dict[str, Any] | None
    extra_channels: list[dict[str, Any]]
    frames: list[dict[str, Any]]
    boxes: list[dict[str, Any]]
    provenance: Provenance

@type_check_only
class DecodeResult:
    samples: list[NDArray[Any]]
    icc: bytes | None
    format: str
    width: int
    height: int
    channels: int
    type: Literal["u8", "u16", "f32"]
    bits_per_sample: int | None
    alpha: bool | None
    premultiplied: bool | None
    orientation: int
    intensity_target: float | None
    animation: dict[str, Any] | None
    frames: list[dict[str, Any]]
    provenance: Provenance

@type_check_only
class EncodeResult:
    image: bytes
    format: str
    width: int
    height: int
    frames: int
    distance: float
    container: bool | None
    provenance: Provenance

@type_check_only
class TranscodeResult:
    image: bytes
    format: str
    from_: str
    width: int
    height: int
    frames: int
    exact_jpeg: bool
    distance: float | None
    provenance: Provenance

@type_check_only
class MeasureResult:
    format: str
    width: int
    height: int
    pixels: int
    frames: int | None
    channels: int
    bits_per_sample: int
    lossy: bool
    animation: bool
    jpeg_reconstruction: bool | None
    provenance: Provenance

@type_check_only
class _Methods:
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def inspect(
        self,
        image: Data,
        *,
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> InspectResult:
        """Tells what a file is, without decoding its pixels.

        Reads headers, frame headers and the list of boxes. Cheap for JPEG XL; other formats are inspected
        by reading the file.

        Args:
            image: The file to look at.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            format: Name of the format, one of the interface's formats.
            bytes: Size of the file.
            container: JPEG XL: whether the codestream is in a box container.
            width: Width in pixels, as displayed.
            height: Height in pixels, as displayed.
            bits_per_sample: Depth of the colour samples in the file.
            exponent_bits: 0 for integer samples, else the exponent bits of the floating point samples.
            colour_channels: 1 for grey, 3 for colour.
            colour: Colour space: its family, white point, primaries, transfer function and rendering
                intent, and the size of the ICC profile.
            xyb: JPEG XL: whether the codestream is in the XYB colour space, as lossy files are.
            orientation: EXIF orientation, 1 to 8; width and height already follow it.
            intensity_target: Luminance of the brightest sample in cd/m².
            jpeg_reconstruction: Whether the original JPEG file can be reconstructed bit for bit.
            animation: Ticks per second and loop count (0: for ever), or null for a still image.
            preview: Width and height of the embedded preview, or null.
            extra_channels: Type, name, depth and for alpha whether colour is premultiplied, for each extra
                channel.
            frames: For each displayed frame its duration in seconds and its name.
            boxes: JPEG XL container: type and size in bytes of each box, and whether it is Brotli-
                compressed.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; unsupported: The image has a feature that this function cannot handle;
                too_large: The image is larger than the call's limits allow; memory_limit: The call reached
                its memory ceiling; internal: The module failed for a reason of its own
        """
    def decode(
        self,
        image: Data,
        *,
        type: Literal["auto", "u8", "u16", "f32"] = "auto",
        channels: int = 0,
        orientation: Literal["apply", "keep"] = "apply",
        colour: Literal["original", "srgb"] = "original",
        alpha: Literal["keep", "straight"] = "keep",
        frames: Literal["all", "first"] = "all",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> DecodeResult:
        """Decodes a file to samples.

        Gives interleaved samples, one buffer for each displayed frame, rows from top to bottom without
        padding, little endian, and the ICC profile that describes them.

        Args:
            image: The file to decode.
            type: u8: 0 to 255; u16: 0 to 65535; f32: nominally 0 to 1. auto takes the smallest that holds
                the file's samples.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; 0 takes what the file has. Grey is
                spread to RGB where asked and a missing alpha is opaque; asking grey of a colour file is an
                error. From 0 to 4.
            orientation: Whether the samples are turned upright as the file's orientation asks (apply), or
                stay as they are stored while the result tells the orientation (keep).
            colour: original gives samples in the file's own colour space; srgb converts them to sRGB.
            alpha: keep gives colours as the file stores them, the result telling whether they are
                premultiplied; straight divides alpha out.
            frames: Whether every displayed frame is decoded, or the first alone.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            samples: One buffer for each frame.
            icc: ICC profile of the samples.
            format: Format of the input.
            width: Width of the samples in pixels.
            height: Height of the samples in pixels.
            channels: Samples per pixel.
            type: Sample type.
            bits_per_sample: Depth of the colour samples in the file.
            alpha: Whether the last channel is alpha.
            premultiplied: Whether colour is premultiplied by alpha in the samples.
            orientation: Orientation still to be applied: 1 unless it was kept.
            intensity_target: Luminance of the brightest sample in cd/m².
            animation: Loop count (0: for ever), or null for a still image.
            frames: For each frame its duration in seconds and its name.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; unsupported: The image has a feature that this function cannot handle;
                too_large: The image is larger than the call's limits allow; memory_limit: The call reached
                its memory ceiling; internal: The module failed for a reason of its own
        """
    def encode(
        self,
        samples: Data | NDArray[Any] | Sequence[Data | NDArray[Any]],
        *,
        icc: Data | None = None,
        exif: Data | None = None,
        xmp: Data | None = None,
        jumbf: Data | None = None,
        width: int | None = None,
        height: int | None = None,
        channels: int | None = None,
        type: Literal["u8", "u16", "f32"] | None = None,
        bits_per_sample: int = 0,
        colour: Literal["srgb", "linear_srgb", "display_p3", "rec2020_pq", "rec2020_hlg"] = "srgb",
        premultiplied: bool = False,
        orientation: int = 1,
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        durations: Sequence[float] = [],
        loops: int = 0,
    ) -> EncodeResult:
        """Encodes samples to JPEG XL.

        Takes interleaved samples, one buffer for each frame, rows from top to bottom without padding,
        little endian.

        Args:
            samples: One buffer for each frame. Arrays of the shape (height, width, channels), or buffers
                with options.
            icc: ICC profile of the samples; sRGB where absent.
            exif: Exif metadata, starting at the TIFF header.
            xmp: XMP metadata.
            jumbf: JUMBF superbox content.
            width: Width of the samples. Unit: pixels. From 1 to 1073741823. Taken from the array where one
                is given.
            height: Height of the samples. Unit: pixels. From 1 to 1073741823. Taken from the array where
                one is given.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. From 1 to 4. Taken from the array
                where one is given.
            type: u8: 0 to 255; u16: 0 to 65535; f32: nominally 0 to 1. Taken from the array where one is
                given.
            bits_per_sample: Significant bits of integer samples, which then lie in 0 to 2^bits - 1; 0 takes
                all bits of the type. With f32, 16 stores half floats. Unit: bits. From 0 to 32.
            colour: Colour space of the samples where no ICC profile is given.
            premultiplied: Whether colour is premultiplied by alpha.
            orientation: EXIF orientation to be stored: how a viewer must turn the samples. From 1 to 8.
            distance: Target visual distance to the input in units of just noticeable difference: 0 is
                mathematically lossless, 1 visually lossless, 0.5 to 3 usual. Excludes quality and lossless.
                Default: 1, or 0 where the input is a GIF. Unit: Butteraugli distance. From 0 to 25.
            quality: Quality on the scale of libjpeg. For JPEG XL it is translated to a distance (100 is
                lossless, 90 is distance 1); for JPEG output it is the quality itself, 90 by default.
                Excludes distance and lossless. Unit: percent. From 0 to 100.
            lossless: Keep every sample exactly, in the original colour space. Excludes distance above 0 and
                quality below 100.
            effort: How hard the encoder works: 1 is fastest, 9 gives the smallest file. From 1 to 9.
            progressive: Order the codestream so that a prefix of the file shows a coarse picture of the
                whole (VarDCT: progressive DC and AC; modular: the squeeze transform). For JPEG output, a
                progressive JPEG.
            mode: VarDCT suits photographs, modular suits lossless and synthetic pictures. With auto the
                encoder chooses.
            container: Whether the codestream is wrapped in the box container. auto wraps it where metadata,
                JPEG reconstruction data or the codestream level need it; never is an error in those cases.
            intensity_target: Luminance of the brightest sample. 0 leaves the choice to the encoder: 255 for
                ordinary images, 10000 for PQ, 1000 for HLG. Unit: cd/m². From 0 to 10000.
            durations: Duration of each frame, to the millisecond, for an animation; one for each buffer of
                samples. Unit: seconds.
            loops: How often an animation plays; 0 is for ever. From 0 to 4294967295.

        Returns:
            image: The JPEG XL file.
            format: Format of the output.
            width: Width in pixels, as displayed.
            height: Height in pixels, as displayed.
            frames: Number of frames.
            distance: Distance that was used; 0 is lossless.
            container: Whether the codestream was wrapped in the box container.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; bad_input: The inputs do not fit the options or each other;
                unsupported: The image has a feature that this function cannot handle; too_large: The image
                is larger than the call's limits allow; memory_limit: The call reached its memory ceiling;
                internal: The module failed for a reason of its own
        """
    def transcode(
        self,
        image: Data,
        *,
        to: Literal["jxl", "png", "apng", "jpeg", "pnm", "pfm"],
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        jpeg: Literal["auto", "exact", "pixels"] = "auto",
        metadata: Literal["keep", "strip"] = "keep",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> TranscodeResult:
        """Turns a file of one format into another.

        JPEG to JPEG XL recompresses the JPEG losslessly unless a distance, a quality or pixels are asked
        for, and JPEG XL to JPEG then gives the original file back bit for bit. Colour profile, Exif and XMP
        are carried over.

        Args:
            image: The file to transcode.
            to: Format of the output. An animation stays one in JPEG XL and APNG; the others get its first
                frame. JPEG and PFM have no alpha: JPEG shows the picture on white, PFM drops the alpha.
            distance: Target visual distance to the input in units of just noticeable difference: 0 is
                mathematically lossless, 1 visually lossless, 0.5 to 3 usual. Excludes quality and lossless.
                Default: 1, or 0 where the input is a GIF. Unit: Butteraugli distance. From 0 to 25.
            quality: Quality on the scale of libjpeg. For JPEG XL it is translated to a distance (100 is
                lossless, 90 is distance 1); for JPEG output it is the quality itself, 90 by default.
                Excludes distance and lossless. Unit: percent. From 0 to 100.
            lossless: Keep every sample exactly, in the original colour space. Excludes distance above 0 and
                quality below 100.
            effort: How hard the encoder works: 1 is fastest, 9 gives the smallest file. From 1 to 9.
            progressive: Order the codestream so that a prefix of the file shows a coarse picture of the
                whole (VarDCT: progressive DC and AC; modular: the squeeze transform). For JPEG output, a
                progressive JPEG.
            mode: VarDCT suits photographs, modular suits lossless and synthetic pictures. With auto the
                encoder chooses.
            container: Whether the codestream is wrapped in the box container. auto wraps it where metadata,
                JPEG reconstruction data or the codestream level need it; never is an error in those cases.
            intensity_target: Luminance of the brightest sample. 0 leaves the choice to the encoder: 255 for
                ordinary images, 10000 for PQ, 1000 for HLG. Unit: cd/m². From 0 to 10000.
            jpeg: exact carries JPEG coefficients between JPEG and JPEG XL without loss and fails where that
                cannot be done; pixels always decodes and encodes again; auto is exact where possible and no
                distance, quality or coding mode was asked for.
            metadata: Whether Exif, XMP and JUMBF are carried over. An exact JPEG always keeps them.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            image: The file in the format asked for.
            format: Format of the output.
            from_: Format of the input.
            width: Width in pixels, as displayed.
            height: Height in pixels, as displayed.
            frames: Number of frames written.
            exact_jpeg: Whether JPEG data was carried over without loss.
            distance: JPEG XL output: distance that was used; null where JPEG data was carried over or the
                output is not JPEG XL.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; unsupported: The image has a feature that this function cannot handle;
                too_large: The image is larger than the call's limits allow; memory_limit: The call reached
                its memory ceiling; internal: The module failed for a reason of its own
        """
    def measure(
        self,
        image: Data,
    ) -> MeasureResult:
        """Tells how large an image is from the first bytes of its file.

        Reads as far as the image's header: the first 256 KiB are enough but for unusually large metadata.
        Meant for estimating what a call will cost.

        Args:
            image: The beginning of a file, or all of it.

        Returns:
            format: Name of the format, one of the interface's formats.
            width: Width in pixels; for formats other than JPEG XL before any Exif orientation.
            height: Height in pixels; for formats other than JPEG XL before any Exif orientation.
            pixels: Width times height.
            frames: Number of frames, or null where the bytes given do not tell.
            channels: Colour channels and alpha together.
            bits_per_sample: Depth of the colour samples in the file.
            lossy: Whether the samples are coded with loss: JPEG, and JPEG XL in the XYB colour space or
                with JPEG data inside.
            animation: Whether there may be several frames.
            jpeg_reconstruction: Whether the original JPEG file can be reconstructed bit for bit, or null
                where the bytes given end before the first frame.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; memory_limit: The call reached its memory ceiling; internal: The module
                failed for a reason of its own
        """

class Codec(_Methods):
    host: Host
    def __init__(
        self, module: Module | Path | str | None = None, settings: Settings | None = None
    ) -> None: ...

class Connected(_Methods):
    connection: Connection
    def __init__(self, connection: Connection, settings: CallSettings | None = None) -> None: ...
    def using(
        self,
        *,
        place: Literal["auto", "local", "server"] | None = ...,
        cancel: threading.Event | None = ...,
        time_limit: float | None = ...,
        deadline: float | datetime | None = ...,
        priority: Priority = ...,
        memory_limit: int | None = ...,
        progress: Progress | None = ...,
    ) -> Connected: ...
    def explain(self, function: str, *args: Any, **kwargs: Any) -> Explanation: ...
