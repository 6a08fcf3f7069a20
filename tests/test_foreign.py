"""The formats that Pillow adds: their processes, their limits, what is kept on the way."""

from __future__ import annotations

import errno
import io
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from eitherside.errors import CallError
from eitherside.foreign import Foreign
from eitherside.foreign import process as foreign_process
from eitherside.settings import Settings
from support.images import animated, picture, saved

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><about/></x:xmpmeta>"
MAKE, ORIENTATION = 0x010F, 0x0112
FORMATS = ("webp", "avif", "tiff")


@pytest.fixture(scope="module")
def foreign() -> Foreign:
    """Pillow's formats with the usual limits."""
    return Foreign(Settings.load())


@pytest.fixture(scope="module")
def icc() -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def failing(code: str, call: Any, *arguments: Any, **named: Any) -> CallError:
    """Checks that the call fails with `code`."""
    with pytest.raises(CallError) as caught:
        call(*arguments, **named)
    assert caught.value.code == code, caught.value
    return caught.value


class TestFormats:
    def test_they_are_told(self, foreign: Foreign) -> None:
        assert [item.name for item in foreign.formats] == list(FORMATS)
        assert all(foreign.reads(name) and foreign.writes(name) for name in FORMATS)
        assert not foreign.reads("png")
        assert "pillow-" in foreign.identity

    def test_a_setting_turns_them_off(self) -> None:
        off = Foreign(Settings.load(pillow=False))
        assert off.formats == []
        assert off.sniff(saved(picture(8, 8, 3), "WEBP")) is None
        failing("unknown_format", off.to_png, b"", "webp")

    @pytest.mark.parametrize(("name", "plugin"), [("webp", "WEBP"), ("avif", "AVIF"), ("tiff", "TIFF")])
    def test_they_are_recognised(self, foreign: Foreign, name: str, plugin: str) -> None:
        found = foreign.sniff(saved(picture(8, 8, 3), plugin))
        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize("plugin", ["PNG", "JPEG", "GIF", "BMP", "PPM"])
    def test_others_are_not(self, foreign: Foreign, plugin: str) -> None:
        assert foreign.sniff(saved(picture(8, 8, 3), plugin)) is None

    @given(st.binary(max_size=80))
    def test_any_bytes_can_be_looked_at(self, data: bytes) -> None:
        Foreign(Settings.load(pillow=False)).sniff(data)

    @pytest.mark.parametrize("brand", [b"mif1", b"heic"])
    def test_avif_by_a_compatible_brand(self, foreign: Foreign, brand: bytes) -> None:
        compatible = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + b"avifmiaf"
        assert foreign.sniff(compatible) is not None
        assert foreign.sniff(b"\0\0\0\x10ftyp" + brand + b"\0\0\0\0avif") is None


