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
from .stream import Stream

Data: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str]

@type_check_only
class InspectResult:
    exif: bytes | None
    xmp: bytes | None
    jumbf: list[bytes]
    gain_map: bytes | None
    icc: bytes | None
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
    more_boxes: int | None
    metadata: dict[str, Any]
    complete: bool
    trailing_bytes: int | None
    level: int | None
    tone_mapping: dict[str, Any] | None
    intrinsic_size: dict[str, Any] | None
    codestream_frames: list[dict[str, Any]] | None
    jpeg: dict[str, Any] | None
    png: dict[str, Any] | None
    provenance: Provenance

@type_check_only
class DecodeResult:
    samples: list[NDArray[Any]]
    extra: list[NDArray[Any]]
    icc: bytes | None
    format: str
    width: int
    height: int
    channels: int
    type: Literal["u8", "u16", "f16", "f32"]
    bits_per_sample: int | None
    alpha: bool | None
    premultiplied: bool | None
    orientation: int
    intensity_target: float
    colour: dict[str, Any]
    complete: bool
    stage: Literal["header", "dc", "pass", "full"]
    animation: dict[str, Any] | None
    frames: list[dict[str, Any]]
    extra_channels: list[dict[str, Any]]
    provenance: Provenance

@type_check_only
class DecodeMethod:
    def __call__(
        self,
        image: Data,
        *,
        profile: Data | None = None,
        type: Literal["auto", "u8", "u16", "f16", "f32"] = "auto",
        range: Literal["full", "file"] = "full",
        channels: int = 0,
        orientation: Literal["apply", "keep"] = "apply",
        colour: Literal["original", "srgb", "linear_srgb", "display_p3", "rec2020", "linear_rec2020", "linear", "rec2020_pq", "rec2020_hlg", "profile"] = "original",
        intensity_target: float = 0,
        alpha: Literal["keep", "straight", "premultiplied"] = "keep",
        spot: Literal["render", "keep"] = "render",
        extra: Sequence[str] = [],
        frames: Literal["all", "first", "preview"] = "all",
        start: int = 0,
        count: int = 0,
        coalesce: bool = True,
        region: Sequence[int] = [],
        prefix: bool = False,
        detail: Literal["full", "dc"] = "full",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> DecodeResult:
        """Decodes a file to samples.

        Gives interleaved samples, one buffer for each displayed frame or stored layer, rows from top to
        bottom without padding, little endian, other channels in buffers of their own, and the ICC profile
        that describes the colours. JPEG XL files may be pushed: pictures then come as soon as they can be
        shown.

        Args:
            image: The file to decode.
            profile: ICC profile to convert to, RGB or for grey images grey.
            type: u8: 0 to 255; u16: 0 to 65535; f16 and f32: IEEE 754 floats, nominally 0 to 1. auto takes
                the smallest of u8, u16 and f32 that holds the file's samples.
            range: full scales integer samples to the whole range of their type; file keeps 0 to 2^bits - 1
                of the file's own depth, colours and each extra channel by theirs. Floats are not scaled.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; 0 takes what the file has. Grey is
                spread to RGB where asked and a missing alpha is opaque; asking grey of a colour file is an
                error. From 0 to 4.
            orientation: Whether the samples are turned upright as the file's orientation asks (apply), or
                stay as they are stored while the result tells the orientation (keep).
            colour: original gives samples in the file's own colour space (for CMYK the colours without
                black, which is an extra channel); linear is linear light in the file's primaries; profile
                is the input 'profile'; the others are what their names say. Grey stays grey. Colours
                outside of the gamut are kept in floats and cut in integers. Still XYB images of several
                layers are blended in the colour space asked for.
            intensity_target: Luminance of the brightest sample given: PQ and HLG images are tone mapped to
                it (Report ITU-R BT.2408, and the OOTF of Rec. ITU-R BT.2100); an ordinary image becomes PQ
                or HLG with its white there. 0 keeps the file's, but takes 255 where PQ or HLG becomes a
                colour space that is neither. Unit: cd/m². From 0 to 10000.
            alpha: keep gives colours as the file stores them, the result telling whether they are
                premultiplied; straight divides alpha out; premultiplied multiplies colours by it. Without
                alpha among the channels colours stay as they are stored.
            spot: render paints spot colours into the colour channels; keep leaves them out, and 'extra'
                gives them.
            extra: Extra channels wanted in buffers of their own, by name or by type (alpha, depth, spot,
                selection_mask, black, cfa, thermal, optional); * stands for all but the alpha that is among
                the channels.
            frames: Whether every displayed frame is decoded, the first alone, or the preview embedded in
                the file; that there is none is an error.
            start: Number of the first frame given, counted from 0; those before it are skipped, and decoded
                only where later ones need them. From 0 to 65535.
            count: How many frames are given; 0 gives all. Unit: frames. From 0 to 65536.
            coalesce: Whether frames are given as displayed, blended and of the image's size. If not, every
                layer is given as it is stored, and the result tells its place and how it is blended.
            region: x, y, width and height of the part wanted, in the picture as it is given, turned upright
                where orientation is applied; [] gives everything. Memory for the samples is that of the
                region; the decoder's own memory, extra channels (black of CMYK, too) and frames that others
                are blended onto need room for the whole frame. Unit: pixels.
            prefix: The input may be only the beginning of a JPEG XL file: what it shows is given, the
                result telling how much that is, with no frames where it is the header alone.
            detail: dc gives the last frame asked for as its DC, an eighth of the resolution, shows it,
                scaled up, which is quick and needs the beginning of the file only. Where the frame has no
                DC of its own (modular, a single group, or with extra channels) it is given in full.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            samples: One buffer for each frame.
            extra: One buffer for each extra channel wanted, frame by frame.
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
            intensity_target: Luminance of the brightest sample given in cd/m².
            colour: Colour space of the samples, as inspect tells one.
            complete: Whether all that was asked for is there: false where a prefix ends before, and in
                every answer to a push but the last.
            stage: How much the last of the frames shows: header where there is no frame, dc for an eighth
                of the resolution, pass for more than that, full for all of it.
            animation: Loop count (0: for ever), or null for a still image.
            frames: For each buffer of samples the frame's number, duration in seconds, name and stage;
                layers as stored also have their size and place, blend mode (replace, add, blend, muladd,
                mul), alpha channel, clamping, source and slot.
            extra_channels: For each buffer of extra its frame, channel number, type, name, size, sample
                type and depth, and the colour of a spot channel.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; bad_input: The inputs do not fit the options or each other;
                unknown_format: The input is in no format that the module reads; truncated: The input ends
                before the image does; corrupt: The input breaks the rules of its format; unsupported: The
                image has a feature that this function cannot handle; too_large: The image is larger than
                the call's limits allow; memory_limit: The call reached its memory ceiling; internal: The
                module failed for a reason of its own
        """
    def pushed(
        self,
        *,
        profile: Data | None = None,
        type: Literal["auto", "u8", "u16", "f16", "f32"] = "auto",
        range: Literal["full", "file"] = "full",
        channels: int = 0,
        orientation: Literal["apply", "keep"] = "apply",
        colour: Literal["original", "srgb", "linear_srgb", "display_p3", "rec2020", "linear_rec2020", "linear", "rec2020_pq", "rec2020_hlg", "profile"] = "original",
        intensity_target: float = 0,
        alpha: Literal["keep", "straight", "premultiplied"] = "keep",
        spot: Literal["render", "keep"] = "render",
        extra: Sequence[str] = [],
        frames: Literal["all", "first", "preview"] = "all",
        start: int = 0,
        count: int = 0,
        coalesce: bool = True,
        region: Sequence[int] = [],
        prefix: bool = False,
        detail: Literal["full", "dc"] = "full",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> Stream[DecodeResult]:
        """Decodes a file to samples. From pieces, with results in between.

        Begins a call whose image is pushed in pieces as they arrive: a context manager, with `push` for
        each piece and `finish` after the last. It runs here, never on a service.

        Args:
            profile: ICC profile to convert to, RGB or for grey images grey.
            type: u8: 0 to 255; u16: 0 to 65535; f16 and f32: IEEE 754 floats, nominally 0 to 1. auto takes
                the smallest of u8, u16 and f32 that holds the file's samples.
            range: full scales integer samples to the whole range of their type; file keeps 0 to 2^bits - 1
                of the file's own depth, colours and each extra channel by theirs. Floats are not scaled.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; 0 takes what the file has. Grey is
                spread to RGB where asked and a missing alpha is opaque; asking grey of a colour file is an
                error. From 0 to 4.
            orientation: Whether the samples are turned upright as the file's orientation asks (apply), or
                stay as they are stored while the result tells the orientation (keep).
            colour: original gives samples in the file's own colour space (for CMYK the colours without
                black, which is an extra channel); linear is linear light in the file's primaries; profile
                is the input 'profile'; the others are what their names say. Grey stays grey. Colours
                outside of the gamut are kept in floats and cut in integers. Still XYB images of several
                layers are blended in the colour space asked for.
            intensity_target: Luminance of the brightest sample given: PQ and HLG images are tone mapped to
                it (Report ITU-R BT.2408, and the OOTF of Rec. ITU-R BT.2100); an ordinary image becomes PQ
                or HLG with its white there. 0 keeps the file's, but takes 255 where PQ or HLG becomes a
                colour space that is neither. Unit: cd/m². From 0 to 10000.
            alpha: keep gives colours as the file stores them, the result telling whether they are
                premultiplied; straight divides alpha out; premultiplied multiplies colours by it. Without
                alpha among the channels colours stay as they are stored.
            spot: render paints spot colours into the colour channels; keep leaves them out, and 'extra'
                gives them.
            extra: Extra channels wanted in buffers of their own, by name or by type (alpha, depth, spot,
                selection_mask, black, cfa, thermal, optional); * stands for all but the alpha that is among
                the channels.
            frames: Whether every displayed frame is decoded, the first alone, or the preview embedded in
                the file; that there is none is an error.
            start: Number of the first frame given, counted from 0; those before it are skipped, and decoded
                only where later ones need them. From 0 to 65535.
            count: How many frames are given; 0 gives all. Unit: frames. From 0 to 65536.
            coalesce: Whether frames are given as displayed, blended and of the image's size. If not, every
                layer is given as it is stored, and the result tells its place and how it is blended.
            region: x, y, width and height of the part wanted, in the picture as it is given, turned upright
                where orientation is applied; [] gives everything. Memory for the samples is that of the
                region; the decoder's own memory, extra channels (black of CMYK, too) and frames that others
                are blended onto need room for the whole frame. Unit: pixels.
            prefix: The input may be only the beginning of a JPEG XL file: what it shows is given, the
                result telling how much that is, with no frames where it is the header alone.
            detail: dc gives the last frame asked for as its DC, an eighth of the resolution, shows it,
                scaled up, which is quick and needs the beginning of the file only. Where the frame has no
                DC of its own (modular, a single group, or with extra channels) it is given in full.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.
        """

@type_check_only
class EncodeResult:
    image: bytes
    format: str
    width: int
    height: int
    frames: int
    distance: float
    tries: int | None
    score: float | None
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
    jpeg: Literal["exact", "coefficients", "pixels"] | None
    tries: int | None
    score: float | None
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
class CompareResult:
    difference: bytes | None
    difference_samples: NDArray[Any] | None
    identical: bool
    butteraugli: float | None
    butteraugli_3norm: float | None
    ssimulacra2: float | None
    psnr: float | None
    worst_frame: int
    width: int | None
    height: int | None
    a_format: str | None
    b_format: str | None
    difference_format: str | None
    channels: int | None
    type: Literal["u8"] | None
    frames: list[dict[str, Any]]
    provenance: Provenance

@type_check_only
class ThumbnailResult:
    image: bytes | None
    samples: NDArray[Any] | None
    format: str
    from_: str
    source: Literal["full", "dc", "preview", "scaled"]
    width: int
    height: int
    channels: int
    type: Literal["u8"]
    alpha: bool
    provenance: Provenance

@type_check_only
class EditResult:
    image: bytes
    format: str
    from_: str
    width: int
    height: int
    frames: int
    tries: int | None
    score: float | None
    distance: float | None
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
        prefix: bool = False,
        contents: bool = False,
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> InspectResult:
        """Tells what a file is, without decoding its pixels.

        Reads headers, the list of boxes, chunks or segments and, for JPEG XL, every frame header of the
        codestream. Pixels are skipped, so that the time hardly depends on their number.

        Args:
            image: The file to look at.
            prefix: The input may be only the beginning of a file: what it tells is told, and complete says
                whether it was all. Otherwise a file that ends early is an error.
            contents: Gives the metadata themselves as outputs, decompressed, besides what the result says
                of them.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            exif: Exif, from its TIFF header on.
            xmp: The XMP packet.
            jumbf: Contents of each JUMBF box.
            gain_map: The gain map bundle, the contents of the jhgm box.
            icc: The file's ICC profile; where a JPEG XL file has an encoding instead, the profile that says
                the same.
            format: Name of the format, one of the interface's formats.
            bytes: Size of the file.
            container: JPEG XL: whether the codestream is in a box container.
            width: Width in pixels, as displayed.
            height: Height in pixels, as displayed.
            bits_per_sample: Depth of the colour samples in the file.
            exponent_bits: 0 for integer samples, else the exponent bits of the floating point samples.
            colour_channels: 1 for grey, 3 for colour; 4 for a JPEG file in CMYK.
            colour: Colour space: its family, white point, primaries, transfer function and rendering
                intent; the size of the ICC profile (icc_bytes), and whether the file holds that profile
                (icc_embedded) or says the same in fewer bytes.
            xyb: JPEG XL: whether the codestream is in the XYB colour space, as lossy files are.
            orientation: Orientation from 1 to 8 as Exif counts them, which width and height already follow.
                In JPEG XL the codestream says it, and Exif, in metadata, has no say.
            intensity_target: Luminance of the brightest sample in cd/m².
            jpeg_reconstruction: Whether the original JPEG file can be reconstructed bit for bit.
            animation: Ticks per second and how often it is played (loops; 0: for ever), or null for a still
                image.
            preview: Width and height of the embedded preview, or null.
            extra_channels: For each extra channel its type, name, depth and how far it is downsampled (by 2
                to the power of dim_shift); for alpha whether colour is premultiplied, for a spot colour its
                linear red, green, blue and solidity.
            frames: For each displayed frame its duration in seconds and its name.
            boxes: The parts that the file is made of: boxes of a JPEG XL container, chunks of PNG, segments
                of JPEG, blocks of GIF. Each with its type, offset and bytes; a box that is Brotli-
                compressed (brob) is listed by the type inside; a jxlp box has index and is_last, jxll its
                level. At most 4096, more_boxes counts the others.
            more_boxes: How many parts follow those in boxes, where there are too many to list.
            metadata: What there is of exif (bytes, and the orientation that it asks for), xmp (bytes),
                jumbf (number of boxes) and gain_map (bytes of the bundle, its version, metadata, image and
                alternate profile, and the map's width and height); null for what there is not. Bytes are
                null where they would have to be decompressed to count them and contents was not asked for.
            complete: Whether the bytes given are the whole file.
            trailing_bytes: Bytes behind the end of the image that belong to nothing.
            level: JPEG XL: the codestream level that the file says it keeps to (jxll box), or null.
            tone_mapping: JPEG XL: luminance of the darkest sample (min_nits), below which luminance nothing
                should be mapped (linear_below), and whether that is a fraction of the display's maximum.
            intrinsic_size: JPEG XL: width and height that the image asks to be shown in, or null.
            codestream_frames: JPEG XL: every frame header in the order of the codestream, also of frames
                that are not displayed: type, encoding, colour transform, flags, upsampling, group size,
                sections, passes, filters, place, blending, duration, references and bytes.
            jpeg: JPEG: process (baseline, extended, progressive, lossless), arithmetic coding, components
                with their sampling factors, chroma subsampling, restart interval in blocks (MCU), number of
                scans, Adobe's transform.
            png: PNG: colour_type, whether it is interlaced, number of colours in the palette, and for each
                text chunk its keyword and bytes.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; unsupported: The image has a feature that this function cannot handle;
                too_large: The image is larger than the call's limits allow; memory_limit: The call reached
                its memory ceiling; internal: The module failed for a reason of its own
        """
    async def ainspect(
        self,
        image: Data,
        *,
        prefix: bool = False,
        contents: bool = False,
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> InspectResult:
        """Tells what a file is, without decoding its pixels.

        `inspect` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
        """
    decode: DecodeMethod
    async def adecode(
        self,
        image: Data,
        *,
        profile: Data | None = None,
        type: Literal["auto", "u8", "u16", "f16", "f32"] = "auto",
        range: Literal["full", "file"] = "full",
        channels: int = 0,
        orientation: Literal["apply", "keep"] = "apply",
        colour: Literal["original", "srgb", "linear_srgb", "display_p3", "rec2020", "linear_rec2020", "linear", "rec2020_pq", "rec2020_hlg", "profile"] = "original",
        intensity_target: float = 0,
        alpha: Literal["keep", "straight", "premultiplied"] = "keep",
        spot: Literal["render", "keep"] = "render",
        extra: Sequence[str] = [],
        frames: Literal["all", "first", "preview"] = "all",
        start: int = 0,
        count: int = 0,
        coalesce: bool = True,
        region: Sequence[int] = [],
        prefix: bool = False,
        detail: Literal["full", "dc"] = "full",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> DecodeResult:
        """Decodes a file to samples.

        `decode` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
        """
    def encode(
        self,
        samples: Data | NDArray[Any] | Sequence[Data | NDArray[Any]],
        *,
        extra: Data | NDArray[Any] | Sequence[Data | NDArray[Any]] | None = None,
        icc: Data | None = None,
        exif: Data | None = None,
        xmp: Data | None = None,
        jumbf: Data | Sequence[Data] | None = None,
        gain_map: Data | None = None,
        width: int | None = None,
        height: int | None = None,
        channels: int | None = None,
        type: Literal["u8", "u16", "f16", "f32"] | None = None,
        bits_per_sample: int = 0,
        colour: Literal["srgb", "linear_srgb", "display_p3", "rec2020_pq", "rec2020_hlg"] = "srgb",
        premultiplied: bool = False,
        orientation: int = 1,
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        already_downsampled: bool = False,
        extra_channels: Sequence[dict[str, Any]] = [],
        layers: Sequence[dict[str, Any]] = [],
        durations: Sequence[float] = [],
        loops: int = 0,
    ) -> EncodeResult:
        """Encodes samples to JPEG XL.

        Takes interleaved samples, one buffer for each frame, rows from top to bottom without padding,
        little endian.

        Args:
            samples: One buffer for each frame. Arrays of the shape (height, width, channels), or buffers
                with options.
            extra: Samples of the extra channels, of the same type: for each frame one buffer for each of
                extra_channels. Arrays of the shape (height, width), or buffers with options.
            icc: ICC profile of the samples; sRGB where absent.
            exif: Exif metadata, starting at the TIFF header.
            xmp: XMP metadata.
            jumbf: JUMBF superbox content; one buffer for each.
            gain_map: Gain map bundle (ISO 21496-1) as in a jhgm box.
            width: Width of the samples. Unit: pixels. From 1 to 1073741823. Taken from the array where one
                is given.
            height: Height of the samples. Unit: pixels. From 1 to 1073741823. Taken from the array where
                one is given.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. From 1 to 4. Taken from the array
                where one is given.
            type: u8: 0 to 255; u16: 0 to 65535; f16 and f32: floating point, nominally 0 to 1. Taken from
                the array where one is given.
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
            effort: How hard the encoder works: 1 is fastest, 9 gives a small file; 10 tries everything,
                takes many times as long and must be allowed by max_effort. From 1 to 10.
            max_effort: Refuse a higher effort than this. From 1 to 10.
            progressive: Order the codestream so that a prefix of the file shows a coarse picture of the
                whole (VarDCT: progressive DC and AC; modular: the squeeze transform). For JPEG output, a
                progressive JPEG.
            mode: VarDCT suits photographs, modular suits lossless and synthetic pictures. With auto the
                encoder chooses.
            container: Whether the codestream is wrapped in the box container. auto wraps it where metadata,
                JPEG reconstruction data or the codestream level need it; never is an error in those cases.
            intensity_target: Luminance of the brightest sample. 0 leaves the choice to the encoder: 255 for
                ordinary images, 10000 for PQ, 1000 for HLG. Unit: cd/m². From 0 to 10000.
            alpha_distance: Distance for alpha channels; 0 keeps them exactly. Unit: Butteraugli distance.
                From 0 to 25.
            extra_distance: Distance for extra channels other than alpha; 0 keeps them exactly. Unit:
                Butteraugli distance. From 0 to 25.
            keep_invisible: Whether colours are kept where alpha is 0. auto keeps them in lossless files
                only.
            progressive_dc: VarDCT: frames of lower resolution before the image: 1 has one of an eighth of
                the size, 2 one more of a 64th. -1 leaves it to the encoder. From -1 to 2.
            progressive_ac: VarDCT: several passes, of more and more coefficients (on), or first without
                their lowest bits (quantised).
            responsive: Modular: the squeeze transform, which stores coarse before fine. auto takes it where
                modular is lossy.
            faster_decoding: 0 gives the smallest file, 4 the one that decodes fastest, with some loss of
                quality or density. From 0 to 4.
            photon_noise: Have the decoder add noise as film or a sensor of this sensitivity would: 100 is
                little, 3200 a lot, 0 none. Unit: ISO. From 0 to 1000000.
            resampling: Code the image this many times smaller; the decoder scales it up. 0 does so at very
                large distances only.
            extra_resampling: Code the extra channels this many times smaller. 0 follows resampling.
            patches: Whether repeated shapes, such as letters, are stored once. auto looks for them from
                effort 7 on.
            dots: Whether small dots, such as stars, are coded on their own. auto looks for them from effort
                7 on, at large distances.
            epf: Strength of the decoder's edge-preserving filter; 0 turns it off, -1 leaves it to the
                encoder. From -1 to 3.
            gaborish: Whether the decoder smooths the image after the encoder sharpened it, which hides
                blocks.
            colour_transform: xyb suits the eye and makes the file independent of its profile; none codes
                the colours as they are. auto takes xyb unless the file is lossless. (Y'CbCr is kept where a
                JPEG's coefficients are.)
            group_order: Whether the squares of 256 x 256 pixels are stored from the top or from the centre
                outwards.
            group_order_centre: x and y from which the groups go outwards; empty is the middle of the image.
                Unit: pixels.
            modular_predictor: Modular: how a sample is guessed from its neighbours. best chooses between
                gradient and weighted, variable among all.
            modular_group_size: Modular: side of the squares that are coded on their own. 0 leaves it to the
                encoder. Unit: pixels.
            modular_palette_colours: Modular: use a palette for images of at most so many colours. -1 is the
                encoder's 1024, 0 none. Unit: colours. From -1 to 70913.
            modular_lossy_palette: Modular: reduce the colours to a palette with differences, with loss.
            modular_global_palette_percent: Modular: use a palette for a channel of the whole image if less
                than this part of its range occurs. -1 is the encoder's 95. Unit: percent. From -1 to 100.
            modular_group_palette_percent: Modular: the same for a channel within one group. -1 is the
                encoder's 80. Unit: percent. From -1 to 100.
            modular_colour_space: Modular: number of the reversible transform for the whole image (0 none, 6
                YCoCg); -1 tries several for each group. From -1 to 41.
            modular_tree_percent: Modular: part of the samples from which the decision tree is learnt; 0
                takes a fixed tree, which decodes fast, -1 is the encoder's 50. Unit: percent. From -1 to
                100.
            modular_previous_channels: Modular: how many earlier channels the decision tree may look at. -1
                is the encoder's choice. From -1 to 11.
            brotli_effort: How hard Brotli works on compressed boxes and on what reconstructs a JPEG. -1 is
                4 for boxes, and goes with effort for JPEG. From -1 to 11.
            compress_boxes: Store Exif, XMP, JUMBF and gain map in Brotli-compressed boxes (brob), which
                fewer programs read. Those of a recompressed JPEG always are.
            buffering: How images of more than 2048 x 2048 pixels are worked on: 0 as a whole, 1 to 3 in
                pieces, which takes a fraction of the memory and makes the file slightly larger. -1 takes
                pieces where the effort needs no look at the whole. From -1 to 3.
            level: Refuse an image that is beyond this level of ISO/IEC 18181-1; 0 takes the lowest that it
                fits.
            target_bytes: Search the smallest distance whose file is not larger than this; an error where
                even distance 25 is. Takes several encodes. Excludes distance, quality and lossless. By
                default nothing is searched. Unit: bytes. From 1 to 4294967295.
            target_butteraugli: Search the largest distance whose file is at most this far from the original
                (the maximum of Butteraugli over the image, as compare gives it); a lossless file where no
                distance is near enough. Takes several encodes and decodes. Excludes distance, quality and
                lossless. By default nothing is searched. From 0.1 to 100.
            target_ssimulacra2: Search the largest distance whose file scores at least this (90 is hardly
                distinguishable, 70 good, 50 fair), as compare gives it; a lossless file where no distance
                is near enough. Takes several encodes and decodes. Excludes distance, quality and lossless.
                By default nothing is searched. From -100 to 100.
            already_downsampled: Whether the samples have been reduced by resampling (2, 4 or 8) already;
                the image is that many times wider and higher.
            extra_channels: Channels beside the colours and the alpha that is interleaved with them, in the
                order of the input extra. CMYK is three channels of cyan, magenta and yellow, a black
                channel, and an ICC profile; 0 is full ink in all four.
            layers: For each buffer of samples where and how it is laid on the image, instead of durations;
                empty where each is a whole frame.
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
            tries: How often the image was encoded: more than once where a target was searched.
            score: Score that was reached, or null where none was asked for.
            container: Whether the codestream was wrapped in the box container.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; bad_input: The inputs do not fit the options or each other;
                unsupported: The image has a feature that this function cannot handle; too_large: The image
                is larger than the call's limits allow; memory_limit: The call reached its memory ceiling;
                internal: The module failed for a reason of its own
        """
    async def aencode(
        self,
        samples: Data | NDArray[Any] | Sequence[Data | NDArray[Any]],
        *,
        extra: Data | NDArray[Any] | Sequence[Data | NDArray[Any]] | None = None,
        icc: Data | None = None,
        exif: Data | None = None,
        xmp: Data | None = None,
        jumbf: Data | Sequence[Data] | None = None,
        gain_map: Data | None = None,
        width: int | None = None,
        height: int | None = None,
        channels: int | None = None,
        type: Literal["u8", "u16", "f16", "f32"] | None = None,
        bits_per_sample: int = 0,
        colour: Literal["srgb", "linear_srgb", "display_p3", "rec2020_pq", "rec2020_hlg"] = "srgb",
        premultiplied: bool = False,
        orientation: int = 1,
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        already_downsampled: bool = False,
        extra_channels: Sequence[dict[str, Any]] = [],
        layers: Sequence[dict[str, Any]] = [],
        durations: Sequence[float] = [],
        loops: int = 0,
    ) -> EncodeResult:
        """Encodes samples to JPEG XL.

        `encode` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
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
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        jpeg: Literal["auto", "exact", "coefficients", "pixels"] = "auto",
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
            effort: How hard the encoder works: 1 is fastest, 9 gives a small file; 10 tries everything,
                takes many times as long and must be allowed by max_effort. From 1 to 10.
            max_effort: Refuse a higher effort than this. From 1 to 10.
            progressive: Order the codestream so that a prefix of the file shows a coarse picture of the
                whole (VarDCT: progressive DC and AC; modular: the squeeze transform). For JPEG output, a
                progressive JPEG.
            mode: VarDCT suits photographs, modular suits lossless and synthetic pictures. With auto the
                encoder chooses.
            container: Whether the codestream is wrapped in the box container. auto wraps it where metadata,
                JPEG reconstruction data or the codestream level need it; never is an error in those cases.
            intensity_target: Luminance of the brightest sample. 0 leaves the choice to the encoder: 255 for
                ordinary images, 10000 for PQ, 1000 for HLG. Unit: cd/m². From 0 to 10000.
            alpha_distance: Distance for alpha channels; 0 keeps them exactly. Unit: Butteraugli distance.
                From 0 to 25.
            extra_distance: Distance for extra channels other than alpha; 0 keeps them exactly. Unit:
                Butteraugli distance. From 0 to 25.
            keep_invisible: Whether colours are kept where alpha is 0. auto keeps them in lossless files
                only.
            progressive_dc: VarDCT: frames of lower resolution before the image: 1 has one of an eighth of
                the size, 2 one more of a 64th. -1 leaves it to the encoder. From -1 to 2.
            progressive_ac: VarDCT: several passes, of more and more coefficients (on), or first without
                their lowest bits (quantised).
            responsive: Modular: the squeeze transform, which stores coarse before fine. auto takes it where
                modular is lossy.
            faster_decoding: 0 gives the smallest file, 4 the one that decodes fastest, with some loss of
                quality or density. From 0 to 4.
            photon_noise: Have the decoder add noise as film or a sensor of this sensitivity would: 100 is
                little, 3200 a lot, 0 none. Unit: ISO. From 0 to 1000000.
            resampling: Code the image this many times smaller; the decoder scales it up. 0 does so at very
                large distances only.
            extra_resampling: Code the extra channels this many times smaller. 0 follows resampling.
            patches: Whether repeated shapes, such as letters, are stored once. auto looks for them from
                effort 7 on.
            dots: Whether small dots, such as stars, are coded on their own. auto looks for them from effort
                7 on, at large distances.
            epf: Strength of the decoder's edge-preserving filter; 0 turns it off, -1 leaves it to the
                encoder. From -1 to 3.
            gaborish: Whether the decoder smooths the image after the encoder sharpened it, which hides
                blocks.
            colour_transform: xyb suits the eye and makes the file independent of its profile; none codes
                the colours as they are. auto takes xyb unless the file is lossless. (Y'CbCr is kept where a
                JPEG's coefficients are.)
            group_order: Whether the squares of 256 x 256 pixels are stored from the top or from the centre
                outwards.
            group_order_centre: x and y from which the groups go outwards; empty is the middle of the image.
                Unit: pixels.
            modular_predictor: Modular: how a sample is guessed from its neighbours. best chooses between
                gradient and weighted, variable among all.
            modular_group_size: Modular: side of the squares that are coded on their own. 0 leaves it to the
                encoder. Unit: pixels.
            modular_palette_colours: Modular: use a palette for images of at most so many colours. -1 is the
                encoder's 1024, 0 none. Unit: colours. From -1 to 70913.
            modular_lossy_palette: Modular: reduce the colours to a palette with differences, with loss.
            modular_global_palette_percent: Modular: use a palette for a channel of the whole image if less
                than this part of its range occurs. -1 is the encoder's 95. Unit: percent. From -1 to 100.
            modular_group_palette_percent: Modular: the same for a channel within one group. -1 is the
                encoder's 80. Unit: percent. From -1 to 100.
            modular_colour_space: Modular: number of the reversible transform for the whole image (0 none, 6
                YCoCg); -1 tries several for each group. From -1 to 41.
            modular_tree_percent: Modular: part of the samples from which the decision tree is learnt; 0
                takes a fixed tree, which decodes fast, -1 is the encoder's 50. Unit: percent. From -1 to
                100.
            modular_previous_channels: Modular: how many earlier channels the decision tree may look at. -1
                is the encoder's choice. From -1 to 11.
            brotli_effort: How hard Brotli works on compressed boxes and on what reconstructs a JPEG. -1 is
                4 for boxes, and goes with effort for JPEG. From -1 to 11.
            compress_boxes: Store Exif, XMP, JUMBF and gain map in Brotli-compressed boxes (brob), which
                fewer programs read. Those of a recompressed JPEG always are.
            buffering: How images of more than 2048 x 2048 pixels are worked on: 0 as a whole, 1 to 3 in
                pieces, which takes a fraction of the memory and makes the file slightly larger. -1 takes
                pieces where the effort needs no look at the whole. From -1 to 3.
            level: Refuse an image that is beyond this level of ISO/IEC 18181-1; 0 takes the lowest that it
                fits.
            target_bytes: Search the smallest distance whose file is not larger than this; an error where
                even distance 25 is. Takes several encodes. Excludes distance, quality and lossless. By
                default nothing is searched. Unit: bytes. From 1 to 4294967295.
            target_butteraugli: Search the largest distance whose file is at most this far from the original
                (the maximum of Butteraugli over the image, as compare gives it); a lossless file where no
                distance is near enough. Takes several encodes and decodes. Excludes distance, quality and
                lossless. By default nothing is searched. From 0.1 to 100.
            target_ssimulacra2: Search the largest distance whose file scores at least this (90 is hardly
                distinguishable, 70 good, 50 fair), as compare gives it; a lossless file where no distance
                is near enough. Takes several encodes and decodes. Excludes distance, quality and lossless.
                By default nothing is searched. From -100 to 100.
            jpeg: exact carries a JPEG file into JPEG XL and back bit for bit and fails where that cannot be
                done; coefficients carries what its picture is made of into JPEG XL without loss, but not
                what gives the file back; pixels always decodes and encodes again; auto is the first of
                these that is possible, and pixels where a distance, a quality, a target or a coding mode
                was asked for.
            metadata: Whether Exif, XMP, JUMBF, gain map and boxes of other types are carried over. An exact
                JPEG always keeps its own, so strip makes auto carry coefficients only. The ICC profile is
                always kept.
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
            exact_jpeg: Whether a JPEG file was carried over such that it is given back bit for bit.
            jpeg: How: exactly, as coefficients alone, or as any picture is.
            tries: JPEG XL from pixels: how often the image was encoded, more than once where a target was
                searched.
            score: JPEG XL from pixels: score that was reached, or null where none was asked for.
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
    async def atranscode(
        self,
        image: Data,
        *,
        to: Literal["jxl", "png", "apng", "jpeg", "pnm", "pfm"],
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        jpeg: Literal["auto", "exact", "coefficients", "pixels"] = "auto",
        metadata: Literal["keep", "strip"] = "keep",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> TranscodeResult:
        """Turns a file of one format into another.

        `transcode` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
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
    async def ameasure(
        self,
        image: Data,
    ) -> MeasureResult:
        """Tells how large an image is from the first bytes of its file.

        `measure` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
        """
    def compare(
        self,
        a: Data,
        b: Data,
        *,
        frames: Literal["all", "first"] = "all",
        metrics: Sequence[Literal["butteraugli", "ssimulacra2", "psnr"]] = ['butteraugli', 'ssimulacra2', 'psnr'],
        intensity_target: float = 0,
        difference: Literal["none", "jxl", "png", "pixels"] = "none",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> CompareResult:
        """Tells how much two pictures differ.

        Butteraugli and SSIMULACRA 2 as libjxl's tools butteraugli_main and ssimulacra2 compute them, a
        being the original; for animations frame by frame, and the worst of all frames. Alpha is made
        straight, and a picture with alpha is laid on two backgrounds (black and white; for SSIMULACRA 2 10
        and 90 percent grey), of which the worse score counts; a picture without is opaque. Orientation is
        applied. Extra channels other than alpha and CMYK's black are not compared. The frames of a are all
        in memory at once.

        Args:
            a: The file with the original.
            b: The file to compare with it, of the same width, height and number of frames.
            frames: Compare all frames, which must be equally many, or the first of each file.
            metrics: Which scores to compute; the others are null. Whether the samples are equal is always
                told.
            intensity_target: Luminance that Butteraugli takes 1.0 of the first file for. 0: 80, or, where
                its transfer function is PQ or HLG, the file's own intensity target. Unit: cd/m². From 0 to
                10000.
            difference: Whether to draw where the pictures differ, and as what: Butteraugli's heat map of
                the worst frame, from black (no difference) over blue, green, yellow and red (plain) to
                white. pixels are RGB, 8 bits, sRGB.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            difference: The difference picture as a file.
            difference_samples: The difference picture as samples.
            identical: Whether both have the same channels and colours, and all decoded samples are equal:
                as 32-bit floats, or at 16 bits where both files hold integers of up to 16 bits.
            butteraugli: Largest Butteraugli distance of any place; 0 for no difference, about 1 for one
                that is just noticed.
            butteraugli_3norm: Butteraugli distance over the whole picture, its 3-norm as libjxl's tools
                give it.
            ssimulacra2: 100 for equal pictures, 90 for very high quality, 70 high, 50 medium, 30 low; null
                where a side is shorter than 8 pixels.
            psnr: Peak signal-to-noise ratio of all colour samples together as coded in sRGB, 1.0 being the
                peak; where alpha shows through, on black or white, whichever is worse. null where there is
                no difference (it is infinite).
            worst_frame: Number of the frame with the worst score, from 0: by Butteraugli, or by the first
                other metric that was asked for.
            width: Width of both, as displayed.
            height: Height of both, as displayed.
            a_format: Format of the first file.
            b_format: Format of the second file.
            difference_format: What the difference picture is: a format, pixels, or none.
            channels: Samples per pixel of the difference picture.
            type: Sample type of the difference picture.
            frames: The scores of each pair of frames.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; bad_input: The inputs do not fit the options or each other;
                unknown_format: The input is in no format that the module reads; truncated: The input ends
                before the image does; corrupt: The input breaks the rules of its format; unsupported: The
                image has a feature that this function cannot handle; too_large: The image is larger than
                the call's limits allow; memory_limit: The call reached its memory ceiling; internal: The
                module failed for a reason of its own
        """
    async def acompare(
        self,
        a: Data,
        b: Data,
        *,
        frames: Literal["all", "first"] = "all",
        metrics: Sequence[Literal["butteraugli", "ssimulacra2", "psnr"]] = ['butteraugli', 'ssimulacra2', 'psnr'],
        intensity_target: float = 0,
        difference: Literal["none", "jxl", "png", "pixels"] = "none",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> CompareResult:
        """Tells how much two pictures differ.

        `compare` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
        """
    def thumbnail(
        self,
        image: Data,
        *,
        width: int = 256,
        height: int = 256,
        to: Literal["jxl", "jpeg", "png", "pixels"] = "jxl",
        filter: Literal["lanczos", "mitchell", "triangle", "box"] = "lanczos",
        upscale: bool = False,
        colour: Literal["srgb", "display_p3", "rec2020"] = "srgb",
        source: Literal["auto", "full"] = "auto",
        distance: float | None = None,
        quality: float | None = None,
        effort: int = 7,
        progressive: bool = False,
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> ThumbnailResult:
        """Makes a small picture of an image, which fits a box.

        The first frame, upright, in its proportions and never larger than it is unless asked for. It is
        made smaller in linear light with colour premultiplied by alpha; tones of PQ and HLG are mapped to
        an ordinary display; metadata is left out. Where the file has a coarse picture that is large enough,
        and source allows it, that is decoded instead of the whole: JPEG XL's preview, or its DC (an eighth
        of the size) and JPEG's smaller inverse transforms (down to an eighth) where twice the thumbnail's
        size is left. The result tells which. DC and smaller transforms are means of coded values, not of
        linear light, so that fine contrasts come out a little darker.

        Args:
            image: The file to show.
            width: The thumbnail is at most this wide. Unit: pixels. From 1 to 65535.
            height: The thumbnail is at most this high. Unit: pixels. From 1 to 65535.
            to: Format of the thumbnail. JPEG has no alpha and shows the picture on white. pixels gives
                samples: 8 bits, grey or RGB, with straight alpha where the image has alpha.
            filter: lanczos (of 3 lobes) is the sharpest; mitchell is softer and rings less; triangle does
                not ring; box is the plain mean.
            upscale: Whether an image smaller than the box is made larger.
            colour: Colour space of the thumbnail; what does not fit is clipped. Other than sRGB, it is told
                by the file or to be known by the caller.
            source: auto takes a coarse picture where the file has one that is large enough; full always
                decodes the whole image.
            distance: Target visual distance to the input in units of just noticeable difference: 0 is
                mathematically lossless, 1 visually lossless, 0.5 to 3 usual. Excludes quality and lossless.
                Default: 1, or 0 where the input is a GIF. Unit: Butteraugli distance. From 0 to 25.
            quality: Quality on the scale of libjpeg. For JPEG XL it is translated to a distance (100 is
                lossless, 90 is distance 1); for JPEG output it is the quality itself, 90 by default.
                Excludes distance and lossless. Unit: percent. From 0 to 100.
            effort: JPEG XL: how hard the encoder works. 1 is fastest, 9 gives the smallest file. From 1 to
                9.
            progressive: Order the file so that its beginning shows a coarse picture of the whole. JPEG XL
                and JPEG only.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            image: The thumbnail as a file.
            samples: The thumbnail as samples.
            format: Format of the thumbnail, or pixels.
            from_: Format of the input.
            source: What the thumbnail was made from: the whole image, a JPEG XL file's DC or preview, or a
                JPEG file decoded at a fraction of its size.
            width: Width of the thumbnail.
            height: Height of the thumbnail.
            channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
            type: Sample type: 0 to 255.
            alpha: Whether the last channel is alpha.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; bad_input: The inputs do not fit the options or each other;
                unknown_format: The input is in no format that the module reads; truncated: The input ends
                before the image does; corrupt: The input breaks the rules of its format; unsupported: The
                image has a feature that this function cannot handle; too_large: The image is larger than
                the call's limits allow; memory_limit: The call reached its memory ceiling; internal: The
                module failed for a reason of its own
        """
    async def athumbnail(
        self,
        image: Data,
        *,
        width: int = 256,
        height: int = 256,
        to: Literal["jxl", "jpeg", "png", "pixels"] = "jxl",
        filter: Literal["lanczos", "mitchell", "triangle", "box"] = "lanczos",
        upscale: bool = False,
        colour: Literal["srgb", "display_p3", "rec2020"] = "srgb",
        source: Literal["auto", "full"] = "auto",
        distance: float | None = None,
        quality: float | None = None,
        effort: int = 7,
        progressive: bool = False,
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> ThumbnailResult:
        """Makes a small picture of an image, which fits a box.

        `thumbnail` for asyncio: the same arguments, result and errors. It waits in a thread while the event
        loop goes on, and cancelling the task stops the call.
        """
    def edit(
        self,
        image: Data,
        *,
        to: Literal["jxl", "png", "apng", "jpeg", "pnm", "pfm"],
        crop: Sequence[int] = [],
        rotate: Literal[0, 90, 180, 270] = 0,
        mirror: bool = False,
        exposure: float = 0,
        width: int | None = None,
        height: int | None = None,
        filter: Literal["lanczos", "mitchell", "triangle", "box"] = "lanczos",
        upscale: bool = False,
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        metadata: Literal["keep", "strip"] = "keep",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> EditResult:
        """Crops, turns, brightens and resizes an image, and writes it in a format.

        The steps are done in this order, on every frame that is written: the picture is turned upright,
        cropped, rotated, mirrored, exposed and made to fit a box; then it is encoded from pixels as
        transcode encodes it. Depth, alpha, colour profile, Exif and XMP are kept as transcode keeps them,
        Exif then telling that the picture is upright; a gain map is left out, as it no longer fits. In JPEG
        XL all channels are kept, while layers are blended and each frame is stored whole. Crops and turns
        keep every sample exactly. Exposure and size are done in linear light of the picture's own
        primaries, as far as its profile tells them, with straight alpha in the file afterwards; colours in
        CMYK then become sRGB, as there is no way back. Where integers are stored, values end at the range
        of the depth, after each of the two. Without any step it is what transcode does from pixels.

        Args:
            image: The file to edit.
            to: Format of the output. An animation stays one in JPEG XL and APNG; the others get its first
                frame. JPEG and PFM have no alpha: JPEG shows the picture on white, PFM drops the alpha.
            crop: x, y, width and height of the part that stays, in the picture as it is displayed; it must
                lie inside. [] keeps everything. Unit: pixels.
            rotate: Turn the picture clockwise. Unit: degrees.
            mirror: Exchange left and right, after the picture is turned.
            exposure: Multiply linear light by 2 to the power of this: 1 is twice as bright, -1 half. Alpha
                and channels that are no colours stay. For PQ and HLG it is the light of the display. Unit:
                stops. From -8 to 8.
            width: Make the picture fit a box so wide, in its proportions. By default its width has no
                limit. Unit: pixels. From 1 to 65535.
            height: The same for its height. Unit: pixels. From 1 to 65535.
            filter: lanczos (of 3 lobes) is the sharpest; mitchell is softer and rings less; triangle does
                not ring; box is the plain mean.
            upscale: Whether an image smaller than the box is made larger.
            distance: Target visual distance to the input in units of just noticeable difference: 0 is
                mathematically lossless, 1 visually lossless, 0.5 to 3 usual. Excludes quality and lossless.
                Default: 1, or 0 where the input is a GIF. Unit: Butteraugli distance. From 0 to 25.
            quality: Quality on the scale of libjpeg. For JPEG XL it is translated to a distance (100 is
                lossless, 90 is distance 1); for JPEG output it is the quality itself, 90 by default.
                Excludes distance and lossless. Unit: percent. From 0 to 100.
            lossless: Keep every sample exactly, in the original colour space. Excludes distance above 0 and
                quality below 100.
            effort: How hard the encoder works: 1 is fastest, 9 gives a small file; 10 tries everything,
                takes many times as long and must be allowed by max_effort. From 1 to 10.
            max_effort: Refuse a higher effort than this. From 1 to 10.
            progressive: Order the codestream so that a prefix of the file shows a coarse picture of the
                whole (VarDCT: progressive DC and AC; modular: the squeeze transform). For JPEG output, a
                progressive JPEG.
            mode: VarDCT suits photographs, modular suits lossless and synthetic pictures. With auto the
                encoder chooses.
            container: Whether the codestream is wrapped in the box container. auto wraps it where metadata,
                JPEG reconstruction data or the codestream level need it; never is an error in those cases.
            intensity_target: Luminance of the brightest sample. 0 leaves the choice to the encoder: 255 for
                ordinary images, 10000 for PQ, 1000 for HLG. Unit: cd/m². From 0 to 10000.
            alpha_distance: Distance for alpha channels; 0 keeps them exactly. Unit: Butteraugli distance.
                From 0 to 25.
            extra_distance: Distance for extra channels other than alpha; 0 keeps them exactly. Unit:
                Butteraugli distance. From 0 to 25.
            keep_invisible: Whether colours are kept where alpha is 0. auto keeps them in lossless files
                only.
            progressive_dc: VarDCT: frames of lower resolution before the image: 1 has one of an eighth of
                the size, 2 one more of a 64th. -1 leaves it to the encoder. From -1 to 2.
            progressive_ac: VarDCT: several passes, of more and more coefficients (on), or first without
                their lowest bits (quantised).
            responsive: Modular: the squeeze transform, which stores coarse before fine. auto takes it where
                modular is lossy.
            faster_decoding: 0 gives the smallest file, 4 the one that decodes fastest, with some loss of
                quality or density. From 0 to 4.
            photon_noise: Have the decoder add noise as film or a sensor of this sensitivity would: 100 is
                little, 3200 a lot, 0 none. Unit: ISO. From 0 to 1000000.
            resampling: Code the image this many times smaller; the decoder scales it up. 0 does so at very
                large distances only.
            extra_resampling: Code the extra channels this many times smaller. 0 follows resampling.
            patches: Whether repeated shapes, such as letters, are stored once. auto looks for them from
                effort 7 on.
            dots: Whether small dots, such as stars, are coded on their own. auto looks for them from effort
                7 on, at large distances.
            epf: Strength of the decoder's edge-preserving filter; 0 turns it off, -1 leaves it to the
                encoder. From -1 to 3.
            gaborish: Whether the decoder smooths the image after the encoder sharpened it, which hides
                blocks.
            colour_transform: xyb suits the eye and makes the file independent of its profile; none codes
                the colours as they are. auto takes xyb unless the file is lossless. (Y'CbCr is kept where a
                JPEG's coefficients are.)
            group_order: Whether the squares of 256 x 256 pixels are stored from the top or from the centre
                outwards.
            group_order_centre: x and y from which the groups go outwards; empty is the middle of the image.
                Unit: pixels.
            modular_predictor: Modular: how a sample is guessed from its neighbours. best chooses between
                gradient and weighted, variable among all.
            modular_group_size: Modular: side of the squares that are coded on their own. 0 leaves it to the
                encoder. Unit: pixels.
            modular_palette_colours: Modular: use a palette for images of at most so many colours. -1 is the
                encoder's 1024, 0 none. Unit: colours. From -1 to 70913.
            modular_lossy_palette: Modular: reduce the colours to a palette with differences, with loss.
            modular_global_palette_percent: Modular: use a palette for a channel of the whole image if less
                than this part of its range occurs. -1 is the encoder's 95. Unit: percent. From -1 to 100.
            modular_group_palette_percent: Modular: the same for a channel within one group. -1 is the
                encoder's 80. Unit: percent. From -1 to 100.
            modular_colour_space: Modular: number of the reversible transform for the whole image (0 none, 6
                YCoCg); -1 tries several for each group. From -1 to 41.
            modular_tree_percent: Modular: part of the samples from which the decision tree is learnt; 0
                takes a fixed tree, which decodes fast, -1 is the encoder's 50. Unit: percent. From -1 to
                100.
            modular_previous_channels: Modular: how many earlier channels the decision tree may look at. -1
                is the encoder's choice. From -1 to 11.
            brotli_effort: How hard Brotli works on compressed boxes and on what reconstructs a JPEG. -1 is
                4 for boxes, and goes with effort for JPEG. From -1 to 11.
            compress_boxes: Store Exif, XMP, JUMBF and gain map in Brotli-compressed boxes (brob), which
                fewer programs read. Those of a recompressed JPEG always are.
            buffering: How images of more than 2048 x 2048 pixels are worked on: 0 as a whole, 1 to 3 in
                pieces, which takes a fraction of the memory and makes the file slightly larger. -1 takes
                pieces where the effort needs no look at the whole. From -1 to 3.
            level: Refuse an image that is beyond this level of ISO/IEC 18181-1; 0 takes the lowest that it
                fits.
            target_bytes: Search the smallest distance whose file is not larger than this; an error where
                even distance 25 is. Takes several encodes. Excludes distance, quality and lossless. By
                default nothing is searched. Unit: bytes. From 1 to 4294967295.
            target_butteraugli: Search the largest distance whose file is at most this far from the original
                (the maximum of Butteraugli over the image, as compare gives it); a lossless file where no
                distance is near enough. Takes several encodes and decodes. Excludes distance, quality and
                lossless. By default nothing is searched. From 0.1 to 100.
            target_ssimulacra2: Search the largest distance whose file scores at least this (90 is hardly
                distinguishable, 70 good, 50 fair), as compare gives it; a lossless file where no distance
                is near enough. Takes several encodes and decodes. Excludes distance, quality and lossless.
                By default nothing is searched. From -100 to 100.
            metadata: Whether Exif, XMP, JUMBF and boxes of other types are carried over. The ICC profile is
                always kept.
            max_pixels: Refuse images of more pixels per frame than this before allocating anything for
                them. Unit: pixels. From 1 to 1073741824.
            max_frames: Refuse animations of more frames than this. Unit: frames. From 1 to 65536.

        Returns:
            image: The edited file in the format asked for.
            format: Format of the output.
            from_: Format of the input.
            width: Width in pixels, as displayed.
            height: Height in pixels, as displayed.
            frames: Number of frames written.
            tries: JPEG XL: how often the image was encoded, more than once where a target was searched.
            score: JPEG XL: score that was reached, or null where none was asked for.
            distance: JPEG XL: distance that was used; null for other formats.

        Raises:
            CallError: bad_call: The call does not fit the interface; bad_option: An option is unknown, of
                the wrong type or out of range; unknown_format: The input is in no format that the module
                reads; truncated: The input ends before the image does; corrupt: The input breaks the rules
                of its format; unsupported: The image has a feature that this function cannot handle;
                too_large: The image is larger than the call's limits allow; memory_limit: The call reached
                its memory ceiling; internal: The module failed for a reason of its own
        """
    async def aedit(
        self,
        image: Data,
        *,
        to: Literal["jxl", "png", "apng", "jpeg", "pnm", "pfm"],
        crop: Sequence[int] = [],
        rotate: Literal[0, 90, 180, 270] = 0,
        mirror: bool = False,
        exposure: float = 0,
        width: int | None = None,
        height: int | None = None,
        filter: Literal["lanczos", "mitchell", "triangle", "box"] = "lanczos",
        upscale: bool = False,
        distance: float | None = None,
        quality: float | None = None,
        lossless: bool = False,
        effort: int = 7,
        max_effort: int = 9,
        progressive: bool = False,
        mode: Literal["auto", "vardct", "modular"] = "auto",
        container: Literal["auto", "always", "never"] = "auto",
        intensity_target: float = 0,
        alpha_distance: float = 0,
        extra_distance: float = 0,
        keep_invisible: Literal["auto", "off", "on"] = "auto",
        progressive_dc: int = -1,
        progressive_ac: Literal["off", "on", "quantised"] = "off",
        responsive: Literal["auto", "off", "on"] = "auto",
        faster_decoding: int = 0,
        photon_noise: float = 0,
        resampling: Literal[0, 1, 2, 4, 8] = 0,
        extra_resampling: Literal[0, 1, 2, 4, 8] = 0,
        patches: Literal["auto", "off", "on"] = "auto",
        dots: Literal["auto", "off", "on"] = "auto",
        epf: int = -1,
        gaborish: Literal["auto", "off", "on"] = "auto",
        colour_transform: Literal["auto", "xyb", "none"] = "auto",
        group_order: Literal["auto", "scanline", "centre"] = "auto",
        group_order_centre: Sequence[int] = [],
        modular_predictor: Literal["auto", "zero", "left", "top", "average0", "select", "gradient", "weighted", "top_right", "top_left", "left_left", "average1", "average2", "average3", "average4", "best", "variable"] = "auto",
        modular_group_size: Literal[0, 128, 256, 512, 1024] = 0,
        modular_palette_colours: int = -1,
        modular_lossy_palette: Literal["auto", "off", "on"] = "auto",
        modular_global_palette_percent: float = -1,
        modular_group_palette_percent: float = -1,
        modular_colour_space: int = -1,
        modular_tree_percent: float = -1,
        modular_previous_channels: int = -1,
        brotli_effort: int = -1,
        compress_boxes: bool = False,
        buffering: int = -1,
        level: Literal[0, 5, 10] = 0,
        target_bytes: int | None = None,
        target_butteraugli: float | None = None,
        target_ssimulacra2: float | None = None,
        metadata: Literal["keep", "strip"] = "keep",
        max_pixels: int = 268435456,
        max_frames: int = 4096,
    ) -> EditResult:
        """Crops, turns, brightens and resizes an image, and writes it in a format.

        `edit` for asyncio: the same arguments, result and errors. It waits in a thread while the event loop
        goes on, and cancelling the task stops the call.
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
        threads: int | None = ...,
        progress: Progress | None = ...,
    ) -> Connected: ...
    def explain(self, function: str, *args: Any, **kwargs: Any) -> Explanation: ...
