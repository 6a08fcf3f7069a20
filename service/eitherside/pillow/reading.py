"""JPEG XL files as images of Pillow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageFile

from ..errors import CallError
from .calls import TRUNCATED, given_back, looked
from .errors import loading, saving
from .frames import Frames, Picture
from .header import Header, end_of_boxes, info_of, milliseconds, read_header
from .modes import mode_of, to_image
from .sharing import most_bytes

if TYPE_CHECKING:
    from PIL._imaging import PixelAccess

    from ..codec import InspectResult


class JxlImageFile(ImageFile.ImageFile):
    """An image opened from a JPEG XL file; `Image.open` makes it.

    Opening reads the beginning of the file, pixels are decoded by `load`, in the sandbox of a codec. It is
    upright: what Exif and XMP said of its orientation is 1.

    `info` has, where the file has it: `icc_profile` (unless that is sRGB's), `exif`, `xmp`, `jumbf`,
    `gain_map`, and of animations `loop`, `duration` and `timestamp` of the current frame, in milliseconds.
    Metadata that are stored behind the pixels are in it once it is loaded; `getexif` and `getxmp` read on for
    them.
    """

    format = "JXL"
    format_description = "JPEG XL image"

    _told: InspectResult | None = None
    _head = b""
    _data: bytes | None = None
    _is_all_told = False
    _frame = 0
    _starts: Sequence[float] = ()
    _frames: Frames | None = None

    def _open(self) -> None:
        if self.fp is None:
            raise ValueError("Operation on closed image")
        self.fp.seek(0)
        header = read_header(self.fp, repr(os.fspath(self.filename) or self.fp))
        self._head = header.data
        self._size = header.told.width, header.told.height
        # Whoever opens files with this class directly has no other check.
        Image._decompression_bomb_check(self._size, error_only=True)
        self._mode = mode_of(header.told)
        self._take(header)
        self._show(0)

    def _take(self, header: Header) -> None:
        self._told = header.told
        self._is_all_told = header.told.complete
        self._starts = list(accumulate((each["duration"] for each in header.told.frames), initial=0.0))
        self.info.update(info_of(header.told))

    @property
    def n_frames(self) -> int:
        """Number of frames; for an animation the whole file is read to count them."""
        if self._told is None or self._told.animation is None:
            return 1
        self._read_on()
        return max(1, len(self._told.frames))

    @property
    def is_animated(self) -> bool:
        """Whether there is more than one frame."""
        return self.n_frames > 1

    def tell(self) -> int:
        """Returns the number of the current frame."""
        return self._frame

    def seek(self, frame: int) -> None:
        """Goes to a frame, in any order.

        Raises:
            EOFError: there is no such frame.
        """
        if self._seek_check(frame):
            self._show(frame)

    def _show(self, frame: int) -> None:
        self._frame = frame
        self.tile = [ImageFile._Tile("jxl", (0, 0, *self.size), 0, self.mode)]
        if self._told is not None and self._told.animation is not None and frame < len(self._told.frames):
            self.info["duration"] = milliseconds(self._told.frames[frame]["duration"])
            self.info["timestamp"] = milliseconds(self._starts[frame])

    def load(self) -> PixelAccess | None:
        """Decodes the current frame.

        Raises:
            OSError: the file is damaged, or ends early and `ImageFile.LOAD_TRUNCATED_IMAGES` is not set, or a
                limit of the codec was reached.
        """
        if self.tile and self._told is not None:
            self._read_on()
            self.im = self._decoded().im
            self.tile = []
            self.readonly = 0
        return super().load()

    def load_seek(self, pos: int) -> None:
        """Is there to tell `ImageFile.Parser` that it must wait for the whole file."""

    def _decoded(self) -> Image.Image:
        if self._frames is None:
            self._frames = Frames(self._bytes(), self.mode, self.n_frames)
        samples: Picture | None
        with loading():
            try:
                samples = self._frames.get(self._frame)
            except CallError as error:
                if error.code != TRUNCATED:
                    raise
                if not ImageFile.LOAD_TRUNCATED_IMAGES:
                    raise OSError(f"image file is truncated: {error.message}") from error
                samples = self._frames.cut(self._frame)
        if samples is None:
            return Image.new(self.mode, self.size)
        made = to_image(self.mode, *samples)
        if made.size != self.size:
            raise OSError(f"the picture is {made.size}, its header says {self.size}")
        return made

    def _bytes(self) -> bytes:
        """Returns the whole file, which is read when it is first wanted."""
        if self._data is None:
            if self.fp is None:
                raise ValueError("Operation on closed image")
            self.fp.seek(len(self._head))
            most = most_bytes()
            data = self._head + self.fp.read(max(0, most - len(self._head)) + 1)
            if len(data) > most:
                raise OSError(f"the file is larger than {most} bytes, the memory that a call may take")
            self._data, self._head = data, b""
            if self._exclusive_fp:
                self.fp.close()
            self.fp = None
        return self._data

    def _read_on(self) -> None:
        """Reads what the beginning did not tell: frames of an animation, metadata behind the pixels."""
        if self._is_all_told or self._told is None:
            return
        data = self._bytes()
        if self._told.animation is not None or end_of_boxes(self._told) < len(data):
            with loading():
                self._take(Header(data, looked(data)))
        self._is_all_told = True

    def getexif(self) -> Image.Exif:
        """Returns the Exif data, wherever in the file it is."""
        self._find("exif")
        return super().getexif()

    def getxmp(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Returns the XMP tags, wherever in the file they are."""
        self._find("xmp")
        return super().getxmp(*args, **kwargs)

    def _find(self, name: str) -> None:
        if name in self.info or self._told is None or not self._told.container:
            return
        if self._data is not None or self.fp is not None:
            self._read_on()

    def original_jpeg(self) -> bytes:
        """Returns the JPEG file that this one was made from without loss (`lossless_jpeg`), bit for bit.

        Raises:
            ValueError: it was not made from one, or the image is closed.
            OSError: the file is damaged.
        """
        data = self._bytes()
        self._read_on()
        if self._told is None or not self._told.jpeg_reconstruction:
            raise ValueError("the file was not made from a JPEG file, or keeps no more than its picture")
        with saving():
            return given_back(data)

    def verify(self) -> None:
        """Checks that the file is whole and its headers are sound, without decoding pixels.

        Raises:
            OSError: it is damaged, or ends early.
        """
        with loading():
            looked(self._bytes(), whole=True)
        super().verify()

    def close(self) -> None:
        """Gives the file and the memory back."""
        super().close()
        self._data, self._frames, self._head = None, None, b""
        self.tile = []
