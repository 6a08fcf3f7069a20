"""Results by key: asked for before a file is sent."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rfc8785
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eitherside import Module
from eitherside.files import TEMPORARY
from eitherside.host import Output
from eitherside.http import create_app, results
from eitherside.http.folder import RunFolder
from eitherside.http.identity import Identity
from eitherside.http.results import Kept, Results
from eitherside.http.shared import Shared
from eitherside.settings import Settings
from server import running_server
from support.images import animated, picture, saved

HEADER = "Eitherside-Result-Key"


def key_of(
    module: Module, function: str, options: Mapping[str, Any], inputs: Mapping[str, list[bytes]]
) -> str:
    """Makes the key as a client does, out of the module's interface."""
    properties = module.interface.functions[function].properties
    defaults = {name: schema["default"] for name, schema in properties.items() if "default" in schema}
    document: dict[str, Any] = {
        "eitherside": 1,
        "module": module.sha256,
        "function": function,
        "options": {**defaults, **options},
        "inputs": {
            name: [hashlib.sha256(data).hexdigest() for data in buffers] for name, buffers in inputs.items()
        },
    }
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()


@pytest.fixture(scope="module")
def keeping() -> FlaskClient:
    """A client of an application that alters no options."""
    return create_app(Settings.load()).test_client()


def same(first: TestResponse, second: TestResponse) -> bool:
    names = ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control", "Eitherside-Result", HEADER)
    assert {name: first.headers.get(name) for name in names} == {
        name: second.headers.get(name) for name in names
    }
    return bool(first.data == second.data)


class TestKeys:
    def test_a_client_makes_the_same(self, keeping: FlaskClient, module: Module, png: bytes) -> None:
        response = keeping.post("/v1/decode?type=u8&channels=4", data=png)
        key = key_of(module, "decode", {"type": "u8", "channels": 4}, {"image": [png]})
        assert response.headers[HEADER] == key
        assert same(response, keeping.get(f"/v1/results/{key}"))

    def test_of_parts(self, keeping: FlaskClient, module: Module) -> None:
        frames = [picture(16, 12, 3, seed=seed).tobytes() for seed in range(2)]
        options = {
            "width": 16, "height": 12, "channels": 3, "type": "u8", "effort": 1,
            "distance": 1.50, "durations": [0.1, 1.0],
        }  # fmt: skip
        form = {
            "options": json.dumps(options),
            "samples": [(io.BytesIO(frame), "frame") for frame in frames],
        }
        response = keeping.post("/v1/encode", data=form)
        assert response.headers[HEADER] == key_of(module, "encode", options, {"samples": frames})

    def test_the_format_that_accept_chose_counts(
        self, keeping: FlaskClient, module: Module, png: bytes
    ) -> None:
        accept = {"Accept": "image/jxl"}
        response = keeping.post("/v1/transcode", data=png, headers=accept)
        key = key_of(module, "transcode", {"to": "jxl"}, {"image": [png]})
        assert response.headers[HEADER] == key
        assert same(response, keeping.get(f"/v1/results/{key}", headers=accept))

    def test_what_canonical_json_has_no_numbers_for(self) -> None:
        assert Identity("m", "f", {"a": 2**60}, {}).key is None
        assert Identity("m", "f", {"a": "\ud800"}, {}).key is None
        assert Identity("m", "f", {"a": 1.0}, {}).key == Identity("m", "f", {"a": 1}, {}).key


