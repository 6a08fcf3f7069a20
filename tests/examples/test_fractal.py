"""A second module, by `eitherside serve --module` and no other code: everywhere, with the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from openapi_spec_validator import validate
from playwright.sync_api import Page

from browser.client import Client
from eitherside import CallError, Codec, Host, Module
from make_module import BuildError, build
from server import Server

from .conftest import ROOT

OPTIONS: dict[str, Any] = {
    "set": "julia",
    "width": 181,
    "height": 120,
    "centre": [0.1, -0.05],
    "zoom": 1.7,
    "iterations": 500,
    "palette": "fire",
    "supersampling": 2,
}
GOLDEN = "202b3c82bd48dac035b171932ea6ad3eb57aff13f017494d73389127c093a895"
STATIC = ROOT / "static"
WRONG: list[dict[str, Any]] = [
    {"width": 0},
    {"palette": "mauve"},
    {"centre": [0, 9]},
    {"centre": [1]},
    {"constant": [0, 0]},
    {"colour": 1},
    {"iterations": 2.5},
]


def digest(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()


def as_query(options: dict[str, Any]) -> str:
    return urlencode(
        {key: json.dumps(value) if isinstance(value, list) else value for key, value in options.items()}
    )


def test_the_golden_picture(fractal_host: Host) -> None:
    answer = fractal_host.call("render", OPTIONS)
    assert len(answer.outputs[0].data) == 181 * 120 * 4
    assert digest(answer.outputs[0].data) == GOLDEN


def test_it_is_the_mandelbrot_set(fractal_codec: Codec) -> None:
    """Every orbit, followed again in numpy: as many steps, as many points inside; and real numbers mirror."""
    side, iterations = 64, 60
    step = 3 / side
    axis = step * (np.arange(side) + 0.5) - 1.5
    x, y = np.meshgrid(axis - 0.5, -axis)
    constant_x, constant_y = x.copy(), y.copy()
    steps = np.zeros((side, side), int)
    for _ in range(iterations):
        here = x * x + y * y < 65536
        steps += here
        following = np.where(here, x * x - y * y + constant_x, x), np.where(here, 2 * x * y + constant_y, y)
        x, y = following
    inside = x * x + y * y < 65536
    result = fractal_codec.render(width=side, height=side, iterations=iterations)  # type: ignore[attr-defined]
    assert result.steps == steps.sum()
    assert result.inside == inside.mean()
    assert ((result.samples[..., :3] == 0).all(axis=2) >= inside).all()
    assert (result.samples == result.samples[::-1]).all()
    assert (result.samples[..., 3] == 255).all()


def test_two_builds_give_the_same_bytes(fractal: Module, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "fractal", tmp_path / "elsewhere")
    built = build(tmp_path / "elsewhere" / "fractal.c", tmp_path / "again.wasm")
    assert built.bytes == fractal.bytes
    assert built.imports == ["env.memory"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["again.wasm"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("exclusiveMaximum", 9), "width has exclusiveMaximum, which the module would not check"),
        (("type", ["integer", "null"]), "width needs one type"),
    ],
)
def test_schemas_that_would_not_be_checked(change: tuple[str, Any], message: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "fractal", tmp_path / "fractal")
    path = tmp_path / "fractal" / "interface.json"
    interface = json.loads(path.read_text())
    interface["functions"][0]["options"]["properties"]["width"][change[0]] = change[1]
    path.write_text(json.dumps(interface))
    with pytest.raises(BuildError, match=message):
        build(tmp_path / "fractal" / "fractal.c", tmp_path / "fractal.wasm")
    assert not (tmp_path / "fractal.wasm").exists()


def test_python(fractal_codec: Codec) -> None:
    result = fractal_codec.render(**OPTIONS)  # type: ignore[attr-defined]
    assert (result.samples.shape, result.samples.dtype) == ((120, 181, 4), np.uint8)
    assert digest(result.samples.tobytes()) == GOLDEN


def test_command_line(fractal: Module, tmp_path: Path) -> None:
    program = [str(Path(sys.executable).with_name("eitherside")), "--module", str(fractal.path)]
    flags = [
        text
        for name, value in OPTIONS.items()
        for text in (f"--{name}", ",".join(map(str, value)) if isinstance(value, list) else str(value))
    ]
    told = subprocess.run(
        [*program, "render", str(tmp_path / "a.npy"), *flags], capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout)["width"] == 181
    assert digest(np.load(tmp_path / "a.npy").tobytes()) == GOLDEN
    listed = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Renders a picture" in listed and "transcode" not in listed
    refused = subprocess.run(
        [*program, "render", "-", "--width", "0"], capture_output=True, text=True, check=False
    )
    assert (refused.returncode, refused.stderr) == (
        2,
        "eitherside: bad_option: 'width' must be from 1 to 16384, not 0 (option --width)\n",
    )


def test_http(fractal: Module, fractal_server: Server) -> None:
    reply = fractal_server.post(f"/v1/render?{as_query(OPTIONS)}", b"")
    assert (reply.status, digest(reply.body)) == (200, GOLDEN)
    assert json.loads(reply.headers["eitherside-result"])["height"] == 120
    assert reply.headers["eitherside-module"] == fractal.sha256
    assert fractal_server.get("/readyz").status == 200
    assert fractal_server.get("/v1/capacity").json["module"]["sha256"] == fractal.sha256
    announced = fractal_server.get("/v1/interface").json
    assert [each["name"] for each in announced["interface"]["functions"]] == ["render"]
    assert fractal_server.get(announced["module"]["url"]).body == fractal.bytes


def test_openapi(fractal: Module, fractal_server: Server) -> None:
    document = fractal_server.get("/openapi.json").json
    validate(document)
    operation = document["paths"]["/v1/render"]["post"]
    function = fractal.interface.functions["render"]
    assert {item["name"] for item in operation["parameters"] if item["in"] == "query"} == set(
        function.properties
    )
    operations = {
        item.get("operationId") for methods in document["paths"].values() for item in methods.values()
    }
    assert "render" in operations and "decode" not in operations


@pytest.mark.parametrize("options", WRONG, ids=str)
def test_the_same_errors(options: dict[str, Any], fractal_host: Host, fractal_server: Server) -> None:
    with pytest.raises(CallError) as caught:
        fractal_host.call("render", options)
    problem = fractal_server.post(f"/v1/render?{as_query(options)}", b"").json
    error = caught.value
    assert (error.code, error.message) == (problem["code"], problem["detail"])
    assert error.option == problem.get("option")


def test_browser(fractal_page: Page) -> None:
    client = Client(fractal_page)
    for place in ("local", "server"):
        assert client.digests("render", options=OPTIONS, place=place) == {"samples": [GOLDEN]}
    # An instance that is kept, and one of its own.
    assert client.digests("render", options=OPTIONS, place="local") == {"samples": [GOLDEN]}
    assert client.digests("render", options=OPTIONS, place="local", memoryLimit=2**24) == {
        "samples": [GOLDEN]
    }
    for options in WRONG:
        local, remote = (
            client.call("render", options=options, place=place)["error"] for place in ("local", "server")
        )
        assert local == remote
        assert local["code"] == "bad_option"
    short = client.call("render", options={"width": 4096, "height": 4096}, place="local", memoryLimit=2**24)
    assert short["error"]["code"] == "memory_limit"


def test_its_cost_is_known_before(fractal_page: Page) -> None:
    client = Client(fractal_page)
    job, places = client.page.evaluate(
        """async (options) => {
          const { job, estimates } = await driver.codec.explain("render", options);
          return [job, estimates.map(({ place, available }) => [place, available])];
        }""",
        {"width": 1000, "height": 500, "iterations": 1000},
    )
    assert (job["kind"], job["bytesOut"]) == ("mandelbrot", 2_000_000)
    assert job["work"] == pytest.approx(0.5 * (180 + 310))
    assert job["memory"] > 2_000_000
    assert ["local", True] in places and ["server", True] in places


TYPED = """import { connect } from "../../client/index";
import type { Functions } from "./fractal";

