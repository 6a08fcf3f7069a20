"""The methods' twins for asyncio: the same results, and an end with their task."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eitherside
from eitherside import CallError, Codec, Connected, Interface, Module, ModuleError, Settings
from eitherside.methods import calls
from eitherside.signatures import async_name
from server import Server
from support import wat
from support.images import picture, saved


def in_a_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine where no other test of this process, such as one of a browser, has its own loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


@pytest.fixture(params=["codec", "local", "server", "auto"])
def codec(
    request: pytest.FixtureRequest, module: Module, settings: Settings, service: Server
) -> Iterator[Codec | Connected]:
    """The functions as methods: of a codec, and of a connection in each place."""
    if request.param == "codec":
        with Codec(module, settings) as made:
            yield made
    else:
        with eitherside.connect(service.url, request.param, settings=settings) as connected:
            yield connected


def test_every_method_has_a_twin(codec: Codec | Connected, module: Module) -> None:
    for name, function in module.interface.functions.items():
        twin = getattr(codec, async_name(name))
        assert inspect.iscoroutinefunction(twin)
        assert inspect.signature(twin) == inspect.signature(getattr(codec, name))
        assert (inspect.getdoc(twin) or "").startswith(function.summary)
        assert twin.__name__ == f"a{name}"


def test_the_same_results_and_errors(codec: Codec | Connected, tmp_path: Path) -> None:
    samples = picture(30, 20, 3)
    path = tmp_path / "picture.png"
    path.write_bytes(saved(samples, "PNG"))

    async def main() -> None:
        facts, encoded, decoded = await asyncio.gather(
            codec.ainspect(path), codec.aencode(samples, effort=1, lossless=True), codec.adecode(path)
        )
        assert (facts.width, facts.provenance.function) == (30, "inspect")
        assert encoded.image == codec.encode(samples, effort=1, lossless=True).image
        assert np.array_equal(decoded.samples[0], samples)
        with pytest.raises(CallError) as caught:
            await codec.adecode(b"no picture")
        assert caught.value.code == "unknown_format"
        with pytest.raises(TypeError, match="nonsense"):
            await codec.adecode(b"", nonsense=1)  # type: ignore[call-arg]
        with pytest.raises(FileNotFoundError):
            await codec.ainspect(tmp_path / "nothing")

    in_a_thread(main())


def test_the_loop_goes_on_meanwhile(codec: Codec | Connected) -> None:
    async def main() -> None:
        call = asyncio.create_task(codec.aencode(picture(300, 300, 3), effort=5, distance=1))
        steps = 0
        while not call.done():
            await asyncio.sleep(0)
            steps += 1
        assert steps > 10
        assert (await call).image

    in_a_thread(main())


def stopped(codec: Any) -> bool:
    """Whether nothing runs any more, soon."""
    for _ in range(600):
        load = codec.host.load()
        if load.running == load.waiting == 0:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Any]:
    """A codec whose calls never end by themselves, and of which one runs at once."""
    path = wat.write(tmp_path, wat.build(wat.SPIN))
    with Codec(Module(path), Settings.load(cache_dir="off", threads=1)) as codec:
        yield codec


def test_cancelling_the_task_stops_the_call(endless: Any) -> None:
    async def main() -> None:
        tasks = [asyncio.create_task(endless.aact()) for _ in range(3)]
        while endless.host.load().running + endless.host.load().waiting < 3:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, asyncio.CancelledError)
        assert await asyncio.to_thread(stopped, endless)

    in_a_thread(main())


def test_a_time_that_is_over_stops_the_call(endless: Any) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await endless.aact()

    in_a_thread(main())
    assert stopped(endless)


def test_a_cancelled_task_leaves_the_event_of_the_caller_alone(module: Module, settings: Settings) -> None:
    """The caller's own event stops a call, too, and is not set by the end of one."""
    event = threading.Event()
    with eitherside.connect(None, settings=settings) as codec:
        mine = codec.using(cancel=event)
        assert in_a_thread(mine.ainspect(saved(picture(5, 4, 3), "PNG"))).width == 5
        assert not event.is_set()
        event.set()
        with pytest.raises(CallError, match="cancelled"):
            in_a_thread(mine.ainspect(saved(picture(5, 4, 3), "PNG")))


def interface_with(module: Module, *names: str) -> Interface:
    first = module.interface.raw["functions"][0]
    functions = [{**first, "name": name, "id": number, "cost": {}} for number, name in enumerate(names)]
    return Interface({**module.interface.raw, "functions": functions})


def test_names_that_hide_each_other_are_told(module: Module) -> None:
    assert set(calls(interface_with(module, "sync", "wait"), ())) == {"sync", "wait"}
    assert [async_name(name) for name in ("sync", "wait", "decode")] == ["async_", "await_", "adecode"]
    with pytest.raises(ModuleError, match="a function apply"):
        calls(interface_with(module, "pply", "apply"), ())
    with pytest.raises(ModuleError, match="a function ahost"):
        calls(interface_with(module, "host"), ("ahost",))