class TestAnswers:
    @pytest.mark.parametrize("accept", [None, "multipart/form-data", "application/vnd.iccprofile"])
    def test_as_the_call_for_what_is_accepted(
        self, keeping: FlaskClient, apng: bytes, accept: str | None
    ) -> None:
        headers = {"Accept": accept} if accept else {}
        key = keeping.post("/v1/decode", data=apng).headers[HEADER]
        call = keeping.post("/v1/decode", data=apng, headers=headers)
        assert call.status_code == 200
        assert same(call, keeping.get(f"/v1/results/{key}", headers=headers))

    def test_without_outputs(self, keeping: FlaskClient, png: bytes) -> None:
        call = keeping.post("/v1/inspect", data=png)
        assert same(call, keeping.get(f"/v1/results/{call.headers[HEADER]}"))

    def test_what_is_not_acceptable(self, keeping: FlaskClient, apng: bytes) -> None:
        key = keeping.post("/v1/decode", data=apng).headers[HEADER]
        for accept in ("text/html", "application/octet-stream"):
            headers = {"Accept": accept}
            call = keeping.post("/v1/decode", data=apng, headers=headers)
            asked = keeping.get(f"/v1/results/{key}", headers=headers)
            assert (asked.status_code, asked.data) == (call.status_code, call.data) == (406, call.data)

    def test_head(self, keeping: FlaskClient, png: bytes) -> None:
        call = keeping.post("/v1/decode", data=png)
        asked = keeping.head(f"/v1/results/{call.headers[HEADER]}")
        assert (asked.status_code, asked.data) == (200, b"")
        assert asked.headers["Content-Length"] == call.headers["Content-Length"]
        assert keeping.head(f"/v1/results/{'0' * 64}").status_code == 404

    def test_the_entity_tag(self, keeping: FlaskClient, png: bytes) -> None:
        call = keeping.post("/v1/decode", data=png)
        path = f"/v1/results/{call.headers[HEADER]}"
        asked = keeping.get(path, headers={"If-None-Match": call.headers["ETag"]})
        assert (asked.status_code, asked.data) == (304, b"")
        assert same(call, keeping.get(path, headers={"If-Match": call.headers["ETag"]}))
        asked = keeping.get(path, headers={"If-Match": '"other"'})
        assert (asked.status_code, asked.get_json(force=True)["code"]) == (412, "precondition_failed")

    @pytest.mark.parametrize("key", ["0" * 64, "x", "A" * 64, "..", ".lock", ".owner", "%2e%2e%2fetc"])
    def test_what_is_not_there(self, keeping: FlaskClient, key: str) -> None:
        response = keeping.get(f"/v1/results/{key}")
        assert (response.status_code, response.content_type) == (404, "application/problem+json")