export async function draw(): Promise<number> {
  const codec = await connect<Functions>();
  const picture = await codec.render({ set: "julia", centre: [0, 0], supersampling: 2 });
  // @ts-expect-error -- no such palette
  await codec.render({ palette: "mauve" });
  // @ts-expect-error -- no such function
  void codec.decode;
  await codec.explain("render", { width: 100 });
  return picture.samples.length + picture.steps + picture.inside;
}
"""


def test_types(fractal: Module, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (STATIC / "node_modules").is_dir():
        pytest.skip("no Node, or the client's packages are not installed (make static)")
    # Below static/, where the client's own sources and settings hold.
    folder = STATIC / "tests" / f".types-{tmp_path.name}"
    folder.mkdir()
    try:
        script = str(STATIC / "scripts" / "types.mjs")
        run = [node, script, "--module", str(fractal.path), "--out", str(folder / "fractal.ts")]
        subprocess.run(run, check=True, cwd=STATIC)
        (folder / "use.ts").write_text(TYPED)
        settings = {
            "extends": "../../tsconfig.json",
            "include": ["use.ts"],
            "compilerOptions": {"noEmit": True},
        }
        (folder / "tsconfig.json").write_text(json.dumps(settings))
        compiler = [node, str(STATIC / "node_modules" / "typescript" / "bin" / "tsc"), "-p", str(folder)]
        checked = subprocess.run(compiler, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, "")
    finally:
        shutil.rmtree(folder)