class TestReading:
    @pytest.mark.parametrize("channels", [1, 3, 4])
    @pytest.mark.parametrize(
        ("plugin", "options"),
        [("WEBP", {"lossless": True, "exact": True}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
    )
    def test_samples_are_exact(
        self, foreign: Foreign, plugin: str, options: dict[str, Any], channels: int
    ) -> None:
        samples = picture(33, 21, channels)
        data = saved(samples, plugin, **options)
        read = opened(foreign.to_png(data, plugin.lower()))
        expected = opened(data)
        assert read.mode == expected.mode
        np.testing.assert_array_equal(np.asarray(read), np.asarray(expected))
        if plugin == "TIFF":
            np.testing.assert_array_equal(np.asarray(read), samples[..., 0] if channels == 1 else samples)

    def test_16_bit_grey_is_kept(self, foreign: Foreign) -> None:
        samples = np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32)
        file = io.BytesIO()
        Image.fromarray(samples).save(file, "TIFF")
        png = foreign.to_png(file.getvalue(), "tiff")
        np.testing.assert_array_equal(np.asarray(opened(png)), samples)
        back = foreign.from_png(png, "tiff", {"compression": "lzw"})
        np.testing.assert_array_equal(np.asarray(opened(back)), samples)

    @pytest.mark.parametrize("plugin", ["WEBP", "AVIF", "TIFF"])
    def test_profile_and_metadata_are_kept(self, foreign: Foreign, icc: bytes, plugin: str) -> None:
        exif = Image.Exif()
        exif[MAKE] = "Maker"
        options: dict[str, Any] = {"icc_profile": icc, "exif": exif}
        if plugin == "TIFF":
            options = {"icc_profile": icc, "tiffinfo": {700: XMP, MAKE: "Maker"}}
        else:
            options["xmp"] = XMP
        read = opened(foreign.to_png(saved(picture(16, 16, 3), plugin, **options), plugin.lower()))
        assert read.info["icc_profile"] == icc
        assert read.getexif()[MAKE] == "Maker"
        assert read.info["xmp"] == XMP

    @pytest.mark.parametrize("plugin", ["WEBP", "TIFF"])
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_images_come_upright(self, foreign: Foreign, plugin: str, orientation: int) -> None:
        samples = picture(16, 9, 3)
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options: dict[str, Any] = {"lossless": True} if plugin == "WEBP" else {}
        read = opened(foreign.to_png(saved(samples, plugin, exif=exif, **options), plugin.lower()))
        turned = {
            1: samples, 2: samples[:, ::-1], 3: samples[::-1, ::-1], 4: samples[::-1],
            5: samples.swapaxes(0, 1), 6: samples.swapaxes(0, 1)[:, ::-1],
            7: samples.swapaxes(0, 1)[::-1, ::-1], 8: samples.swapaxes(0, 1)[::-1],
        }[orientation]  # fmt: skip
        np.testing.assert_array_equal(np.asarray(read), turned)
        assert read.getexif().get(ORIENTATION, 1) == 1

    @pytest.mark.parametrize("plugin", ["WEBP", "AVIF"])
    def test_animations_keep_frames_and_times(self, foreign: Foreign, plugin: str) -> None:
        options: dict[str, Any] = {"lossless": True} if plugin == "WEBP" else {}
        data = animated(plugin, frames=4, **options)
        image = opened(foreign.to_png(data, plugin.lower()))
        source = opened(data)
        assert getattr(image, "n_frames", 1) == getattr(source, "n_frames", 1) == 4
        for index in range(4):
            image.seek(index)
            source.seek(index)
            source.load()
            assert image.info["duration"] == pytest.approx(100)
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), np.asarray(source.convert("RGB")))

    def test_cmyk_needs_its_profile(self, foreign: Foreign) -> None:
        file = io.BytesIO()
        Image.new("CMYK", (8, 8), (10, 20, 30, 40)).save(file, "TIFF")
        assert "CMYK" in failing("unsupported", foreign.to_png, file.getvalue(), "tiff").message

    @pytest.mark.parametrize("mode", ["F", "I", "LAB"])
    def test_what_png_cannot_hold_is_refused(self, foreign: Foreign, mode: str) -> None:
        file = io.BytesIO()
        Image.new(mode, (8, 8)).save(file, "TIFF")
        failing("unsupported", foreign.to_png, file.getvalue(), "tiff")

    def test_a_tiff_of_several_pages_is_refused(self, foreign: Foreign) -> None:
        file = io.BytesIO()
        pages = [Image.new("L", (8, 8), value) for value in (0, 255)]
        pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
        assert "pages" in failing("unsupported", foreign.to_png, file.getvalue(), "tiff").message

    def test_16_bit_colour_is_not_cut(self, foreign: Foreign) -> None:
        # Pillow cannot write such a file: uncompressed, little endian, 1 x 1, RGB, 16 bits each.
        tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 3, 122), (259, 3, 1, 1), (262, 3, 1, 2)]
        tags += [(273, 4, 1, 128), (277, 3, 1, 3), (278, 3, 1, 1), (279, 4, 1, 6)]
        entries = b"".join(struct.pack("<HHII", *entry) for entry in tags)
        data = b"II*\0\x08\0\0\0" + len(tags).to_bytes(2, "little") + entries + b"\0\0\0\0"
        data += b"\x10\0" * 3 + b"\1\2\3\4\5\6"
        assert "16 bits" in failing("unsupported", foreign.to_png, data, "tiff").message


