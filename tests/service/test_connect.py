"""Calls on a real service: what goes there, what stays here, and what happens when it does not answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eitherside
from eitherside import CallError, Connected, Module, ModuleError, Settings, SettingsError
from eitherside.remote.keys import result_key
from eitherside.request import Request
from server import Server, running_server
from support.images import picture, saved

SAMPLES = picture(40, 30, 3)
# Takes long enough everywhere to be found running, and is stopped as soon as it is.
SLOW = np.random.default_rng(1).integers(0, 255, (900, 900, 3), np.uint8)


@pytest.fixture(scope="module")
def other_module(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module with one more custom section: the same functions, another hash."""
    path = tmp_path_factory.mktemp("other") / "other.wasm"
    path.write_bytes(module.bytes + b"\x00\x06\x05other")
    return path


def closed_port() -> int:
    """A port of the loopback on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def waits(condition: Any) -> None:
    """Waits until `condition()` holds; a test that it never does for fails."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def running(server: Server) -> int:
    return int(server.get("/v1/capacity").json["running"])


class TestServer:
    """place="server"."""

    @pytest.fixture
    def codec(self, service: Server) -> Iterator[Connected]:
        with eitherside.connect(service.url, "server") as made:
            yield made

    def test_no_module_is_needed_here(self, service: Server, tmp_path: Path) -> None:
        with eitherside.connect(service.url, "server", cache_dir="off") as codec:
            assert codec.connection.local is None
            assert codec.inspect(codec.encode(SAMPLES).image).width == 40

    def test_nothing_is_pushed_there(self, codec: Connected) -> None:
        with pytest.raises(SettingsError, match="a pushed call runs here"), codec.decode.pushed():
            pass

    def test_the_service_has_it_under_the_key_of_the_call(self, codec: Connected, service: Server) -> None:
        connection = codec.connection
        options: dict[str, Any] = {"width": 40, "height": 30, "channels": 3, "type": "u8", "effort": 3}
        request = Request.make(connection.interface, "encode", options, {"samples": SAMPLES.tobytes()})
        key = result_key(connection.module, request)
        codec.encode(SAMPLES, effort=3)
        assert service.get(f"/v1/results/{key}").status == 200

    def test_cancelling_stops_the_call_at_the_service(self, codec: Connected, service: Server) -> None:
        cancel = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(codec.using(cancel=cancel).encode, SLOW, effort=9, distance=0.1)
            waits(lambda: running(service) == 1)
            cancel.set()
            with pytest.raises(CallError) as caught:
                future.result()
        assert caught.value.code == "cancelled"
        waits(lambda: running(service) == 0)

    @pytest.mark.parametrize("settings", ["time_limit", "deadline", "deadline with a zone"])
    def test_time_that_is_over_stops_the_call_at_the_service(
        self, codec: Connected, service: Server, settings: str
    ) -> None:
        choices: dict[str, dict[str, Any]] = {
            "time_limit": {"time_limit": 0.5},
            "deadline": {"deadline": time.time() + 0.5},
            "deadline with a zone": {"deadline": datetime.now(UTC) + timedelta(seconds=0.5)},
        }
        with pytest.raises(CallError) as caught:
            codec.using(**choices[settings]).encode(SLOW, effort=9, distance=0.1)
        assert caught.value.code == "time_limit"
        waits(lambda: running(service) == 0)

    def test_closing_cancels(self, service: Server) -> None:
        codec = eitherside.connect(service.url, "server")
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(codec.encode, SLOW, effort=9, distance=0.1)
            waits(lambda: running(service) == 1)
            codec.close()
            with pytest.raises(CallError) as caught:
                future.result()
        assert caught.value.code == "cancelled"
        with pytest.raises(CallError) as caught:
            codec.encode(SAMPLES)
        assert caught.value.code == "cancelled"
        waits(lambda: running(service) == 0)

    def test_ctrl_c_stops_the_call_at_the_service(self, service: Server) -> None:
        code = (
            "import eitherside, numpy, sys\n"
            "codec = eitherside.connect(sys.argv[1], 'server')\n"
            "noise = numpy.random.default_rng(1).integers(0, 255, (900, 900, 3), numpy.uint8)\n"
            "try: codec.encode(noise, effort=9, distance=0.1)\n"
            "except KeyboardInterrupt: print('stopped')\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, service.url], stdout=subprocess.PIPE, text=True
        )
        waits(lambda: running(service) == 1)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "stopped\n"
        assert process.returncode == 0
        waits(lambda: running(service) == 0)

    def test_progress(self, codec: Connected) -> None:
        stages: list[str] = []
        codec.using(progress=stages.append).encode(SAMPLES)
        assert stages == ["sending", "receiving"]

    def test_a_forked_process_makes_calls_of_its_own(self, codec: Connected) -> None:
        expected = codec.encode(SAMPLES, effort=2).image
        receiving, sending = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(sending, bytes([codec.encode(SAMPLES, effort=2).image == expected]))
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(sending)
        assert os.read(receiving, 1) == b"\x01"
        os.close(receiving)
        assert codec.encode(SAMPLES, effort=2).image == expected

    def test_formats_of_the_services_own(self, codec: Connected) -> None:
        result = codec.transcode(saved(picture(9, 7, 3), "WEBP", lossless=True), to="png")
        assert (result.width, result.height) == (9, 7)

    def test_nobody_there(self) -> None:
        with pytest.raises(CallError) as caught:
            eitherside.connect(f"http://127.0.0.1:{closed_port()}", "server")
        assert caught.value.code == "unreachable"

    def test_something_else_there(self, service: Server) -> None:
        with pytest.raises(CallError) as caught:
            eitherside.connect(f"{service.url}/elsewhere", "server")
        assert caught.value.status == 404


