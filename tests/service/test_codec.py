"""The functions as Python methods, in every place where they run: the same results, the same errors."""

from __future__ import annotations

import dataclasses
import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import eitherside
from eitherside import CallError, Codec, Connected, Host, Module, Settings
from eitherside.arrays import DTYPES
from eitherside.signatures import parameters
from eitherside.stubs import stub
from server import Server
from support.effort import examples
from support.images import picture, saved

STUB = Path(sys.modules["eitherside"].__path__[0]) / "codec.pyi"
MYPY = Path(__file__).parents[2] / "pyproject.toml"

AnyCodec = Codec | Connected


@pytest.fixture(scope="module", params=["codec", "alone", "local", "server", "auto"])
def codec(
    request: pytest.FixtureRequest, module: Module, settings: Settings, service: Server
) -> Iterator[AnyCodec]:
    """The functions as methods: of a codec, of one without a service, and of one with it."""
    if request.param == "codec":
        with Codec(module, settings) as made:
            yield made
        return
    url = None if request.param == "alone" else service.url
    place: Any = "auto" if request.param == "alone" else request.param
    with eitherside.connect(url, place, settings=settings) as connected:
        yield connected


@pytest.mark.parametrize("sample_type", sorted(DTYPES))
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_arrays_of_every_type_and_number_of_channels(
    codec: AnyCodec, sample_type: str, channels: int
) -> None:
    samples = picture(23, 17, channels, sample_type)
    file = codec.encode(samples, lossless=True, effort=2).image
    # Nothing is lost in f32, so half floats are given to those alone who ask for them.
    decoded = codec.decode(file, type="f16" if sample_type == "f16" else "auto")
    assert (decoded.width, decoded.height, decoded.channels, decoded.type) == (23, 17, channels, sample_type)
    (frame,) = decoded.samples
    assert frame.dtype == DTYPES[sample_type]
    assert np.array_equal(frame, samples)
    frame[0, 0, 0] = 0


_IMAGES = st.sampled_from(["u8", "u16"]).flatmap(
    lambda code: arrays.arrays(
        DTYPES[code],
        st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 4)),
        elements=arrays.from_dtype(DTYPES[code]),
    )
)


@settings(max_examples=examples(40), deadline=None)
@given(samples=_IMAGES, effort=st.integers(1, 4))
def test_lossless_gives_every_sample_back(codec: AnyCodec, samples: Any, effort: int) -> None:
    file = codec.encode(samples, lossless=True, effort=effort).image
    assert np.array_equal(
        codec.decode(file, type="u8" if samples.itemsize == 1 else "u16").samples[0], samples
    )


def test_an_animation(codec: AnyCodec) -> None:
    frames = [picture(20, 10, 3, seed=seed) for seed in range(3)]
    file = codec.encode(frames, durations=[0.1, 0.2, 0.3], lossless=True).image
    decoded = codec.decode(file)
    assert np.array_equal(np.stack(decoded.samples), np.stack(frames))
    assert [frame["duration"] for frame in decoded.frames] == pytest.approx([0.1, 0.2, 0.3])
    assert len(codec.decode(file, frames="first").samples) == 1


