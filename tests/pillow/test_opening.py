"""Opening: what is read, what is told, what is refused."""

from __future__ import annotations

import io
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from eitherside import Codec
from eitherside.errors import CallError
from eitherside.pillow import JxlImageFile
from pillow.files import MAKE, ORIENTATION, XMP, damaged, exif
from pillow.plugin import Counted
from support.boxes import box, container
from support.effort import examples
from support.images import picture


def opened(file: Path) -> JxlImageFile:
    # In memory, as nothing need be closed then.
    found = Image.open(io.BytesIO(file.read_bytes()))
    assert isinstance(found, JxlImageFile)
    return found


class TestHeader:
    def test_the_beginning_is_read(self, files: Path) -> None:
        file = Counted((files / "large.jxl").read_bytes())
        image = Image.open(file)
        assert (image.size, image.mode, image.get_format_mimetype()) == ((512, 512), "RGB", "image/jxl")
        # Pillow itself looks at 16 bytes.
        assert file.count == 4096 + 16
        image.load()
        assert file.count == len(file.getvalue()) + 16

    @pytest.mark.parametrize("padding", [3000, 5000, 60_000])
    def test_it_reads_on_where_metadata_are_long(self, codec: Codec, padding: int) -> None:
        long = XMP + b" " * padding
        data = codec.encode(picture(300, 300, 3), xmp=long, lossless=True).image
        file = Counted(data)
        image = Image.open(file)
        assert image.info["xmp"] == long
        assert file.count < len(data)

    def test_a_profile_that_is_long_is_whole(self, codec: Codec) -> None:
        wide = codec.encode(picture(20, 20, 3), colour="display_p3").image
        icc = codec.inspect(wide, contents=True).icc
        assert icc is not None
        # The profile gets text of noise, which does not compress.
        text = np.random.default_rng(1).integers(33, 126, 20_000, "u1").tobytes()
        data = codec.encode(picture(500, 500, 3), icc=longer(icc, text), lossless=True).image
        file = Counted(data)
        assert Image.open(file).info["icc_profile"] == longer(icc, text)
        assert 4096 + 16 < file.count < len(data)

    def test_srgb_needs_no_profile(self, files: Path) -> None:
        assert "icc_profile" not in opened(files / "rgb.jxl").info
        assert "icc_profile" not in opened(files / "grey.jxl").info
        assert opened(files / "p3.jxl").info["icc_profile"] == (files / "p3.icc").read_bytes()

    def test_the_file_is_closed_when_it_is_read(self, files: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            image = Image.open(files / "rgb.jxl")
            file = image.fp
            image.load()
            assert file is not None and file.closed
            assert image.fp is None
            # And whoever leaves or closes the image closes it unread.
            with Image.open(files / "rgb.jxl"):
                pass
            Image.open(files / "rgb.jxl").close()

    def test_a_stream_of_the_callers_stays_open(self, files: Path) -> None:
        with (files / "rgb.jxl").open("rb") as file:
            Image.open(file).load()
            assert not file.closed

    def test_others_may_move_the_stream(self, files: Path) -> None:
        file = io.BytesIO((files / "large.jxl").read_bytes())
        image = Image.open(file)
        file.seek(3)
        assert np.array_equal(np.asarray(image), np.load(files / "large.npy"))

    def test_after_closing(self, files: Path) -> None:
        image = opened(files / "rgb.jxl")
        image.close()
        with pytest.raises(ValueError, match="closed"):
            image.load()
        with opened(files / "rgb.jxl") as left:
            pass
        with pytest.raises(ValueError, match="closed"):
            left.load()

    def test_pieces(self, files: Path) -> None:
        parser = ImageFile.Parser()
        data = (files / "large.jxl").read_bytes()
        for at in range(0, len(data), 50_000):
            parser.feed(data[at : at + 50_000])
        assert np.array_equal(np.asarray(parser.close()), np.load(files / "large.npy"))

    def test_pickling(self, files: Path) -> None:
        found = pickle.loads(pickle.dumps(opened(files / "metadata.jxl")))  # noqa: S301 -- ours
        assert found.n_frames == 1 and not found.is_animated
        assert found.getexif()[MAKE] == "Eitherside"
        assert np.array_equal(np.asarray(found), np.load(files / "metadata.npy"))


def longer(icc: bytes, text: bytes) -> bytes:
    """A profile with a copyright of this text."""
    count = int.from_bytes(icc[128:132])
    tags = bytearray(icc[132 : 132 + 12 * count])
    content = b"text" + bytes(4) + text + b"\0"
    body = icc + bytes(-len(icc) % 4)
    at = tags.index(b"cprt")
    tags[at + 4 : at + 12] = len(body).to_bytes(4) + len(content).to_bytes(4)
    made = body[:132] + bytes(tags) + body[132 + 12 * count :] + content
    made += bytes(-len(made) % 4)
    # The identifier is a hash of the whole, or absent.
    return len(made).to_bytes(4) + made[4:84] + bytes(16) + made[100:]


class TestMetadata:
    def test_exif_and_xmp(self, files: Path) -> None:
        image = opened(files / "metadata.jxl")
        assert image.info["exif"] == exif()
        assert image.getexif()[MAKE] == "Eitherside"
        assert image.info["xmp"] == XMP
        assert "xmpmeta" in image.getxmp()

    @pytest.mark.parametrize("name", ["exif", "xmp"])
    def test_behind_the_pixels(self, files: Path, name: str) -> None:
        image = opened(files / "behind.jxl")
        assert name not in image.info
        found = image.getexif().get(MAKE) if name == "exif" else image.getxmp()
        assert found
        assert name in image.info
        assert image.tile

    def test_loading_finds_them_too(self, files: Path) -> None:
        image = opened(files / "behind.jxl")
        image.load()
        assert image.info["exif"] == exif()

    def test_a_picture_is_turned_once(self, files: Path) -> None:
        image = opened(files / "turned.jxl")
        right = np.load(files / "turned.npy")
        assert image.size == (23, 31)
        assert np.array_equal(np.asarray(image), right)
        assert image.getexif()[ORIENTATION] == 1
        assert image.getexif()[MAKE] == "Eitherside"
        assert np.array_equal(np.asarray(ImageOps.exif_transpose(image)), right)

    def test_xmp_turns_nothing_either(self, codec: Codec) -> None:
        told = b'<x tiff:Orientation="6"/><y><tiff:Orientation>8</tiff:Orientation></y>'
        data = codec.encode(picture(30, 20, 3), xmp=told, orientation=6).image
        image = Image.open(io.BytesIO(data))
        assert image.info["xmp"] == told.replace(b'"6"', b'"1"').replace(b">8<", b">1<")
        assert ImageOps.exif_transpose(image).size == image.size == (20, 30)

    @settings(max_examples=examples(200))
    @given(
        st.binary(max_size=60),
        st.sampled_from([b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]),
    )
    def test_any_exif_is_taken(self, rest: bytes, head: bytes) -> None:
        from eitherside.pillow.metadata import turned

        found = turned(head + rest, b"")
        assert 1 <= found.orientation <= 8
        assert len(found.exif) == len(head + rest)
        assert sum(a != b for a, b in zip(found.exif, head + rest, strict=True)) <= 2
        assert turned(found.exif, b"").orientation == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"\xff\x0a" + bytes(range(256)), "header|damaged|read"),
            (b"\xff\x0a", "end before"),
            (container(), "end before|no codestream|damaged"),
            (container(box(b"jxlc", b"\xff\x0a\x00")), "end before|damaged"),
        ],
    )
    def test_what_is_no_picture(self, data: bytes, why: str, tmp_path: Path) -> None:
        path = tmp_path / "bad.jxl"
        path.write_bytes(data)
        with pytest.raises(UnidentifiedImageError, match=rf"bad\.jxl': .*({why})") as caught:
            Image.open(path)
        assert isinstance(caught.value.__cause__, CallError)

    @settings(max_examples=examples(100))
    @given(
        st.binary(max_size=300),
        st.sampled_from([b"\xff\x0a", container(), container(box(b"jxlc", b"\xff\x0a"))]),
    )
    def test_no_bytes_lead_to_another_error(self, rest: bytes, head: bytes) -> None:
        try:
            image = Image.open(io.BytesIO(head + rest))
            image.load()
        except (OSError, Image.DecompressionBombError):
            pass

    def test_the_class_itself_takes_jpeg_xl_alone(self) -> None:
        file = io.BytesIO()
        Image.new("RGB", (3, 3)).save(file, "PNG")
        file.seek(0)
        with pytest.raises(SyntaxError):
            JxlImageFile(file)

    def test_damage_is_an_oserror(self, files: Path) -> None:
        image = opened(files / "damaged.jxl")
        with pytest.raises(OSError, match="corrupt"):
            image.load()

    def test_a_file_that_is_cut_off(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        image = opened(files / "truncated.jxl")
        assert image.size == (512, 512)
        with pytest.raises(OSError, match="truncated"):
            image.load()
        monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        found = np.asarray(image, int)
        whole = np.asarray(opened(files / "whole.jxl"), int)
        assert np.abs(found - whole)[:128].mean() < 8

    def test_verify(self, files: Path) -> None:
        opened(files / "whole.jxl").verify()
        with pytest.raises(OSError, match="truncated"):
            opened(files / "truncated.jxl").verify()

    def test_many_pixels(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 512 * 512 // 2 - 1)
        with pytest.raises(Image.DecompressionBombError):
            opened(files / "large.jxl")
        with (files / "large.jxl").open("rb") as file, pytest.raises(Image.DecompressionBombError):
            JxlImageFile(file)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 512 * 512 - 1)
        with pytest.warns(Image.DecompressionBombWarning):
            opened(files / "large.jxl")
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
        opened(files / "large.jxl").load()

    def test_a_huge_picture_is_refused_by_its_header(self, codec: Codec) -> None:
        # 2^30 pixels a side, and defaults (ISO/IEC 18181-1): not small, height in 30 bits, ratio 1:1.
        bits = "0" + "11" + format((1 << 30) - 1, "030b")[::-1] + "100" + "11"
        header = int(bits[::-1], 2).to_bytes(5, "little")
        with pytest.raises(Image.DecompressionBombError):
            Image.open(io.BytesIO(b"\xff\x0a" + header + bytes(60)))


def test_damage_is_what_it_says(files: Path) -> None:
    """The helper changes pixels, not headers."""
    data = (files / "large.jxl").read_bytes()
    assert damaged(data)[:4096] == data[:4096] and damaged(data) != data