class TestKilled:
    """A service that goes away."""

    def test_in_mid_call(self) -> None:
        with (
            running_server() as server,
            eitherside.connect(server.url, "server") as codec,
            ThreadPoolExecutor(1) as pool,
        ):
            future = pool.submit(codec.encode, SLOW, effort=9, distance=0.1)
            waits(lambda: running(server) == 1)
            kill(server)
            with pytest.raises(CallError) as caught:
                future.result()
        assert caught.value.code == "unreachable"

    def test_between_calls_the_next_ones_run_here(self, cache: Path) -> None:
        with running_server() as server, eitherside.connect(server.url, cache_dir=cache) as codec:
            first = codec.using(place="server").encode(SAMPLES, effort=2)
            kill(server)
            for _ in range(4):
                result = codec.encode(SAMPLES, effort=2)
                assert result.provenance.place == "local"
                assert result.image == first.image
            with pytest.raises(CallError) as caught:
                codec.using(place="server").encode(SAMPLES, effort=2)
        assert caught.value.code == "unreachable"

    def test_in_mid_call_the_call_ends_here(self, cache: Path) -> None:
        samples = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
        with running_server() as server, eitherside.connect(server.url, cache_dir=cache) as codec:
            local = codec.connection.local
            assert local is not None
            local.warm()
            with ThreadPoolExecutor(1) as pool:
                future = pool.submit(codec.encode, samples, effort=8)
                waits(lambda: running(server) == 1 or future.done())
                kill(server)
                result = future.result()
        assert result.provenance.place == "local"
        assert all(each.place in ("local", "server") for each in result.provenance.attempts)

    def test_before_the_connection(self, cache: Path) -> None:
        with eitherside.connect(f"http://127.0.0.1:{closed_port()}", cache_dir=cache) as codec:
            result = codec.encode(SAMPLES)
            assert result.provenance.place == "local"
            assert "server" in codec.explain("encode", SAMPLES).why
            with pytest.raises(CallError) as caught:
                codec.using(place="server").encode(SAMPLES)
            assert caught.value.code == "unreachable"