def test_a_file_by_its_path(codec: AnyCodec, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(saved(picture(5, 4, 3), "PNG"))
    facts = codec.inspect(path)
    assert (facts.format, facts.width, facts.height) == ("png", 5, 4)
    with pytest.raises(FileNotFoundError):
        codec.inspect(tmp_path / "nothing.png")


def test_fields_that_are_keywords_of_python(codec: AnyCodec) -> None:
    assert codec.transcode(saved(picture(5, 4, 3), "PNG"), to="jxl").from_ == "png"


def test_samples_as_bytes_need_their_options(codec: AnyCodec) -> None:
    samples = picture(5, 4, 3)
    file = codec.encode(samples.tobytes(), width=5, height=4, channels=3, type="u8", lossless=True).image
    assert np.array_equal(codec.decode(file).samples[0], samples)
    with pytest.raises(CallError) as caught:
        codec.encode(samples.tobytes(), width=5)
    assert caught.value.code == "bad_option"


def test_an_option_that_contradicts_the_array(codec: AnyCodec) -> None:
    samples = picture(5, 4, 3)
    assert codec.encode(samples, width=5).image
    with pytest.raises(CallError, match="the option width is 6, but the array says 5") as caught:
        codec.encode(samples, width=6)
    assert caught.value.code == "bad_call"


def test_arrays_that_do_not_fit_are_a_bad_call(codec: AnyCodec) -> None:
    with pytest.raises(CallError, match="encode: arrays of float64 cannot be given") as caught:
        codec.encode(np.zeros((2, 2, 3)))
    assert caught.value.code == "bad_call"


def test_numbers_of_numpy_are_options(codec: AnyCodec) -> None:
    int_: Any = np.int64(3)
    float_: Any = np.float32(2)
    assert codec.encode(picture(5, 4, 3), effort=int_, distance=float_).distance == 2


def test_signatures_come_from_the_interface(codec: AnyCodec, module: Module) -> None:
    for name, function in module.interface.functions.items():
        method = getattr(codec, name)
        form = inspect.signature(method)
        assert list(form.parameters) == [item.name for item in parameters(function)]
        for option, schema in function.properties.items():
            if option not in function.required:
                assert form.parameters[option].default == schema.get("default")
        text = inspect.getdoc(method) or ""
        assert text.startswith(function.summary)
        assert all(option in text for option in function.properties)
        assert all(code in text for code in function.errors)


def test_a_wrong_name_is_a_type_error(codec: AnyCodec) -> None:
    with pytest.raises(TypeError, match="nonsense"):
        codec.decode(b"", nonsense=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="image"):
        codec.decode()  # type: ignore[call-arg]


def test_results_show_their_facts_but_not_their_bytes(codec: AnyCodec) -> None:
    text = repr(codec.decode(saved(picture(5, 4, 3), "PNG")))
    assert "DecodeResult(" in text
    assert "width=5" in text
    assert "array" not in text


def test_the_stub_is_current(module: Module) -> None:
    assert STUB.read_text() == stub(module.interface), 'run "make stubs"'


def test_the_stub_serves_a_type_checker(tmp_path: Path) -> None:
    """It finds what is wrong, and nothing wrong in what is right."""
    (line,) = mypy(tmp_path, _TYPED + "codec.decode(b'', type='u9')\n").splitlines()
    assert f"user.py:{len(_TYPED.splitlines()) + 1}: error:" in line
    assert 'expected "Literal' in line


def mypy(folder: Path, source: str) -> str:
    """What mypy finds wrong with a file; with the project's settings it knows what `make lint` has read."""
    path = folder / "user.py"
    path.write_text(source)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--no-error-summary",
        f"--config-file={MYPY}",
        "--strict",
        str(path),
    ]
    environment = os.environ | {"MYPYPATH": str(STUB.parents[1])}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=MYPY.parent
    ).stdout


_TYPED = """
import eitherside
codec = eitherside.Codec()
image: bytes = codec.transcode(b"", to="jxl", effort=3).image
width: int = codec.decode(image, type="u8").samples[0].shape[1]
with eitherside.connect("http://localhost:8000", place="auto") as connected:
    again: bytes = connected.using(place="server", time_limit=3).transcode(b"", to="jxl").image
    place: str = connected.inspect(image).provenance.place
    why: str = connected.explain("inspect", image).why
    async def later() -> bytes:
        return (await codec.atranscode(b"", to="jxl", effort=3)).image
    async def size() -> int:
        return (await connected.ainspect(image)).width
"""