class TestWriting:
    @pytest.mark.parametrize(("name", "options"), [("webp", {"lossless": True}), ("tiff", {})])
    @pytest.mark.parametrize("channels", [1, 3, 4])
    def test_lossless_is_exact(
        self, foreign: Foreign, name: str, options: dict[str, object], channels: int
    ) -> None:
        samples = picture(33, 21, channels)
        image = opened(foreign.from_png(saved(samples, "PNG"), name, options))
        if channels == 1:
            image = image.convert("L")
            samples = samples[..., 0]
        elif channels == 4:
            # Colours of what cannot be seen are not kept by WebP.
            shown = samples[..., 3] > 0
            np.testing.assert_array_equal(np.asarray(image)[shown], samples[shown])
            return
        np.testing.assert_array_equal(np.asarray(image), samples)

    @pytest.mark.parametrize("name", FORMATS)
    def test_options_have_an_effect(self, foreign: Foreign, name: str) -> None:
        png = saved(picture(64, 64, 3), "PNG")
        others: dict[str, dict[str, object]] = {
            "webp": {"quality": 5}, "avif": {"quality": 5}, "tiff": {"compression": "none"},
        }  # fmt: skip
        assert foreign.from_png(png, name) != foreign.from_png(png, name, others[name])

    @pytest.mark.parametrize("name", FORMATS)
    def test_equal_calls_give_equal_bytes(self, foreign: Foreign, name: str) -> None:
        png = saved(picture(64, 64, 3), "PNG")
        assert foreign.from_png(png, name) == foreign.from_png(png, name)

    @pytest.mark.parametrize("name", FORMATS)
    def test_profile_and_metadata_are_kept(self, foreign: Foreign, icc: bytes, name: str) -> None:
        exif = Image.Exif()
        exif[MAKE] = "Maker"
        exif[ORIENTATION] = 6
        png = saved(picture(16, 9, 3), "PNG", icc_profile=icc, exif=exif)
        image = opened(foreign.from_png(png, name))
        assert image.size == (9, 16)
        assert image.info["icc_profile"] == icc
        assert image.getexif()[MAKE] == "Maker"
        assert image.getexif().get(ORIENTATION, 1) == 1

    def test_metadata_in_hexadecimal_text_is_found(self, foreign: Foreign) -> None:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text("Raw profile type xmp", f"\nxmp\n{len(XMP):8}\n{XMP.hex()}\n", zip=True)
        image = opened(foreign.from_png(saved(picture(8, 8, 3), "PNG", pnginfo=info), "webp"))
        assert image.info["xmp"] == XMP

    @pytest.mark.parametrize("name", ["webp", "avif"])
    def test_animations(self, foreign: Foreign, name: str) -> None:
        image = opened(foreign.from_png(animated("PNG", frames=3), name))
        assert getattr(image, "n_frames", 1) == 3
        image.seek(1)
        image.load()
        assert image.info["duration"] == 100

    def test_a_profile_of_other_colours_is_refused(self, foreign: Foreign, icc: bytes) -> None:
        cmyk = icc[:16] + b"CMYK" + icc[20:]
        png = saved(picture(8, 8, 3), "PNG", icc_profile=cmyk)
        failing("unsupported", foreign.from_png, png, "webp")

    def test_a_tiff_is_no_animation(self, foreign: Foreign) -> None:
        failing("unsupported", foreign.from_png, animated("PNG"), "tiff")

    @pytest.mark.parametrize("name", ["webp", "avif"])
    def test_16_bit_grey_is_scaled_not_clipped(self, foreign: Foreign, name: str) -> None:
        samples = np.full((16, 16), 0x8080, np.uint16)
        file = io.BytesIO()
        Image.fromarray(samples).save(file, "PNG")
        image = opened(foreign.from_png(file.getvalue(), name, {"quality": 100}))
        assert int(np.asarray(image.convert("L")).mean()) == pytest.approx(0x80, abs=2)

    @pytest.mark.parametrize(
        ("options", "pointer"),
        [
            ({"quality": 101}, "/quality"),
            ({"quality": "5"}, "/quality"),
            ({"effort": 1}, "/effort"),
            ({"lossless": 1}, "/lossless"),
        ],
    )
    def test_a_bad_option_is_named(self, foreign: Foreign, options: dict[str, object], pointer: str) -> None:
        error = failing("bad_option", foreign.from_png, saved(picture(8, 8, 3), "PNG"), "webp", options)
        assert (error.option, error.status) == (pointer, 400)