def kill(server: Server) -> None:
    """Ends a server as a crash would: its processes are gone, nothing is said."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    for number in (server.process.pid, *map(int, children)):
        os.kill(number, signal.SIGKILL)
    server.process.wait()


@pytest.fixture(scope="module")
def other_server(other_module: Path) -> Iterator[Server]:
    """A service with that module."""
    with running_server(module=other_module) as server:
        yield server


class TestOtherModule:
    """A service whose module is not the one that was shipped."""

    def test_it_is_loaded_and_kept(self, other_server: Server, other_module: Path, cache: Path) -> None:
        found = Module(other_module)
        for _ in range(2):
            with eitherside.connect(other_server.url, cache_dir=cache) as codec:
                assert codec.connection.module == found.sha256
                for place in ("local", "server"):
                    result = codec.using(place=place).encode(SAMPLES)
                    assert (result.provenance.place, result.provenance.module) == (place, found.sha256)
            (kept,) = (cache / "modules").iterdir()
            assert kept.read_bytes() == found.bytes
            assert kept.stat().st_mode & 0o077 == 0 or cache.stat().st_mode & 0o077 == 0

    def test_a_damaged_one_is_loaded_anew(
        self, other_server: Server, other_module: Path, cache: Path
    ) -> None:
        eitherside.connect(other_server.url, "local", cache_dir=cache).close()
        (kept,) = (cache / "modules").iterdir()
        kept.write_bytes(kept.read_bytes()[:-1] + b"!")
        with eitherside.connect(other_server.url, "local", cache_dir=cache) as codec:
            assert codec.connection.module == Module(other_module).sha256
        assert kept.read_bytes() == other_module.read_bytes()

    def test_a_module_that_is_named_is_not_replaced(
        self, other_server: Server, module: Module, cache: Path
    ) -> None:
        with eitherside.connect(other_server.url, module=module, cache_dir=cache) as codec:
            result = codec.encode(SAMPLES)
            assert (result.provenance.place, result.provenance.module) == ("local", module.sha256)
            assert "another module" in result.provenance.why
            with pytest.raises(CallError) as caught:
                codec.using(place="server").encode(SAMPLES)
            assert caught.value.code == "other_module"
        with pytest.raises(CallError) as caught:
            eitherside.connect(other_server.url, "server", module)
        assert caught.value.code == "other_module"

    def test_without_a_cache_calls_run_here(self, other_server: Server, module: Module) -> None:
        with eitherside.connect(other_server.url, cache_dir="off") as codec:
            assert codec.connection.module == module.sha256
            assert codec.encode(SAMPLES).provenance.place == "local"

    def test_an_upgrade_under_way(self, module: Module, other_module: Path, cache: Path) -> None:
        """A service at the same address comes back with another module: 412, and the call runs here."""
        with running_server() as before:
            port = before.port
            codec = eitherside.connect(before.url, cache_dir=cache)
            alone = eitherside.connect(before.url, "server")
            assert codec.using(place="server").encode(SAMPLES).provenance.module == module.sha256
        with running_server(module=other_module, port=port), codec, alone:
            for _ in range(3):
                result = codec.encode(SAMPLES)
                assert (result.provenance.place, result.provenance.module) == ("local", module.sha256)
            for forced in (alone, codec.using(place="server")):
                with pytest.raises(CallError) as caught:
                    forced.encode(SAMPLES)
                assert caught.value.code == "other_module"


class TestAuto:
    """place="auto"."""

    def test_both_places_give_the_same_and_say_why(self, service: Server, cache: Path) -> None:
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            found = [codec.encode(SAMPLES, effort=4) for _ in range(20)]
            assert len({result.image for result in found}) == 1
            for result in found:
                told = result.provenance
                assert told.place in ("local", "server")
                assert told.kept or told.predicted is not None
                assert (told.call is not None) == (told.place == "server" and not told.kept)

    def test_explaining_sends_nothing(self, service: Server, cache: Path) -> None:
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            local = codec.connection.local
            assert local is not None
            local.warm()
            file = codec.using(place="local").encode(picture(300, 200, 3)).image
            before = service.log.read_text(errors="replace").count("POST /v1/decode")
            found = codec.explain("decode", file)
            assert service.log.read_text(errors="replace").count("POST /v1/decode") == before
            assert {each.place for each in found.estimates} == {"local", "server"}
            assert found.job.kind.startswith("jxl/")
            assert found.job.work is not None
            assert found.job.work > 4
            assert found.place in str(found)
            assert found.why in str(found)
            assert codec.using(place="local").explain("decode", file).rule == "forced"
            with pytest.raises(AttributeError, match="nonsense"):
                codec.explain("nonsense")

    def test_memory_decides_first(self, service: Server, cache: Path) -> None:
        """What does not fit here goes to the server, without a try."""
        with eitherside.connect(service.url, cache_dir=cache, memory_per_call="24MiB") as codec:
            result = codec.encode(picture(400, 300, 3), effort=7)
            assert result.provenance.place == "server"
            assert [each.place for each in result.provenance.attempts] == ["server"]
            assert "memory" in result.provenance.why

    def test_what_the_server_would_refuse_stays_here(self, cache: Path) -> None:
        with (
            running_server(max_body="10KiB") as server,
            eitherside.connect(server.url, cache_dir=cache) as codec,
        ):
            result = codec.encode(picture(100, 100, 3), effort=2)
            assert [each.place for each in result.provenance.attempts] == ["local"]
            with pytest.raises(CallError) as caught:
                codec.using(place="server").encode(picture(100, 100, 3), effort=2)
            assert caught.value.status == 413

    def test_options_that_the_server_would_lower_stay_here(self, cache: Path) -> None:
        with (
            running_server(option_ceilings={"effort": 3}) as server,
            eitherside.connect(server.url, cache_dir=cache) as codec,
        ):
            assert codec.encode(SAMPLES, effort=4).provenance.place == "local"
            assert "lower the option effort" in codec.explain("encode", SAMPLES, effort=4).why

    def test_a_server_that_has_too_much_to_do(self, cache: Path) -> None:
        """503 with Retry-After: the call runs here, and the server is left alone for as long as it said."""
        with (
            running_server(threads=1, queue_length=0) as server,
            eitherside.connect(server.url, "server") as busy,
            eitherside.connect(server.url, cache_dir=cache, memory_per_call="32MiB") as codec,
            ThreadPoolExecutor(1) as pool,
        ):
            cancel = threading.Event()
            future = pool.submit(busy.using(cancel=cancel).encode, SLOW, effort=9, distance=0.1)
            waits(lambda: running(server) == 1)
            with pytest.raises(CallError) as caught:
                codec.using(place="server").encode(SAMPLES)
            assert caught.value.code == "over_capacity"
            assert caught.value.retry_after is not None
            assert "left alone" in str(codec.explain("encode", SAMPLES))
            result = codec.encode(SAMPLES)
            assert [each.place for each in result.provenance.attempts] == ["local"]
            cancel.set()
            with pytest.raises(CallError):
                future.result()

    def test_a_bad_input_is_not_tried_elsewhere(self, service: Server, cache: Path) -> None:
        with eitherside.connect(service.url, cache_dir=cache, pillow=False) as codec:
            before = service.log.read_text(errors="replace").count("POST /v1/encode")
            for _ in range(3):
                with pytest.raises(CallError) as caught:
                    codec.encode(b"xx", width=5, height=4, channels=3, type="u8")
                assert caught.value.code == "bad_input"
            after = service.log.read_text(errors="replace").count("POST /v1/encode")
            assert after - before <= 3

    def test_formats_that_the_service_alone_knows(self, service: Server, cache: Path) -> None:
        file = saved(picture(9, 7, 3), "WEBP", lossless=True)
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            for _ in range(3):
                assert codec.transcode(file, to="png").provenance.place == "server"
                written: Any = "webp"
                assert codec.transcode(saved(SAMPLES, "PNG"), to=written).provenance.place == "server"
            with pytest.raises(CallError) as caught:
                codec.using(place="local").transcode(file, to="png")
            assert caught.value.code == "unknown_format"

    def test_a_result_that_the_service_has_is_not_computed_again(self, service: Server, cache: Path) -> None:
        samples = picture(500, 400, 3, seed=77)
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            wanted = codec.using(place="server").encode(samples, effort=8)
            found = [codec.encode(samples, effort=8) for _ in range(3)]
            assert all(result.image == wanted.image for result in found)
            kept = [result.provenance for result in found if result.provenance.kept]
            assert kept
            assert all(told.place == "server" and told.call is None for told in kept)

    def test_what_was_learned_is_kept(self, service: Server, cache: Path) -> None:
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            codec.using(place="server").encode(SAMPLES)
            assert codec.explain("encode", SAMPLES).estimates[1].samples > 0
        (record,) = (cache / "planner").iterdir()
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            assert codec.explain("encode", SAMPLES).estimates[1].samples > 0
        record.write_text("nonsense")
        with eitherside.connect(service.url, cache_dir=cache) as codec:
            assert codec.explain("encode", SAMPLES).estimates[1].samples == 0

    def test_nothing_is_kept_where_others_could_have_written(self, service: Server, cache: Path) -> None:
        (cache / "planner").mkdir(parents=True)
        (cache / "planner").chmod(0o777)
        with eitherside.connect(service.url, "server", cache_dir=cache) as codec:
            codec.encode(SAMPLES)
        assert not list((cache / "planner").iterdir())


class TestArguments:
    """What `connect` takes."""

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "nonsense",
            "ftp://127.0.0.1",
            "http://",
            "http://me:secret@127.0.0.1",
            "http://a/?b",
            "http://a/#b",
        ],
    )
    def test_addresses_that_cannot_be_used(self, url: str) -> None:
        with pytest.raises(SettingsError, match="url"):
            eitherside.connect(url)

    def test_the_environment_is_read(self, service: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EITHERSIDE_URL", service.url)
        monkeypatch.setenv("EITHERSIDE_PLACE", "server")
        with eitherside.connect() as codec:
            assert codec.connection.url == f"{service.url}/"
            assert codec.encode(SAMPLES).provenance.place == "server"

    def test_settings_that_do_not_fit(self) -> None:
        with pytest.raises(SettingsError, match="place"):
            eitherside.connect(place="server")
        with pytest.raises(SettingsError, match="place"):
            eitherside.connect(place="nowhere")  # type: ignore[arg-type]
        with pytest.raises(SettingsError, match="threads"):
            eitherside.connect(settings=Settings.load(), threads=1)
        with pytest.raises(ModuleError):
            eitherside.connect(module="/nothing.wasm")
        with eitherside.connect() as codec, pytest.raises(SettingsError, match="no service"):
            codec.using(place="server").encode(SAMPLES)

    def test_an_answer_that_is_too_large(self, service: Server) -> None:
        with eitherside.connect(service.url, "server", max_answer="100B") as codec:
            with pytest.raises(CallError) as caught:
                codec.decode(saved(SAMPLES, "PNG"))
            assert caught.value.code == "bad_answer"
            assert "longer than 100 bytes" in caught.value.message