def test_a_result_tells_where_it_came_from(codec: AnyCodec, module: Module) -> None:
    samples = picture(5, 4, 3)
    result = codec.encode(samples, effort=2)
    told = result.provenance
    place = "local" if isinstance(codec, Codec) else codec.connection.place
    assert told.place == place or place == "auto"
    assert told.place in ("local", "server")
    assert (told.function, told.module) == ("encode", module.sha256)
    assert told.options == {"width": 5, "height": 4, "channels": 3, "type": "u8", "effort": 2}
    assert (told.bytes_in, told.bytes_out) == (60, len(result.image))
    assert told.why.endswith(".")
    assert told.attempts[-1].place == told.place
    assert told.attempts[-1].outcome == "ok"
    assert told.times.total >= told.times.compute > 0 or told.kept
    assert "provenance" not in repr(result)
    assert "provenance" not in {item.name for item in dataclasses.fields(result)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "arguments", "options"),
    [
        ("decode", (b"nonsense",), {}),
        ("decode", (b"",), {}),
        ("decode", (b"\xff\x0a",), {}),
        ("decode", (b"nonsense",), {"type": "u9"}),
        ("decode", (b"nonsense",), {"max_pixels": -1}),
        ("decode", ([b"a", b"b"],), {}),
        ("encode", (np.zeros((4, 5, 3), np.uint8),), {"effort": 11}),
        ("encode", (np.zeros((4, 5, 3), np.uint8),), {"distance": float("nan")}),
        ("encode", (b"xx",), {"width": 5, "height": 4, "channels": 3, "type": "u8"}),
        ("encode", ([b"a" * 60, b"b"],), {"width": 5, "height": 4, "channels": 3, "type": "u8"}),
        ("encode", (np.zeros((4, 5, 3), np.uint8),), {"icc": b"no profile"}),
        ("encode", (np.zeros((4, 5, 3), np.uint8),), {"durations": {"a": {}}}),
        ("transcode", (b"nonsense",), {"to": "jxl"}),
    ],
)
def test_errors_are_the_same_everywhere(
    codec: AnyCodec, host: Host, function: str, arguments: Any, options: Any
) -> None:
    with Codec(host.module, host.settings) as other, pytest.raises(CallError) as expected:
        getattr(other, function)(*arguments, **options)
    with pytest.raises(CallError) as caught:
        getattr(codec, function)(*arguments, **options)
    found, wanted = caught.value, expected.value
    assert (found.kind, found.message) == (wanted.kind, wanted.message)
    assert (found.option, found.input) == (wanted.option, wanted.input)


def test_the_same_bytes_everywhere(codec: AnyCodec, module: Module, settings: Settings) -> None:
    samples = picture(60, 40, 3, "u16")
    with Codec(module, settings) as other:
        wanted = other.encode(samples, distance=1.5, effort=3)
        assert codec.encode(samples, distance=1.5, effort=3).image == wanted.image
        found, known = codec.decode(wanted.image), other.decode(wanted.image)
        assert np.array_equal(found.samples[0], known.samples[0])
        assert (found.icc, found.frames, found.animation) == (known.icc, known.frames, known.animation)


def test_many_threads(codec: AnyCodec) -> None:
    file = codec.encode(picture(40, 30, 3), effort=2).image
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: codec.decode(file).samples[0], range(40)))
    assert all(np.array_equal(each, found[0]) for each in found)


def test_errors_can_be_sent_between_processes(codec: AnyCodec) -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(b"nonsense")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (again.code, again.message, again.option) == (caught.value.code, caught.value.message, None)


def test_ctrl_c_stops_a_call() -> None:
    code = (
        "import _thread, threading, numpy, eitherside\n"
        "codec = eitherside.Codec(); codec.host.start()\n"
        "threading.Timer(0.3, _thread.interrupt_main).start()\n"
        "noise = numpy.random.default_rng(1).integers(0, 255, (900, 900, 3), numpy.uint8)\n"
        "try: codec.encode(noise, effort=9, distance=0.1)\n"
        "except KeyboardInterrupt: print('stopped', codec.host.load().running <= 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "stopped True\n", done.stderr


def test_layers_of_several_sizes_and_extra_channels(codec: AnyCodec) -> None:
    whole, part = picture(64, 48, 3), picture(20, 10, 3, seed=2)
    depth = [picture(64, 48, 1)[..., 0], picture(20, 10, 1, seed=2)[..., 0]]
    file = codec.encode(
        [whole, part],
        extra=depth,
        extra_channels=[{"type": "depth", "name": "far"}],
        layers=[{}, {"x": 5, "y": 6}],
        width=64,
        height=48,
        lossless=True,
    ).image
    decoded = codec.decode(file, coalesce=False, extra=["*"])
    for given_, found in ((whole, decoded.samples[0]), (part, decoded.samples[1])):
        assert np.array_equal(given_, found)
    assert all(np.array_equal(*pair) for pair in zip(depth, decoded.extra, strict=True))