class TestWhatIsNotKept:
    def test_failures(self, keeping: FlaskClient) -> None:
        assert HEADER not in keeping.post("/v1/decode", data=b"nonsense").headers

    def test_what_pillow_took_part_in(self, keeping: FlaskClient, png: bytes, webp: bytes) -> None:
        for path, data in (("/v1/transcode?to=webp", png), ("/v1/transcode?to=png", webp)):
            response = keeping.post(path, data=data)
            assert (response.status_code, HEADER in response.headers) == (200, False)

    @pytest.mark.parametrize(
        ("query", "there"), [("?max_pixels=5000", True), ("?max_pixels=2000000", False), ("", False)]
    )
    def test_what_ceilings_altered(self, png: bytes, query: str, there: bool) -> None:
        client = create_app(Settings.load(option_ceilings={"max_pixels": 1e6})).test_client()
        response = client.post(f"/v1/decode{query}", data=png)
        assert (response.status_code, HEADER in response.headers) == (200, there)

    def test_what_is_not_a_pure_function(
        self, module: Module, png: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = create_app(Settings.load(), module)
        function = module.interface.functions["inspect"]
        monkeypatch.setitem(function.__dict__, "idempotent", False)
        assert HEADER not in app.test_client().post("/v1/inspect", data=png).headers

    def test_none_where_none_are_wanted(self, tmp_path: Path, png: bytes) -> None:
        client = create_app(Settings.load(result_store=0, result_dir=tmp_path)).test_client()
        assert HEADER not in client.post("/v1/inspect", data=png).headers
        assert client.get(f"/v1/results/{'0' * 64}").status_code == 404
        assert list(tmp_path.iterdir()) == []

    def test_none_where_there_is_no_place(self, tmp_path: Path, png: bytes) -> None:
        client = create_app(Settings.load(result_dir=tmp_path / "nowhere")).test_client()
        response = client.post("/v1/inspect", data=png)
        assert (response.status_code, HEADER in response.headers) == (200, False)


def kept(size: int, result: object = 1) -> Kept:
    output = Output("samples", "application/octet-stream", os.urandom(size))
    return Kept(Identity("m", "f", {"a": 1}, {"image": ["0"]}), {"n": result}, [output])


def name(number: int) -> str:
    return f"{number:064x}"


class TestStore:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings.load(result_store="1MiB", result_size="400KiB", result_time=100, result_dir=tmp_path)

    @pytest.fixture
    def shared(self, settings: Settings) -> Shared:
        return Shared(settings)

    @pytest.fixture
    def store(self, settings: Settings, shared: Shared) -> Results:
        return Results(settings, shared)

    @staticmethod
    def bytes_of(shared: Shared) -> int:
        assert shared.folder is not None
        return sum(path.stat().st_size for path in shared.folder.path.iterdir())

    def test_what_comes_out_is_what_went_in(self, store: Results) -> None:
        given = kept(1000, {"x": "ü", "list": [1, 2.5, None]})
        assert store.put(name(1), given)
        found = store.get(name(1))
        assert found is not None
        assert (found.identity, found.result) == (given.identity, given.result)
        assert [(item.name, item.media_type, bytes(item.data)) for item in found.outputs] == [
            (item.name, item.media_type, item.data) for item in given.outputs
        ]

    def test_other_processes_find_it(self, store: Results, settings: Settings, shared: Shared) -> None:
        assert store.put(name(1), kept(10))
        assert Results(settings, shared).get(name(1)) is not None

    def test_a_result_that_is_too_large(self, store: Results) -> None:
        assert not store.put(name(1), kept(400 << 10))
        assert store.get(name(1)) is None
        assert store.put(name(1), kept(399 << 10))

    def test_the_least_recently_used_go_first(self, store: Results, shared: Shared) -> None:
        for number in range(3):
            assert store.put(name(number), kept(300 << 10))
            time.sleep(0.02)
        assert store.get(name(0)) is not None
        assert store.put(name(3), kept(300 << 10))
        found = {number for number in range(4) if store.get(name(number)) is not None}
        assert {0, 3} <= found
        assert 1 not in found
        assert self.bytes_of(shared) <= 1 << 20

    def test_many_small_ones_are_as_bounded(self, store: Results, shared: Shared) -> None:
        for number in range(300):
            assert store.put(name(number), kept(1))
        assert shared.folder is not None
        assert len(list(shared.folder.path.glob("[!.]*"))) <= (1 << 20) // 4096
        assert store.get(name(299)) is not None

    def test_after_their_time_they_are_gone(self, shared: Shared, settings: Settings) -> None:
        store = Results(settings.model_copy(update={"result_time": 0.3}), shared)
        assert store.put(name(1), kept(10))
        assert store.get(name(1)) is not None
        time.sleep(0.35)
        assert store.get(name(1)) is None
        assert shared.folder is not None
        path = shared.folder.path / name(1)
        # Nobody asks, and still it goes.
        for _ in range(200):
            if not path.exists():
                break
            time.sleep(0.05)
        assert not path.exists()

    def test_use_does_not_lengthen_their_time(self, store: Results, shared: Shared) -> None:
        assert store.put(name(1), kept(10))
        assert shared.folder is not None
        path = shared.folder.path / name(1)
        os.utime(path, (time.time(), time.time() - 90))
        assert store.get(name(1)) is not None
        assert store.put(name(1), kept(10))
        assert path.stat().st_mtime < time.time() - 80
        os.utime(path, (time.time(), time.time() - 110))
        assert store.get(name(1)) is None
        assert store.put(name(1), kept(20))
        assert store.get(name(1)) is not None

    def test_nothing_half_written_stays(
        self, store: Results, shared: Shared, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert store.put(name(1), kept(10))
        assert shared.folder is not None
        folder = shared.folder.path
        # A process that was killed left this.
        (folder / f".x{TEMPORARY}").write_bytes(b"half")

        def full(path: Path, parts: object, *, durable: bool) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(results, "write_atomically", full)
        assert not store.put(name(2), kept(10))
        assert store.get(name(2)) is None
        assert not list(folder.glob(f".*{TEMPORARY}"))

    def test_no_more_than_half_of_what_is_free(self, store: Results, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(results, "_free", lambda _: 100 << 10)
        assert not store.put(name(1), kept(60 << 10))
        assert store.put(name(1), kept(40 << 10))

    def test_whoever_holds_the_folder_too_long_is_not_waited_for(
        self, store: Results, shared: Shared
    ) -> None:
        assert shared.folder is not None
        with results._held(shared.folder.path):
            assert not store.put(name(1), kept(10))
        assert store.put(name(1), kept(10))

    def test_many_threads(self, store: Results, shared: Shared) -> None:
        def work(seed: int) -> None:
            for number in range(30):
                key = name((seed * 7 + number) % 40)
                store.put(key, kept(20 << 10, key))
                found = store.get(key)
                assert found is None or found.result == {"n": key}

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.bytes_of(shared) <= 1 << 20

    def test_a_reader_keeps_what_is_evicted(self, store: Results, shared: Shared) -> None:
        given = kept(1000)
        assert store.put(name(1), given)
        found = store.get(name(1))
        assert found is not None
        assert shared.folder is not None
        (shared.folder.path / name(1)).unlink()
        assert bytes(found.outputs[0].data) == given.outputs[0].data


class TestFolder:
    def test_it_is_private_and_goes(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        (folder.path / "x").write_bytes(b"x")
        folder.remove()
        folder.remove()
        assert list(tmp_path.iterdir()) == []

    def test_folders_of_runs_that_go_on_stay(self, tmp_path: Path) -> None:
        first = RunFolder(tmp_path)
        second = RunFolder(tmp_path)
        assert first.path.is_dir()
        assert second.path.is_dir()

    def test_a_run_that_was_killed_leaves_nothing_for_long(self, tmp_path: Path) -> None:
        code = (
            "import os, sys; from pathlib import Path; from eitherside.http.folder import RunFolder\n"
            "folder = RunFolder(Path(sys.argv[1])); (folder.path / 'x').write_bytes(b'x'); os._exit(9)"
        )
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
        left = list(tmp_path.iterdir())
        assert len(left) == 1
        RunFolder(tmp_path)
        assert not left[0].exists()

    def test_what_is_not_ours_stays(self, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        (other / ".owner").write_bytes(b"")
        (tmp_path / "eitherside-results-link").symlink_to(other)
        (tmp_path / "eitherside-results-bare").mkdir()
        RunFolder(tmp_path)
        assert other.is_dir()
        assert (tmp_path / "eitherside-results-bare").is_dir()


@pytest.mark.parametrize("workers", [1, 2])
def test_over_all_processes_of_a_run(tmp_path: Path, workers: int) -> None:
    image = saved(np.zeros((30, 40, 3), np.uint8), "PNG")
    with running_server(workers=workers, threads=workers, result_dir=tmp_path) as server:
        call = server.post("/v1/decode?type=u8", image)
        for _ in range(6):
            asked = server.get(f"/v1/results/{call.headers['eitherside-result-key']}")
            assert (asked.status, asked.body) == (200, call.body)
            assert asked.headers["etag"] == call.headers["etag"]
        folders = list(tmp_path.iterdir())
        assert len(folders) == 1
        assert stat.S_IMODE(folders[0].stat().st_mode) == 0o700
        several = server.post("/v1/decode", animated("PNG"))
        asked = server.get(f"/v1/results/{several.headers['eitherside-result-key']}")
        assert asked.body == several.body
    assert list(tmp_path.iterdir()) == []
