"""The codec behind the images: made lazily, in threads, after a fork, or somebody else's."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eitherside import Codec, Settings, connect
from eitherside.pillow import use
from server import running_server
from support.images import picture


@pytest.fixture
def _back() -> Iterator[None]:
    yield
    use(None)


def run(text: str, *arguments: str, **environment: str) -> str:
    """Runs a program in a process of its own, and returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_importing_makes_no_codec() -> None:
    text = (
        "import sys, threading, eitherside.pillow\n"
        "from eitherside.pillow import sharing\n"
        "from PIL import Image\n"
        "assert Image.registered_extensions()['.jxl'] == 'JXL' and Image.MIME['JXL'] == 'image/jxl'\n"
        "print(sharing._own, threading.active_count(), 'wasmtime' in sys.modules)\n"
    )
    assert run(text) == "None 1 False"


def test_it_takes_its_place_again(files: Path) -> None:
    text = (
        "import sys, eitherside.pillow\n"
        "from PIL import Image\n"
        "Image.register_open('JXL', None)\n"
        "eitherside.pillow.register()\n"
        "print(Image.open(sys.argv[1]).mode)\n"
    )
    assert run(text, str(files / "rgba.jxl")) == "RGBA"


def test_threads(files: Path) -> None:
    names = ["rgb", "grey16", "rgba", "cmyk", "turned", "float", "bits", "grey_alpha"]

    def looked(index: int) -> bool:
        name = names[index % len(names)]
        found = np.asarray(Image.open(files / f"{name}.jxl"))
        return np.array_equal(found, np.load(files / f"{name}.npy"))

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(looked, range(64)))


def test_more_threads_than_a_service_lets_wait(files: Path) -> None:
    """None of them is refused: all belong to this process."""
    count = Settings.load().waiting + Settings.load().thread_count + 20
    together = threading.Barrier(count, timeout=60)

    def looked(_: int) -> int:
        together.wait()
        return Image.open(files / "rgb.jxl").convert("L").width

    with ThreadPoolExecutor(count) as threads:
        assert list(threads.map(looked, range(count))) == [31] * count


def test_after_a_fork(files: Path) -> None:
    """Also with an image that was opened before, and while another thread uses the codec."""
    image = Image.open(io.BytesIO((files / "animation.jxl").read_bytes()))
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            Image.open(files / "grey.jxl").load()

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                image.seek(2)
                same = np.array_equal(np.asarray(image), np.load(files / "animation.npy")[2])
                file = io.BytesIO()
                image.save(file, "JXL")
                code = 0 if same and Image.open(file).size == image.size else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        over.set()
        thread.join()


@pytest.mark.usefixtures("_back")
class TestAnother:
    def test_with_a_ceiling_of_memory(self, files: Path) -> None:
        with Codec(settings=Settings.load(memory_per_call="24MiB")) as small:
            use(small)
            image = Image.open(files / "flat.jxl")
            with pytest.raises(OSError, match="memory_limit"):
                image.load()
            assert np.array_equal(np.asarray(Image.open(files / "rgb.jxl")), np.load(files / "rgb.npy"))
            use(None)
            assert image.getpixel((9, 9)) == (77, 77, 77)

    def test_with_a_file_that_is_larger_than_that(self, files: Path, tmp_path: Path) -> None:
        path = tmp_path / "long.jxl"
        path.write_bytes((files / "rgb.jxl").read_bytes())
        # It takes no room on the disk.
        os.truncate(path, 1 << 40)
        with Codec(settings=Settings.load(memory_per_call="24MiB")) as small, Image.open(path) as image:
            use(small)
            assert image.size == (31, 23)
            with pytest.raises(OSError, match="larger than 25165824 bytes"):
                image.load()

    def test_with_a_limit_of_time(self, files: Path) -> None:
        with Codec(settings=Settings.load(time_limit=0.001)) as hasty:
            use(hasty)
            with pytest.raises(OSError, match=r"time_limit|stopped"):
                Image.fromarray(picture(600, 400, 3)).save(io.BytesIO(), "JXL", effort=9)

    def test_that_is_closed(self, files: Path) -> None:
        closed = Codec()
        closed.close()
        use(closed)
        with pytest.raises(OSError, match="cancelled"):
            Image.open(files / "rgb.jxl")

    def test_that_is_connected(self, files: Path) -> None:
        """To a service, where all of it runs."""
        with running_server() as server, connect(server.url, "server") as codec:
            use(codec)
            image = Image.open(files / "metadata.jxl")
            assert np.array_equal(np.asarray(image), np.load(files / "metadata.npy"))
            file = io.BytesIO()
            image.save(file, "JXL", lossless=True)
            assert Image.open(file).tobytes() == image.tobytes()


def test_settings_of_the_environment(files: Path) -> None:
    text = (
        "import sys, eitherside.pillow\n"
        "from PIL import Image\n"
        "try:\n    Image.open(sys.argv[1]).load()\n"
        "except OSError as error:\n    print(error)\n"
    )
    found = run(text, str(files / "flat.jxl"), EITHERSIDE_MEMORY_PER_CALL="24MiB")
    assert "memory_limit" in found


def test_the_picture_is_that_of_the_codec(files: Path, codec: Codec) -> None:
    data = (files / "whole.jxl").read_bytes()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), codec.decode(data).samples[0])