class TestLimits:
    def test_pixels(self) -> None:
        foreign = Foreign(Settings.load(pillow_pixels=100))
        for plugin in ("WEBP", "AVIF", "TIFF"):
            error = failing("too_large", foreign.to_png, saved(picture(11, 10, 3), plugin), plugin.lower())
            assert error.status == 413
            assert foreign.to_png(saved(picture(10, 10, 3), plugin), plugin.lower())

    def test_pixels_of_all_frames(self) -> None:
        foreign = Foreign(Settings.load(pillow_pixels=48 * 32 * 2))
        failing("too_large", foreign.to_png, animated("WEBP", frames=3), "webp")
        assert foreign.to_png(animated("WEBP", frames=2), "webp")

    def test_a_huge_claim(self, foreign: Foreign) -> None:
        data = bytearray(saved(picture(8, 8, 3), "TIFF"))
        for tag in (256, 257):
            at = data.index(tag.to_bytes(2, "little"), 8)
            data[at + 2 : at + 12] = (
                (4).to_bytes(2, "little") + (1).to_bytes(4, "little") + (2**30).to_bytes(4, "little")
            )
        failing("too_large", foreign.to_png, bytes(data), "tiff")

    def test_memory(self) -> None:
        foreign = Foreign(Settings.load(pillow_memory="160MiB"))
        blank = io.BytesIO()
        Image.new("RGBA", (6000, 6000)).save(blank, "TIFF", compression="tiff_adobe_deflate")
        error = failing("memory_limit", foreign.to_png, blank.getvalue(), "tiff")
        assert error.status == 413
        assert foreign.to_png(saved(picture(8, 8, 3), "TIFF"), "tiff")

    def test_time(self) -> None:
        foreign = Foreign(Settings.load(pillow_time=0.6))
        assert foreign.formats
        png = saved(np.random.default_rng(1).integers(0, 255, (1500, 1500, 3), np.uint8), "PNG")
        error = failing("time_limit", foreign.from_png, png, "avif", {"speed": 0})
        assert error.status == 503

    def test_a_cancelled_call_ends_its_process(
        self, foreign: Foreign, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert foreign.formats
        started: list[subprocess.Popen[bytes]] = []

        class Noted(subprocess.Popen[bytes]):
            def __init__(self, *arguments: Any, **named: Any) -> None:
                super().__init__(*arguments, **named)
                started.append(self)

        monkeypatch.setattr(subprocess, "Popen", Noted)
        png = saved(np.random.default_rng(1).integers(0, 255, (1500, 1500, 3), np.uint8), "PNG")
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        failing("cancelled", foreign.from_png, png, "avif", {"speed": 0}, cancel=cancel)
        assert [process.returncode for process in started] == [-signal.SIGKILL]

    def test_the_queue(self) -> None:
        foreign = Foreign(Settings.load(threads=1, queue_length=1))
        assert foreign.formats
        png = saved(np.random.default_rng(1).integers(0, 255, (1500, 1500, 3), np.uint8), "PNG")
        cancel, errors = threading.Event(), []

        def occupy() -> None:
            try:
                foreign.from_png(png, "avif", {"speed": 0}, cancel=cancel)
            except CallError as error:
                errors.append(error.code)

        threads = [threading.Thread(target=occupy) for _ in range(2)]
        for thread in threads:
            thread.start()
        while foreign.taken < 2:
            time.sleep(0.01)
        error = failing("over_capacity", foreign.from_png, png, "webp")
        assert error.status == 503
        assert error.retry_after
        cancel.set()
        for thread in threads:
            thread.join()
        assert errors == ["cancelled", "cancelled"]
        assert foreign.from_png(saved(picture(8, 8, 3), "PNG"), "webp")

    def test_a_worker_that_dies_is_an_error(
        self, foreign: Foreign, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert foreign.formats
        broken = tmp_path / "worker.py"
        broken.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
        monkeypatch.setattr(foreign_process, "WORKER", broken)
        failing("corrupt", foreign.to_png, saved(picture(8, 8, 3), "WEBP"), "webp")


class TestHostile:
    @pytest.mark.parametrize("plugin", ["WEBP", "AVIF", "TIFF"])
    def test_truncations(self, foreign: Foreign, plugin: str) -> None:
        data = saved(picture(64, 64, 3), plugin)
        size = 16
        while size < len(data):
            with pytest.raises(CallError) as caught:
                foreign.to_png(data[:size], plugin.lower())
            assert caught.value.status == 422
            size *= 2

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data(), plugin=st.sampled_from(["WEBP", "AVIF", "TIFF"]))
    def test_flipped_bits(self, foreign: Foreign, data: st.DataObject, plugin: str) -> None:
        file = bytearray(saved(picture(32, 32, 3), plugin))
        for _ in range(data.draw(st.integers(1, 8))):
            file[data.draw(st.integers(0, len(file) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        try:
            opened(foreign.to_png(bytes(file), plugin.lower()))
        except CallError as error:
            assert error.status in (413, 415, 422)

    def test_a_file_of_another_format_is_not_opened(self, foreign: Foreign) -> None:
        # The plugin asked for is the only one that runs, whatever the file is.
        for plugin in ("BMP", "GIF", "PNG"):
            failing("corrupt", foreign.to_png, saved(picture(8, 8, 3), plugin), "webp")

    def test_nothing_more_can_be_opened(self) -> None:
        code = (
            "import sys, socket; sys.path.insert(0, sys.argv[1]); import worker;"
            "worker.limit(1 << 30, 9); worker.start_pillow(['WEBP'], 9); worker.close_off();\n"
            "for act in (lambda: open('/etc/passwd'), socket.socket):\n"
            "    try: act()\n"
            "    except OSError as error: print(error.errno)"
        )
        folder = str(foreign_process.WORKER.parent)
        run = subprocess.run(
            [sys.executable, "-I", "-c", code, folder], capture_output=True, text=True, check=True
        )
        assert run.stdout.split() == [str(errno.EMFILE)] * 2

    def test_only_the_listed_plugins_are_loaded(self) -> None:
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import worker; worker.start_pillow(['WEBP'], 9);"
            "from PIL import Image; Image.init(); print(sorted(Image.OPEN))"
        )
        folder = str(foreign_process.WORKER.parent)
        run = subprocess.run(
            [sys.executable, "-I", "-c", code, folder], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == "['PNG', 'WEBP']"
